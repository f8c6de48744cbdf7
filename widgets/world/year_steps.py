"""The year's steps: one for three hours with departures, and one for each midnight in New York."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from widgets.world.clock import midnight
from widgets.world.departures import Departure, by_hours, departures, end_of_hours

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Step:
    """A moment of which the loop is told, and what has happened by then.

    Attributes
    ----------
    now : datetime
        The moment, UTC: the end of three hours.
    flights : list of Departure
        Their flights, which are asked about before; none if only a day ends.
    begins : date or None
        At a midnight in New York, the day that begins: what has landed by then is known.
    """

    now: datetime
    flights: list[Departure]
    begins: date | None = None


def steps(first: date, last: date, after: datetime | None = None) -> Iterator[Step]:
    """Yield the steps of the days `first` to `last` that come after a moment, in their order.

    Hours in which a midnight lies end with it: that is one step, for the day is over.
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
    for flights in by_hours(departures(day)):
        now = end_of_hours(flights[0].scheduled_at)
        if now < end:
            yield Step(now, flights)
        else:
            late = flights
    yield Step(end, late, day + DAY)
