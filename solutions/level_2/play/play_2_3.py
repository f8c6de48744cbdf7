"""Runs the pipeline once, by hand: the first version in the registry.

Run in the project's folder, after its files are there and pushed. It can be run again.
"""

import sys

from flights.pipeline import main

if __name__ == "__main__":
    sys.exit(main([]))
