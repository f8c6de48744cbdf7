"""Which flights have landed by a day, and the monthly files in which they lie.

A flight is in `data/` from the night after its outcome is known: it has landed, or its scheduled
departure has passed and it was cancelled or diverted.
"""

import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from widgets.base.files import write_atomic
from widgets.world.clock import NEW_YORK, midnight

FLIGHTS = Path(__file__).with_name("flights")


def months_until(day: date) -> list[str]:
    """Return the months of 2013 that have at least one day before `day`: 2013-01, 2013-02, …"""
    last = 12 if day.year > 2013 else day.month - (1 if day.day == 1 else 0)
    return [f"2013-{month:02d}" for month in range(1, last + 1)]


def read_month(month: str, columns: Sequence[str] | None = None) -> pa.Table:
    """Return a month of the year as it will have been, or some of its columns."""
    # Not `read_table`: it loads a query engine and its threads, half of a small process' memory.
    with pq.ParquetFile(FLIGHTS / f"{month}.parquet") as file:
        return file.read(columns=columns, use_threads=False)


def known_by(month: str, day: date) -> pa.ChunkedArray:
    """Return for each flight of `month` whether its outcome is known at midnight before `day`."""
    times = read_month(month, ["landed_at", "scheduled_at"])
    return pc.less(pc.coalesce(times["landed_at"], times["scheduled_at"]), midnight(day))


def write_landed(month: str, day: date, folder: Path) -> int:
    """Write the month's file as it is on `day`, unless it holds that much; return its flights.

    A file never shrinks: what has landed stays, whichever process was there first.
    """
    path = folder / f"{month}.parquet"
    there = rows_in(path) or -1
    if there == rows_in(FLIGHTS / f"{month}.parquet"):
        return there  # the whole month: nothing more can land
    known = known_by(month, day)
    rows = pc.sum(known).as_py()
    if there < rows:
        buffer = io.BytesIO()
        table = read_month(month).filter(known)
        pq.write_table(table, buffer, compression="zstd")
        write_atomic(path, buffer.getvalue())
    return int(rows)


def rows_in(path: Path) -> int | None:
    """Return how many flights a monthly file holds, or None if there is no whole file."""
    try:
        return int(pq.read_metadata(path).num_rows)
    except (FileNotFoundError, pa.ArrowInvalid):
        return None


def last_landing(folder: Path) -> date | None:
    """Return the day on which the newest flight in `folder` landed, in New York."""
    newest = None
    for path in sorted(folder.glob("2013-??.parquet")):
        if rows_in(path):
            last = pc.max(pq.read_table(path, columns=["landed_at"])["landed_at"]).as_py()
            newest = last if newest is None else max(newest, last)
    return None if newest is None else newest.astimezone(ZoneInfo(NEW_YORK)).date()
