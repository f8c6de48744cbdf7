"""The learner's event log as marks: which version was deployed when, and what was rolled back."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, ValidationError

from widgets.dashboard.series import Moment

KINDS = ("deploy", "rollback")
STEPS = ("moved", "done", "undone")
MOST = 200  # change-overs that are kept


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
    """One change-over: at `at` (seconds since 1970) it came to what `label` says."""

    at: float
    label: str
    actor: str


class Marks:
    """The change-overs so far, in the order in which they began.

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
        """Read a line of the log; the steps of one change-over are one mark."""
        if not text.strip():
            return
        try:
            event = Event.model_validate_json(text)
        except ValidationError:
            self.damaged += 1
            return
        if event.kind not in KINDS or event.step not in STEPS or event.version is None:
            return
        at = event.at.timestamp()
        key = event.id or f"{event.kind} {event.version} {at}"
        self._marks[key] = Mark(at, label_of(event), event.actor)
        if len(self._marks) > MOST:
            del self._marks[next(iter(self._marks))]


def label_of(event: Event) -> str:
    """Return what a change-over came to, in three words."""
    if event.step == "undone":
        return f"v{event.version} undone"
    return f"v{event.version} deployed" if event.kind == "deploy" else f"back to v{event.version}"
