"""The learner's event log as marks: what was deployed, tried and rolled back, and what alarmed."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, ValidationError

from widgets.dashboard.series import Moment

# What each step of each kind came to, with the version it is about; other steps are no marks.
LABELS = {
    ("deploy", "moved"): "v{} deployed",
    ("deploy", "done"): "v{} deployed",
    ("deploy", "undone"): "v{} undone",
    ("rollback", "moved"): "back to v{}",
    ("rollback", "done"): "back to v{}",
    ("rollback", "undone"): "v{} undone",
    ("canary", "started"): "v{} tried",
    ("canary", "step"): "v{} tried wider",
    ("canary", "withdrawn"): "v{} withdrawn",
    ("blue-green", "started"): "v{} ready",
    ("blue-green", "switched"): "switch to v{}",
    ("blue-green", "back"): "switch back",
}
CHANGE_OVERS = ("deploy", "rollback")  # all steps of one of these are one mark
DATED = 11  # characters at the end of an alert's id: a dash and the day on which it fired
MOST = 200  # marks that are kept


class Event(BaseModel):
    """A line of the event log, as far as a dashboard wants to know it."""

    model_config = ConfigDict(extra="ignore")

    at: Moment
    kind: str
    step: str = ""
    id: str = ""
    version: int | None = None
    previous: int | None = None
    actor: str = ""


@dataclass(frozen=True)
class Mark:
    """At `at` (seconds since 1970) it came to what `label` says; an alert changes no version."""

    at: float
    label: str
    actor: str
    alert: bool = False


class Marks:
    """What there is to mark so far, in the order in which it began.

    Attributes
    ----------
    damaged : int
        Lines that could not be read.
    """

    def __init__(self) -> None:
        self._marks: dict[str, Mark] = {}
        self.damaged = 0

    def __iter__(self) -> Iterator[Mark]:
        return iter(self._marks.values())

    def add(self, text: bytes) -> None:
        """Read a line of the log; all steps of a change-over are one mark."""
        if not text.strip():
            return
        try:
            event = Event.model_validate_json(text)
        except ValidationError:
            self.damaged += 1
            return
        label = label_of(event)
        if not label:
            return
        at = event.at.timestamp()
        key = event.id or f"{event.kind} {event.version} {at}"
        if event.kind not in CHANGE_OVERS:
            key = f"{key} {label} {at}"
        self._marks[key] = Mark(at, label, event.actor, event.kind == "alert")
        if len(self._marks) > MOST:
            del self._marks[next(iter(self._marks))]


def label_of(event: Event) -> str:
    """Return what an event came to, in three words; empty if it is nothing to mark."""
    if event.kind == "alert" and event.step == "fired":
        return f"alert {event.id[:-DATED] or event.id}"
    if event.version is None:
        return ""
    return LABELS.get((event.kind, event.step), "").format(event.version)
