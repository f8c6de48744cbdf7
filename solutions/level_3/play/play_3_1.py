"""Lets the gate judge the candidate, after the training that the push has started.

Run in the project's folder, after its files are there and pushed. It can be run again.
"""

import sys

from flights.gate import main

if __name__ == "__main__":
    sys.exit(main([]))
