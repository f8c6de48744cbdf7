"""Which flights have landed by a day, and the monthly files in which they lie.

A flight is in `data/` from the night after its outcome is known: it has landed, or its scheduled
departure has passed and it was cancelled or diverted.
"""

import io
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from widgets.base.files import write_atomic
from widgets.world.make_flights import NEW_YORK

FLIGHTS = Path(__file__).with_name("flights")


def months_until(day: date) -> list[str]:
    """Return the months of 2013 that have at least one day before `day`: 2013-01, 2013-02, …"""
    last = 12 if day.year > 2013 else day.month - (1 if day.day == 1 else 0)
    return [f"2013-{month:02d}" for month in range(1, last + 1)]


def landed(month: str, day: date) -> pa.Table:
    """Return the flights of `month` whose outcome is known at midnight before `day`, New York."""
    table = pq.read_table(FLIGHTS / f"{month}.parquet")
    midnight = pd.Timestamp(day, tz=NEW_YORK).tz_convert("UTC")
    known = table["landed_at"].to_pandas().fillna(table["scheduled_at"].to_pandas())
    return table.filter(pa.array(known < midnight))


def write_landed(month: str, day: date, folder: Path) -> int:
    """Write the month's file as it is on `day`, unless it holds that much; return its flights.

    A file never shrinks: what has landed stays, whichever process was there first.
    """
    table = landed(month, day)
    path = folder / f"{month}.parquet"
    if (rows_in(path) or -1) < table.num_rows:
        buffer = io.BytesIO()
        pq.write_table(table, buffer, compression="zstd")
        write_atomic(path, buffer.getvalue())
    return int(table.num_rows)


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
            column = pq.read_table(path, columns=["landed_at"])["landed_at"].to_pandas().max()
            newest = column if newest is None else max(newest, column)
    return None if newest is None else newest.tz_convert(NEW_YORK).date()
