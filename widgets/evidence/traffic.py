"""What the clients saw, summed up in one pass over their log: nothing else of it is kept."""

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from widgets.evidence.event_log import SLACK
from widgets.evidence.traffic_log import Request, Scrape, TrafficLog


@dataclass(frozen=True)
class Traffic:
    """What was read.

    Attributes
    ----------
    where : str
        Where it was read.
    periods : tuple of set
        For the time before the first change-over, and after each of them: who has answered.
    hour : tuple of Request
        The answered requests of the last recorded hour.
    first, last : datetime or None
        When the first and the last answered request were sent.
    asked : tuple of Request
        The answered requests while predictions were logged (see `watch`), oldest first.
    scrapes : tuple of Scrape
        The looks at the counters in that time that were answered, oldest first.
    later : int
        The flights that were answered after that time.
    faults : tuple of str
        What was not believed.
    """

    where: str
    periods: tuple[frozenset[int], ...]
    hour: tuple[Request, ...]
    first: datetime | None
    last: datetime | None
    asked: tuple[Request, ...]
    scrapes: tuple[Scrape, ...]
    later: int
    faults: tuple[str, ...]


def watch(
    log: TrafficLog,
    moves: Sequence[datetime],
    hours: float,
    logged: tuple[datetime, datetime] | None,
) -> Traffic:
    """Sum up the clients' log.

    Parameters
    ----------
    log : TrafficLog
        The log.
    moves : sequence of datetime
        The moments of the change-overs, in order.
    hours : float
        How long the last recorded hour is.
    logged : tuple of datetime, or None
        Since when and until when predictions were logged.

    Raises
    ------
    UnseenError
        If there is no log, or it cannot be read.
    """
    window = timedelta(hours=hours)
    periods: list[set[int]] = [set() for _ in range(len(moves) + 1)]
    hour: deque[Request] = deque()
    asked: list[Request] = []
    scrapes: list[Scrape] = []
    first = last = None
    later = 0
    begin, end = (logged[0], logged[1] + SLACK) if logged else (None, None)
    for line in log.read():
        inside = begin is not None and end is not None and begin <= line.at <= end
        if isinstance(line, Scrape):
            if inside and line.predictions is not None:
                scrapes.append(line)
            continue
        if not line.ok:
            continue
        periods[bisect_right(moves, line.at)].update(version for version, _, _ in line.versions)
        first = min(first or line.at, line.at)
        last = max(last or line.at, line.at)
        hour.append(line)
        while hour[0].at < last - window:
            hour.popleft()
        if inside:
            asked.append(line)
        elif end is not None and line.at > end:
            later += line.flights
    return Traffic(
        log.where,
        tuple(frozenset(period) for period in periods),
        tuple(request for request in hour if last is not None and request.at >= last - window),
        first,
        last,
        tuple(sorted(asked, key=lambda request: request.at)),
        tuple(sorted(scrapes, key=lambda scrape: scrape.at)),
        later,
        tuple(log.faults()),
    )
