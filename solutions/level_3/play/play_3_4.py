"""Goes back to the version that served before, under traffic.

Run in the project's folder, after its files are there and pushed. Each time goes one further back.
"""

import subprocess
import sys
import time

from flights.rollback import main

KIT = (sys.executable, "-m", "widgets.cli")

if __name__ == "__main__":
    words = [*KIT, "traffic", "--serve", "--rate", "10", "--seconds", "12"]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as traffic:
        time.sleep(6)
        code = main(["--reason", "nonsense for one airline since the deployment"])
        traffic.wait()
    sys.exit(code or traffic.returncode)
