"""Waits for what the push deploys; on 21 April runs the one command, under traffic.

Run in the project's folder, after its files are there and pushed. It can be run again.
"""

import subprocess
import sys
import time

from flights.pipeline import main

KIT = (sys.executable, "-m", "widgets.cli")

if __name__ == "__main__":
    subprocess.run([*KIT, "clock", "--to", "2013-04-21"], check=True, capture_output=True)
    words = [*KIT, "traffic", "--serve", "--rate", "10", "--seconds", "25"]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as traffic:
        time.sleep(8)  # some are answered by the version that served before
        code = main([])
        traffic.wait()
    sys.exit(code or traffic.returncode)
