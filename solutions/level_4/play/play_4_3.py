"""Lets deployments go on again, and lets the loop look at the last nights.

Run in the project's folder, after its files are there and pushed. It can be run again.
"""

import sys

from flights import deploy
from flights.loop import main

if __name__ == "__main__":
    deploy.main(["--resume", "--reason", "the airline's feed was mended in April"])
    sys.exit(main(["--nights", "3"]))
