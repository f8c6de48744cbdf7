"""Waits for the training that the push has started.

Run in the project's folder, after its files are there and pushed. It can be run again.
"""

import subprocess
import sys

KIT = (sys.executable, "-m", "widgets.cli")

if __name__ == "__main__":
    sys.exit(subprocess.run([*KIT, "trainings", "--wait"], capture_output=True).returncode)
