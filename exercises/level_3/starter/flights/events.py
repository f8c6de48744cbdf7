"""The event log: what happened in production, one JSON object a line, only ever appended."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from flights.settings import Settings, resolve


@dataclass(frozen=True)
class Event:
    """One line of the log.

    Attributes
    ----------
    at : str
        When it was written, UTC.
    kind : str
        What it is part of: "deploy", "rollback" or "resume" (deployments go on after a rollback).
    step : str
        How far that is: "intent", "moved", "done" or "undone".
    id : str
        The same for all steps of one change-over.
    version, previous : int or None
        Which version serves after it, and which one served before.
    run_id : str or None
        The run that made the version.
    actor, cause : str
        Who, or what, and why.
    event_time : str or None
        The moment of production that it belongs to, UTC, if it belongs to one.
    """

    at: str
    kind: str
    step: str
    id: str
    version: int | None
    previous: int | None
    run_id: str | None
    actor: str
    cause: str
    event_time: str | None = None


def now() -> str:
    """Return the present moment as it stands in the logs: UTC, ISO 8601."""
    return datetime.now(UTC).isoformat()


def events_file(settings: Settings) -> Path:
    """Return where the log lies."""
    return settings.serving / "events.jsonl"


def append(event: Event, settings: Settings) -> None:
    """Write an event at the log's end."""
    append_line(events_file(settings), json.dumps(asdict(event)))


def append_line(file: Path, line: str) -> None:
    """Write a line at a file's end, and be sure that it is on the disk."""
    file.parent.mkdir(parents=True, exist_ok=True)
    text = line + "\n"
    with file.open("ab+") as log:
        if log.tell() and not ends_with_newline(file):
            text = "\n" + text  # a kill left half a line: it stays alone
        log.write(text.encode())
        log.flush()
        os.fsync(log.fileno())


def ends_with_newline(file: Path) -> bool:
    """Return whether the last line of a file is whole."""
    with file.open("rb") as log:
        log.seek(-1, os.SEEK_END)
        return log.read(1) == b"\n"


def write(event: Event, settings: Settings) -> None:
    """Write an event with what the project names as its event_writer."""
    writer: Callable[[Event, Settings], None] = append
    if named := settings.seams.get("event_writer"):
        writer = resolve(named)
    writer(event, settings)


def read_events(settings: Settings) -> list[Event]:
    """Return what the log holds, the oldest first; what a kill left half written is no event."""
    return list(parse(events_file(settings)))


def parse(file: Path) -> Iterator[Event]:
    """Yield the events of a log."""
    if not file.exists():
        return
    names = Event.__dataclass_fields__
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            found = json.loads(line)
            yield Event(**{name: found[name] for name in names if name in found})
        except (ValueError, KeyError, TypeError):
            continue
