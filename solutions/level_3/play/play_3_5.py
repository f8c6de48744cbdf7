"""Lets the rest of the day's traffic run, with a server that writes down what it says.

Run in the project's folder, after its files are there and pushed. It can be run again.
"""

import subprocess
import sys

KIT = (sys.executable, "-m", "widgets.cli")

if __name__ == "__main__":
    # A process keeps the code that it was started with: one that runs knows no log yet.
    subprocess.run([*KIT, "serve", "--stop"], check=True, capture_output=True)
    words = [*KIT, "traffic", "--serve", "--rate", "20", "--seconds", "15"]
    sys.exit(subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode)
