"""Lets the gate judge the candidate, after the training that the push has started.

Run in the project's folder, after its files are there and pushed. It can be run again.
"""

import subprocess
import sys

from flights.gate import main

KIT = (sys.executable, "-m", "widgets.cli")

if __name__ == "__main__":
    subprocess.run([*KIT, "trainings", "--wait"], check=True, capture_output=True)
    sys.exit(main([]))
