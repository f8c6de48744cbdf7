"""What became of the flights: who was late, as soon as it is known, for whoever was asked about it.

The data of the night hold it too; this is how a service hears of it that knows no data.
"""

import io
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from widgets.base.files import write_atomic
from widgets.world.clock import midnight
from widgets.world.landing import months_until, read_month, rows_in

FIRST_MONTH = "2013-04"  # before it nobody was asked about
# Numbers that grow are kept as differences: a third of the size, a fifth of the time.
GROWING = dict.fromkeys(("flight_id", "landed_at"), "DELTA_BINARY_PACKED")
LATE = 15.0  # minutes after the schedule; more than that is late


def write_outcomes(day: date, path: Path) -> int:
    """Write who was late among the flights that have landed by midnight before `day`.

    The file never shrinks, and is written only if there is more to say than it says.

    Returns
    -------
    int
        How many flights' outcomes are known: 0 before 2 April, and then there is no file.
    """
    months = [month for month in months_until(day) if month >= FIRST_MONTH]
    known = [outcomes_of(month, day) for month in months]
    rows: int = sum(table.num_rows for table in known)
    if rows > (rows_in(path) or 0):
        buffer = io.BytesIO()
        table = pa.concat_tables(known)
        pq.write_table(
            table, buffer, compression="zstd", use_dictionary=False, column_encoding=GROWING
        )
        write_atomic(path, buffer.getvalue())
    return rows


def outcomes_of(month: str, day: date) -> pa.Table:
    """Return `flight_id`, `landed_at` (UTC) and `late` of the flights known on `day`.

    A flight that was cancelled or diverted never lands, so it is not there.
    """
    table = read_month(month, ["flight_id", "landed_at", "arr_delay"])
    table = table.filter(pc.less(table["landed_at"], midnight(day)))
    late = pc.greater(table["arr_delay"], LATE)
    return table.select(["flight_id", "landed_at"]).append_column("late", late)
