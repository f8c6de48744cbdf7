"""What the dashboard costs: the first look at a million requests, and each look after it.

Run it with `python lab.py bench dashboard`. Not a test: a machine that is busy or slow makes
nothing red. Read the ratio of a refresh to the first look.
"""

import json
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import psutil

from widgets.base.paths import Layout
from widgets.dashboard import Dashboard
from widgets.dashboard.feed import feed_of

LINES = 1_000_000
RATE = 20  # new lines in a second of live traffic
LOOKS = 30
APRIL = datetime(2013, 4, 1, 4, tzinfo=UTC)


def main() -> int:
    """Measure on a log of a million requests about the days from April to December, and print."""
    with tempfile.TemporaryDirectory(prefix="a bench ") as scratch:
        layout = Layout(Path(scratch))
        layout.serving.mkdir()
        began = datetime.now(UTC) - timedelta(seconds=LINES / 1000)
        with layout.traffic_log.open("w") as file:
            for number in range(LINES):
                file.write(line(began + timedelta(milliseconds=number), number))
        size = layout.traffic_log.stat().st_size / 2**20
        before = psutil.Process().memory_info().rss
        first = seconds_of(feed_of(layout).refresh)
        kept = (psutil.Process().memory_info().rss - before) / 2**20
        widget = Dashboard(layout, follow=False)
        quiet = float(np.median([seconds_of(widget.look) for _ in range(LOOKS)]))
        live = []
        for look in range(LOOKS):
            with layout.traffic_log.open("a") as file:
                for number in range(RATE):
                    file.write(line(datetime.now(UTC), LINES - RATE * look + number))
            live.append(seconds_of(widget.look))
        widget.close()
    print(f"{LINES:,} lines, {size:.0f} MB, 275 days")
    print(
        f"  the first look        {first:8.2f} s   {first / LINES * 1e6:.1f} µs a line, "
        f"{kept:.0f} MB kept"
    )
    print(f"  a look, nothing new   {quiet * 1e3:8.2f} ms  1/{first / quiet:,.0f} of the first")
    slow = float(np.median(live))
    print(f"  a look, {RATE} new lines {slow * 1e3:8.2f} ms  1/{first / slow:,.0f} of the first")
    return 0


def line(at: datetime, number: int) -> str:
    """Return a request's line; a version answers for a tenth of the year."""
    day = APRIL + timedelta(days=275 * number / LINES)
    said = {
        "at": at.isoformat(),
        "event_time": day.isoformat(),
        "flights": 1,
        "first": number,
        "last": number,
        "ok": number % 1000 > 0,
        "status": 200,
        "ms": 5 + number % 97 / 10,
        "versions": {str(number * 10 // LINES): [1, number % 31 / 100]},
        "repeated": 0,
        "error": "",
    }
    return json.dumps(said) + "\n"


def seconds_of(work: object) -> float:
    """Return how long a call takes."""
    assert callable(work)
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    raise SystemExit(main())
