"""The clients' log as series: by second of the wall clock, and by day on which the flights leave.

A line is read once. What is kept is a tally for each of the last seconds and for each day.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from widgets.dashboard.tally import Tally, together
from widgets.world.clock import NEW_YORK

SECONDS = 120  # so many of the last seconds are shown
DAYS = 400  # and so many days are kept; the world has 275 with traffic
MONDAY = 1  # the ordinal of one
AHEAD = 3600.0  # seconds; a line from further in the future is damaged
Steps = list[tuple[int, Tally]]
Moment = Annotated[
    AwareDatetime,
    Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2100, 1, 1, tzinfo=UTC)),
]
Flights = Annotated[int, Field(ge=0, le=1_000_000)]
Sum = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]


class Line(BaseModel):
    """A line of the clients' log: a request, or a look at the server's counters (`scrape`)."""

    model_config = ConfigDict(extra="ignore")

    at: Moment
    scrape: bool = False
    ok: bool
    ms: float = Field(ge=0, allow_inf_nan=False)
    event_time: Moment | None = None
    versions: dict[str, tuple[Flights, Sum]] = {}


class Series:
    """What the lines came to so far.

    Attributes
    ----------
    seconds : dict of int to Tally
        By second since 1970; about the last 120 of them.
    days : dict of date to Tally
        By New York's day of the flights that were asked about.
    versions : list of str
        The model's versions in the order in which they first answered.
    requests, failed : int
        All requests so far, and those without a good answer.
    damaged : int
        Lines that could not be read.
    """

    def __init__(self) -> None:
        self.seconds: dict[int, Tally] = {}
        self.days: dict[date, Tally] = {}
        self.versions: list[str] = []
        self.requests = 0
        self.failed = 0
        self.damaged = 0

    def add(self, text: bytes, now: float) -> None:
        """Count a line of the log, read at `now` (seconds since 1970)."""
        if not text.strip():
            return
        try:
            line = Line.model_validate_json(text)
        except ValidationError:
            self.damaged += 1
            return
        at = line.at.timestamp()
        if line.scrape:
            return
        if line.event_time is None or at > now + AHEAD:
            self.damaged += 1
            return
        self.requests += 1
        self.failed += not line.ok
        for version in line.versions:
            if version not in self.versions:
                self.versions.append(version)
        day = day_of(int(line.event_time.timestamp()) // 3600)
        for tally in (self._second(int(at)), self._day(day)):
            tally.add(at, line.ok, line.ms, line.versions)

    def window(self, until: int) -> Steps:
        """Return the last 120 seconds up to `until`, none left out, from the first request on."""
        kept = [second for second in self.seconds if until - SECONDS < second <= until]
        if not kept:
            return []
        steps = range(min(kept), min(max(kept), until) + 1)
        return [(second, self.seconds.get(second, Tally())) for second in steps]

    def all_days(self) -> Steps:
        """Return the days with traffic, by their ordinals, in order."""
        return [(day.toordinal(), self.days[day]) for day in sorted(self.days)]

    def _second(self, second: int) -> Tally:
        if (known := self.seconds.get(second)) is not None:
            return known
        tally = self.seconds[second] = Tally()
        if len(self.seconds) > SECONDS * 4:
            oldest = max(self.seconds) - SECONDS - 1  # a second more than is shown
            self.seconds = {x: kept for x, kept in self.seconds.items() if x >= oldest}
        return tally

    def _day(self, day: date) -> Tally:
        if (known := self.days.get(day)) is not None:
            return known
        tally = self.days[day] = Tally()
        if len(self.days) > DAYS:
            del self.days[min(self.days)]
        return tally


def grouped(steps: Iterable[tuple[int, Tally]], width: int, first: int) -> Steps:
    """Return steps put together, `width` at a time, each under the number it begins with.

    A group begins at `first`. Days in sevens, from MONDAY on, are weeks.
    """
    groups: dict[int, list[Tally]] = {}
    for x, tally in steps:
        groups.setdefault(x - (x - first) % width, []).append(tally)
    return [(x, together(group)) for x, group in sorted(groups.items())]


@lru_cache(maxsize=20_000)
def day_of(hour: int) -> date:
    """Return New York's day in an hour that is counted from 1970."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
    return moment.astimezone(ZoneInfo(NEW_YORK)).date()
