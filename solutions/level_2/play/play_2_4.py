"""Makes the first candidate the champion, with a reason.

Run in the project's folder, after its files are there and pushed. It can be run again.
"""

import sys

from flights.registry import main

if __name__ == "__main__":
    sys.exit(main(["--champion", "candidate", "--reason", "the first version: there is no other"]))
