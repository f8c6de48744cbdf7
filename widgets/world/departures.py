"""The flights about which somebody asks: as they are known at their scheduled departure.

Nobody knows yet which of them will be late, cancelled or diverted, so all are asked about.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

import pyarrow as pa

from widgets.world.clock import LAST_DAY, midnight
from widgets.world.landing import read_month

PLANNED = ["flight_id", "scheduled_at", "carrier", "origin", "dest", "distance"]
WEATHER = ["temp", "dewp", "humid", "wind_speed", "wind_gust", "precip", "pressure", "visib"]
MOST = 1000  # flights in one request
HOURS = 3  # of which one request asks where months pass: with single ones it takes twice as long


@dataclass(frozen=True)
class Departure:
    """One flight: its number, its scheduled departure (UTC), and what is sent about it."""

    flight_id: int
    scheduled_at: datetime
    sent: dict[str, object]


def end_of_hours(moment: datetime) -> datetime:
    """Return when the three hours are over in which a moment (UTC) lies."""
    begin = moment.replace(minute=0, second=0, microsecond=0)
    return begin + timedelta(hours=HOURS - begin.hour % HOURS)


def departures(day: date) -> list[Departure]:
    """Return the flights that are scheduled on `day`, New York, in order of departure."""
    if day >= LAST_DAY:
        return []
    table = read_month(f"{day:%Y-%m}", [*PLANNED, *WEATHER])
    # Moments as whole milliseconds: for others Arrow imports pandas, half of a small process.
    moments = table["scheduled_at"].cast(pa.int64())
    table = table.set_column(1, "scheduled_at", moments)
    days = (day, day + timedelta(days=1))
    first, end = (bisect_left(moments.to_pylist(), milliseconds(each)) for each in days)
    return [departure(row) for row in table.slice(first, end - first).to_pylist()]


def milliseconds(day: date) -> int:
    """Return when `day` begins in New York, as the flights' times are kept."""
    return int(midnight(day).timestamp()) * 1000


def departure(row: dict[str, Any]) -> Departure:
    """Return a flight of the year as it is asked about."""
    moment = datetime.fromtimestamp(row["scheduled_at"] / 1000, UTC)
    sent = row | {"scheduled_at": f"{moment:%Y-%m-%dT%H:%M:%SZ}"}
    return Departure(row["flight_id"], moment, sent)


def by_hours(
    flights: Sequence[Departure], without: Collection[int] = ()
) -> Iterator[list[Departure]]:
    """Yield each three hours' departures as one question, without those that were asked already.

    The flights of one question follow one another; so its first and its last say which they are.
    """
    for _, together in groupby(flights, key=lambda flight: end_of_hours(flight.scheduled_at)):
        question: list[Departure] = []
        for flight in together:
            if flight.flight_id in without or len(question) == MOST:
                if question:
                    yield question
                question = []
            if flight.flight_id not in without:
                question.append(flight)
        if question:
            yield question
