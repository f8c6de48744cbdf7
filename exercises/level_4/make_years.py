"""Makes `checks/years.parquet`: a model that nobody touches, on the real year and shuffled ones.

In each year a model of the course learns from the first 83 days (to 24 March) and is asked about
the days from 1 April on. A shuffled year has its days in random order, by its seed: a storm is
still a whole day, but no season is left, so nothing drifts. Run it where the project of the
solution can be imported: ``python make_years.py PROJECT FLIGHTS OUT``.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

YEARS = 20
LEARNED, ASKED = 83, 90  # days: learned from the first 83, asked from the 91st on


def main(project: Path, flights: Path, out: Path) -> None:
    """Write one row a year and day: how many flights, how many late, the sum of their losses."""
    sys.path.insert(0, str(project))
    from flights.contract import check_months
    from flights.facts import losses
    from flights.features import is_late, labelled
    from flights.reference import local_day
    from flights.train import train

    tables = {path.stem: pd.read_parquet(path) for path in sorted(flights.glob("2013-*.parquet"))}
    known = labelled(check_months(tables))
    day = pd.to_datetime(local_day(known["scheduled_at"]))
    number = ((day - pd.Timestamp("2013-01-01")).dt.days).to_numpy()
    found = []
    for year in range(YEARS + 1):
        order = np.arange(365) if year == 0 else np.random.default_rng(year).permutation(365)
        place = order[number]  # on which day of this year a flight's day falls
        model = train(known[place < LEARNED])
        asked = known[place >= ASKED]
        rows = pd.DataFrame(
            {
                "day": place[place >= ASKED],
                "flights": 1,
                "late": is_late(asked).to_numpy(),
                "loss": losses(model, asked),
            }
        )
        found.append(rows.groupby("day", as_index=False).sum().assign(year=year))
    table = pd.concat(found, ignore_index=True)
    table["loss"] = table["loss"].round(4)
    table.astype({"day": "int16", "flights": "int16", "late": "int16", "year": "int8"}).to_parquet(
        out, compression="zstd", index=False
    )


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
