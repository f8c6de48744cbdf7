"""Runs the sweep and tracks it, once the training that the push has started is over.

Run in the project's folder, after its files are there and pushed. It can be run again.
"""

import subprocess
import sys

from flights.sweep import main

KIT = (sys.executable, "-m", "widgets.cli")

if __name__ == "__main__":
    subprocess.run([*KIT, "trainings", "--wait"], check=True, capture_output=True)
    sys.exit(main(["--jobs", "1"]))
