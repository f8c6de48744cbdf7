"""Lets the gate judge the candidate, after the training that the push has started.

Run in the project's folder, after its files are there and pushed. It can be run again.
"""

import subprocess
import sys

from flights.gate import main

if __name__ == "__main__":
    wait = [sys.executable, "-m", "widgets.cli", "trainings", "--wait"]
    subprocess.run(wait, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    sys.exit(main([]))
