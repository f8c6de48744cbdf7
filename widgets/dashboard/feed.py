"""The two logs, read as they grow, and what there is to show of them at a moment."""

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from widgets.base.paths import Layout
from widgets.dashboard.growing import GrowingFile
from widgets.dashboard.marks import Mark, Marks
from widgets.dashboard.series import MONDAY, Series, Steps, grouped
from widgets.dashboard.tally import Point

Axis = Literal["now", "days"]
AXES: tuple[Axis, ...] = ("now", "days")
ROWS = 31  # a table of more days than these goes by weeks


@dataclass(frozen=True)
class Board:
    """All that a dashboard shows, on one of the two axes of time.

    Attributes
    ----------
    axis : str
        "now": steps are seconds of the wall clock; "days": days on which the flights leave.
    points, rows : tuple of Point
        The steps, for a drawing; the same in coarser steps, for a table.
    width : int
        How many steps make one of the rows.
    marks : tuple of (int, Mark)
        The marks that can be seen on this axis, each at its step.
    versions : tuple of str
        The model's versions in the order in which they first answered.
    requests, failed : int
        All requests in the log, and those without a good answer.
    changes, alerts : tuple of str
        All change-overs and trials of versions in the log, and all alerts, in order.
    problems : tuple of str
        What could not be read.
    """

    axis: Axis
    points: tuple[Point, ...]
    rows: tuple[Point, ...]
    width: int
    marks: tuple[tuple[int, Mark], ...]
    versions: tuple[str, ...]
    requests: int
    failed: int
    changes: tuple[str, ...]
    alerts: tuple[str, ...]
    problems: tuple[str, ...]


class Feed:
    """The logs of one workspace; threads may share it.

    Parameters
    ----------
    layout : Layout
        The workspace. Its files are read; nothing is written, and the server is not asked.
    """

    def __init__(self, layout: Layout) -> None:
        self._turn = threading.Lock()
        self._traffic = GrowingFile(layout.traffic_log)
        self._events = GrowingFile(layout.events_log)
        self._series = Series()
        self._marks = Marks()
        self._serial = 0

    def refresh(self) -> int:
        """Read what is new; return a number that grows whenever there was something."""
        with self._turn:
            if self._traffic.changed() or self._events.changed():
                self._read(time.time())
                self._serial += 1
            return self._serial

    def unfinished(self) -> bool:
        """Return whether the newest second is still going on, and so not shown."""
        with self._turn:
            return bool(self._series.seconds) and max(self._series.seconds) >= int(time.time())

    def board(self, axis: Axis) -> Board:
        """Return what there is to show now."""
        with self._turn:
            if axis == "days":
                steps = self._series.all_days()
                width = 7 if len(steps) > ROWS else 1
                rows = grouped(steps, width, MONDAY)
            else:
                newest = max(self._series.seconds, default=0)
                steps, width = self._series.window(min(newest, int(time.time()) - 1)), 10
                rows = grouped(steps, width, 0)
            return Board(
                axis=axis,
                points=points(steps),
                rows=points(rows),
                width=width,
                marks=tuple(self._placed(axis, steps)),
                versions=tuple(self._series.versions),
                requests=self._series.requests,
                failed=self._series.failed,
                changes=tuple(mark.label for mark in self._marks if not mark.alert),
                alerts=tuple(mark.label for mark in self._marks if mark.alert),
                problems=tuple(self._problems()),
            )

    def weeks(self) -> Steps:
        """Return the weeks of the flights' days, by the ordinals of their Mondays."""
        with self._turn:
            return grouped(self._series.all_days(), 7, MONDAY)

    def days(self) -> list[int]:
        """Return the ordinals of the days about which somebody asked."""
        with self._turn:
            return [x for x, _ in self._series.all_days()]

    def _read(self, now: float) -> None:
        if self._traffic.replaced():
            self._series = Series()
        for line in self._traffic.lines():
            self._series.add(line, now)
        if self._events.replaced():
            self._marks = Marks()
        for line in self._events.lines():
            self._marks.add(line)

    def _placed(self, axis: Axis, steps: Steps) -> Iterable[tuple[int, Mark]]:
        if not steps:
            return
        for mark in self._marks:
            if axis == "now":
                if steps[0][0] <= int(mark.at) <= steps[-1][0]:
                    yield int(mark.at), mark
                continue
            # The day in which the next request after it was sent: there it is felt first.
            after = [(tally.last, x) for x, tally in steps if tally.last >= mark.at]
            yield (min(after)[1] if after else steps[-1][0]), mark

    def _problems(self) -> Iterable[str]:
        for name, damaged in (
            ("traffic.jsonl", self._series.damaged),
            ("events.jsonl", self._marks.damaged),
        ):
            if damaged:
                lines = "1 line" if damaged == 1 else f"{damaged:,} lines"
                yield f"{lines} of serving/{name} could not be read and {_were(damaged)} left out."


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def points(steps: Steps) -> tuple[Point, ...]:
    """Return steps as they are drawn."""
    return tuple(tally.point(x) for x, tally in steps)


@cache
def feed_of(layout: Layout) -> Feed:
    """Return the feed of a workspace: one for all that shows it, so that it is read once."""
    return Feed(layout)
