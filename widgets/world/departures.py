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


@dataclass(frozen=True)
class Departure:
    """One flight: its number, its scheduled departure (UTC), and what is sent about it."""

    flight_id: int
    scheduled_at: datetime
    sent: dict[str, object]


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


def by_hour(
    flights: Sequence[Departure], without: Collection[int] = (), hours: int = 1
) -> Iterator[list[Departure]]:
    """Yield each hour's departures as one question, without those that were asked already.

    With `hours` it is those of so many: they begin where the hour (UTC) is a multiple of it.
    The flights of one question follow one another; so its first and its last say which they are.
    """

    def begin(flight: Departure) -> datetime:
        moment = flight.scheduled_at
        return moment.replace(hour=moment.hour - moment.hour % hours, minute=0)

    for _, together in groupby(flights, key=begin):
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
