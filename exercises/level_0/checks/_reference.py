"""The flights of January to March as the check of 0.3 sees them, and the windows of days."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import pandas as pd

NUMERIC = [
    *("hour", "weekday", "distance", "temp", "dewp", "humid", "wind_speed", "wind_gust"),
    *("precip", "pressure", "visib"),
]
CATEGORICAL = ["carrier", "origin", "dest"]
NEW_YORK = "America/New_York"
MORNING_OF_1_APRIL = pd.Timestamp("2013-04-01", tz=NEW_YORK)


@dataclass(frozen=True)
class Known:
    """The flights with a known arrival: features, outcome, and the day by either clock."""

    features: pd.DataFrame
    late: pd.Series
    day: pd.Series
    utc_day: pd.Series
    landed_at: pd.Series

    def between(self, first: date, last: date) -> pd.Series:
        """Return which flights were scheduled on these days, both included, in New York."""
        return (self.day >= first) & (self.day <= last)


@cache
def known_flights(folder: Path) -> Known:
    """Return the labelled flights of January to March in a folder of monthly files."""
    months = [pd.read_parquet(folder / f"2013-0{number}.parquet") for number in (1, 2, 3)]
    flights = pd.concat(months, ignore_index=True).dropna(subset=["arr_delay"])
    local = flights["scheduled_at"].dt.tz_convert(NEW_YORK)
    frame = flights.assign(hour=local.dt.hour, weekday=local.dt.day_of_week)
    return Known(
        features=frame[NUMERIC + CATEGORICAL].astype(dict.fromkeys(NUMERIC, "float64")),
        late=(flights["arr_delay"] > 15).astype(int),
        day=local.dt.date,
        utc_day=flights["scheduled_at"].dt.date,
        landed_at=flights["landed_at"],
    )


def training_rows(known: Known) -> pd.Series:
    """Return the rows to train on: 1 January to 24 March."""
    return known.between(date(2013, 1, 1), date(2013, 3, 24))


def judging_rows(known: Known) -> pd.Series:
    """Return the rows to judge on: 25 to 31 March, as far as they had landed by 1 April."""
    return known.between(date(2013, 3, 25), date(2013, 3, 31)) & (
        known.landed_at < MORNING_OF_1_APRIL
    )


def other_windows(known: Known) -> dict[str, pd.Series]:
    """Return the rows that people train on by mistake, likeliest first, by what it is called."""
    by_utc = (known.utc_day >= date(2013, 1, 1)) & (known.utc_day <= date(2013, 3, 24))
    landed = known.landed_at < MORNING_OF_1_APRIL
    return {
        "1 January to 31 March, the judging days too": known.between(
            date(2013, 1, 1), date(2013, 3, 31)
        )
        & landed,
        "1 January to 23 March: 24 March is missing": known.between(
            date(2013, 1, 1), date(2013, 3, 23)
        ),
        "1 January to 25 March: one day too many": known.between(
            date(2013, 1, 1), date(2013, 3, 25)
        ),
        "1 to 24 March only": known.between(date(2013, 3, 1), date(2013, 3, 24)),
        "January and February only": known.between(date(2013, 1, 1), date(2013, 2, 28)),
        "1 January to 24 March by the date in UTC, not in New York": by_utc,
        "the whole of March": known.between(date(2013, 3, 1), date(2013, 3, 31)) & landed,
        "2 January to 24 March: 1 January is missing": known.between(
            date(2013, 1, 2), date(2013, 3, 24)
        ),
        "25 to 31 March, the judging days": known.between(date(2013, 3, 25), date(2013, 3, 31))
        & landed,
        "January only": known.between(date(2013, 1, 1), date(2013, 1, 31)),
    }
