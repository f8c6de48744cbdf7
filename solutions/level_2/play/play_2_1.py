"""Trains once, by hand, and tracks it: what exercise 2.1 asks for.

Run in the project's folder, after its files are there and pushed. It can be run again.
"""

import sys

from flights.tracking import main

if __name__ == "__main__":
    sys.exit(main([]))
