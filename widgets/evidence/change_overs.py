"""Makes change-overs of events: which version was to serve from when on, and by whom."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from widgets.evidence.event_log import ENDS, SLACK, Event

WHOLE = ("intent", "moved", "done")
LONGEST = timedelta(seconds=15)  # that a running server may take until it answers with it
NEAREST = 50  # change-overs that are looked at around an answer


@dataclass(frozen=True)
class ChangeOver:
    """All steps with one id, in the order of the log."""

    steps: tuple[Event, ...]

    @property
    def first(self) -> Event:
        """The step that came first; its cause is the reason that somebody gave."""
        return self.steps[0]

    @property
    def whole(self) -> bool:
        """Whether it is intent, moved, done, of one version and one actor."""
        same = {(e.kind, e.version, e.previous, e.run_id, e.actor) for e in self.steps}
        return tuple(event.step for event in self.steps) == WHOLE and len(same) == 1

    def __str__(self) -> str:
        return f"version {self.first.version} on {self.first.at:%Y-%m-%d}"


@dataclass(frozen=True)
class Standing:
    """From a moment on one version is to serve.

    Attributes
    ----------
    id : str
        Of the change-over that brought it.
    begun : datetime
        From when on it may answer: the alias moves between the intent and its line.
    since : datetime
        When the alias had moved.
    settled : datetime
        From when on no other may answer any more.
    version : int or None
        None: no version at all.
    """

    id: str
    begun: datetime
    since: datetime
    settled: datetime
    version: int | None


class Timeline:
    """Which version was to serve from when on, as the event log says it.

    Parameters
    ----------
    events : sequence of Event
        In the order of the log.

    Attributes
    ----------
    standings : list of Standing
        Oldest first.
    """

    def __init__(self, events: Sequence[Event]) -> None:
        self.standings = standings(events)
        self.moves = [standing.since for standing in self.standings]
        self._begun = [standing.begun - SLACK for standing in self.standings]
        self._trials = trials(events)

    def allowed(self, since: datetime, until: datetime) -> set[int | None] | None:
        """Return the versions that may have answered between two moments.

        Around a change-over that is both, while a candidate is tried it is the candidate too.
        None: nothing had been brought into service yet.
        """
        if not self.moves or since < self.moves[0]:
            return None
        latest = bisect_right(self._begun, until)
        versions: set[int | None] = set()
        for standing in reversed(self.standings[max(0, latest - NEAREST) : latest]):
            versions.add(standing.version)
            if standing.settled < since:
                break
        return versions | {
            trial.version for trial in self._trials if trial.begun <= until and since <= trial.ended
        }


@dataclass(frozen=True)
class Trial:
    """From one moment to another a candidate may answer beside the champion."""

    version: int | None
    begun: datetime
    ended: datetime


def trials(events: Sequence[Event]) -> list[Trial]:
    """Return the rollouts of an event log: canaries, and blue/green."""
    ends = {event.id: event.at for event in events if event.step in ENDS}
    latest = datetime.max.replace(tzinfo=UTC)
    return [
        Trial(event.version, event.at - LONGEST, ends.get(event.id, latest - LONGEST) + LONGEST)
        for event in events
        if event.kind in ("canary", "blue-green") and event.step == "started"
    ]


def change_overs(events: Sequence[Event]) -> list[ChangeOver]:
    """Return the deployments and rollbacks, in the order in which they began."""
    steps: dict[str, list[Event]] = {}
    for event in events:
        if event.kind in ("deploy", "rollback"):
            steps.setdefault(event.id, []).append(event)
    return [ChangeOver(tuple(each)) for each in steps.values()]


def standings(events: Sequence[Event]) -> list[Standing]:
    """Return which version was to serve from when on, oldest first."""
    found: list[Standing] = []
    begun: dict[str, datetime] = {}
    moved: set[str] = set()
    ends = {event.id: event.at for event in events if event.step in ("done", "undone")}
    for event in events:
        if event.kind not in ("deploy", "rollback"):
            continue
        begun.setdefault(event.id, event.at)
        since = max(event.at, found[-1].since) if found else event.at
        if event.step == "moved":
            moved.add(event.id)
            early = max(begun[event.id], found[-1].begun) if found else begun[event.id]
            end = min(max(ends.get(event.id, since), since), since + LONGEST)
            found.append(Standing(event.id, min(early, since), since, end + SLACK, event.version))
        elif event.step == "undone" and event.id in moved:
            found.append(Standing(event.id, since, since, since + SLACK, event.previous))
    return found
