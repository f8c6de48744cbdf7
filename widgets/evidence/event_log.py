"""Reads the event log, `serving/events.jsonl`: what its project says happened in production."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from widgets.evidence.json_lines import JsonLines

MOST = 2_000_000  # bytes that are read, the newest: some seven thousand events
SLACK = timedelta(seconds=5)  # clocks are set right now and then
CHANGES = {"intent", "moved", "done", "undone"}
ENDS = {"promoted", "withdrawn", "ended"}
STEPS = {
    **dict.fromkeys(("deploy", "rollback", "hold", "resume"), CHANGES),
    "canary": {"started", *ENDS},
    "blue-green": {"started", *ENDS},
}
Number = Annotated[int, Field(ge=1, lt=2**31)]
Moment = Annotated[AwareDatetime, Field(gt=datetime(2000, 1, 1, tzinfo=UTC))]


class Event(BaseModel):
    """One line: a step of a change-over or of a rollout, or that deployments are held or go on."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    at: Moment
    kind: str
    step: str
    id: str = Field(min_length=1, max_length=64)
    version: Number | None
    previous: Number | None
    run_id: str | None
    actor: str
    cause: str


class _Named(BaseModel):
    """What every line says of itself."""

    kind: str
    step: str = ""


@dataclass(frozen=True)
class EventLog:
    """What was read.

    Attributes
    ----------
    where : str
        Where it was read.
    events : tuple of Event
        In the order of the file, which only grows; their times do not go back.
    faults : tuple of str
        A sentence for each kind of line that was not believed.
    """

    where: str
    events: tuple[Event, ...] = ()
    faults: tuple[str, ...] = ()


def read_events(file: Path, now: datetime) -> EventLog:
    """Return the events of a log.

    Lines of a kind or step that is not known here are let by. A line that cannot be understood,
    that is of a time to come, or earlier than the one before it, is not believed.

    Raises
    ------
    UnseenError
        If there is no log, or it cannot be read.
    """
    lines = JsonLines(file, MOST)
    read = [event for event in lines.read(_parse) if event is not None]
    events: list[Event] = []
    ahead = back = 0
    for event in read:
        if event.at > now + SLACK:
            ahead += 1
        elif events and event.at < events[-1].at - SLACK:
            back += 1
        else:
            events.append(event)
    faults = lines.faults()
    if ahead:
        faults.append(f"{ahead} of a time to come in {lines.where}")
    if back:
        faults.append(f"{back} with a time before that of the line above in {lines.where}")
    return EventLog(lines.where, tuple(events), tuple(faults))


def _parse(line: bytes) -> Event | None:
    named = _Named.model_validate_json(line)
    if named.step not in STEPS.get(named.kind, ()):
        return None
    return Event.model_validate_json(line)
