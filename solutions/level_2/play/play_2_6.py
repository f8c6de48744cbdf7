"""Runs the sweep and tracks it, once the training that the push has started is over.

Run in the project's folder, after its files are there and pushed. It can be run again.
"""

import sys

from flights.sweep import main

if __name__ == "__main__":
    sys.exit(main(["--jobs", "1"]))
