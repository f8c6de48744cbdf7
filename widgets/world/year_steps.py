"""The year's steps: one for each hour with departures, and one for each midnight in New York."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from widgets.world.clock import midnight
from widgets.world.departures import Departure, by_hour, departures

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Step:
    """A moment of which the loop is told, and what has happened by then.

    Attributes
    ----------
    now : datetime
        The moment, UTC: the end of an hour.
    flights : list of Departure
        The flights of that hour, which are asked about before; none if only a day ends.
    begins : date or None
        At a midnight in New York, the day that begins: what has landed by then is known.
    """

    now: datetime
    flights: list[Departure]
    begins: date | None = None


def steps(first: date, last: date, after: datetime | None = None) -> Iterator[Step]:
    """Yield the steps of the days `first` to `last` that come after a moment, in their order.

    An hour that ends at midnight and that midnight are one step, for they are one moment.
    """
    day = first
    while day <= last:
        if after is None or midnight(day + DAY) > after:
            yield from (step for step in steps_of(day) if after is None or step.now > after)
        day += DAY


def steps_of(day: date) -> Iterator[Step]:
    """Yield the steps of one day, New York."""
    end = midnight(day + DAY)
    late: list[Departure] = []
    for flights in by_hour(departures(day)):
        now = flights[0].scheduled_at.replace(minute=0, second=0, microsecond=0) + HOUR
        if now < end:
            yield Step(now, flights)
        else:
            late = flights
    yield Step(end, late, day + DAY)
