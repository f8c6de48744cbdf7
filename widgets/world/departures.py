"""The flights about which somebody asks: as they are known at their scheduled departure.

Nobody knows yet which of them will be late, cancelled or diverted, so all are asked about.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

import pyarrow.compute as pc
import pyarrow.parquet as pq

from widgets.world.clock import midnight
from widgets.world.landing import FLIGHTS

PLANNED = ["flight_id", "scheduled_at", "carrier", "origin", "dest", "distance"]
WEATHER = ["temp", "dewp", "humid", "wind_speed", "wind_gust", "precip", "pressure", "visib"]
MOST = 1000  # flights in one request


@dataclass(frozen=True)
class Departure:
    """One flight: its number, its scheduled departure (UTC), and what is sent about it."""

    flight_id: int
    scheduled_at: datetime
    sent: dict[str, object]


def departures(day: date) -> list[Departure]:
    """Return the flights that are scheduled on `day`, New York, in order of departure."""
    path = FLIGHTS / f"{day:%Y-%m}.parquet"
    if not path.exists():
        return []
    table = pq.read_table(path, columns=[*PLANNED, *WEATHER])
    since = pc.greater_equal(table["scheduled_at"], midnight(day))
    until = pc.less(table["scheduled_at"], midnight(day + timedelta(days=1)))
    rows = table.filter(pc.and_(since, until)).to_pylist()
    return [
        Departure(row["flight_id"], row["scheduled_at"], row | {"scheduled_at": iso(row)})
        for row in rows
    ]


def iso(row: dict[str, datetime]) -> str:
    """Return a row's scheduled departure as it is sent: 2013-04-01T09:00:00Z."""
    return f"{row['scheduled_at']:%Y-%m-%dT%H:%M:%SZ}"


def by_hour(
    flights: Sequence[Departure], without: Collection[int] = ()
) -> Iterator[list[Departure]]:
    """Yield each hour's departures as one question, without those that were asked already.

    The flights of one question follow one another; so its first and its last say which they are.
    """
    for _, hour in groupby(flights, key=lambda each: each.scheduled_at.replace(minute=0)):
        question: list[Departure] = []
        for flight in hour:
            if flight.flight_id in without or len(question) == MOST:
                if question:
                    yield question
                question = []
            if flight.flight_id not in without:
                question.append(flight)
        if question:
            yield question
