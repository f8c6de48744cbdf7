"""Waits for what the push deploys; on 21 April runs the one command, under traffic.

Run in the project's folder, after its files are there and pushed. It can be run again.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from flights.pipeline import main

KIT = (sys.executable, "-m", "widgets.cli")
ASKED = Path(os.environ["MATURITY_WORKSPACE"], "serving", "traffic.jsonl")
START_SECONDS = 60


def lines() -> int:
    """Return how many requests the clients have written down."""
    return ASKED.read_bytes().count(b"\n") if ASKED.exists() else 0


if __name__ == "__main__":
    subprocess.run([*KIT, "clock", "--to", "2013-04-21"], check=True, capture_output=True)
    words = [*KIT, "traffic", "--serve", "--rate", "10", "--seconds", "25"]
    before, until = lines(), time.monotonic() + START_SECONDS
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as traffic:
        # Some are answered by the version that served before.
        while lines() < before + 3 and traffic.poll() is None and time.monotonic() < until:
            time.sleep(0.1)
        code = main([])
        traffic.wait()
    sys.exit(code or traffic.returncode)
