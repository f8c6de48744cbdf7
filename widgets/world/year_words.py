"""What is said of the year while it runs: how far it is, and a line for each event of the loop."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from widgets.base.paths import Layout
from widgets.world.clock import NEW_YORK

# Steps on the way to one that is told.
HIDDEN = {("deploy", "intent"), ("deploy", "moved"), ("rollback", "intent"), ("rollback", "moved")}
LONGEST = 160  # characters of a line


@dataclass(frozen=True)
class YearProgress:
    """How far the year is.

    Attributes
    ----------
    days, of : int
        The days that have passed, and those of the year.
    now : datetime or None
        The moment in the world; None before the first hours are over.
    requests, failed : int
        The questions asked, and those that nobody answered well.
    line : str
        What is to be told for good: an event of the loop, or what is being done; or nothing.
    """

    days: int
    of: int
    now: datetime | None = None
    requests: int = 0
    failed: int = 0
    line: str = ""

    def __str__(self) -> str:
        """Return the date and the requests."""
        at = f"{when(self.now)}  " if self.now else ""
        return f"{at}{self.requests:,} requests, {self.failed:,} failed"


def local(now: datetime) -> datetime:
    """Return a moment as New York's clocks show it."""
    return now.astimezone(ZoneInfo(NEW_YORK))


def when(now: datetime) -> str:
    """Return a moment as people in New York say it."""
    return f"{local(now).day} {local(now):%B %H:%M}"


def event_line(event: Mapping[str, Any], now: datetime) -> str:
    """Return an entry of the audit log as one line, or nothing if it only leads to another one."""
    kind, step = str(event.get("kind", "?")), str(event.get("step", ""))
    if (kind, step) in HIDDEN:
        return ""
    said = f"{when(now)}  {kind} {step}".rstrip()
    if (version := event.get("version")) is not None:
        said += f", version {version}"
    if cause := " ".join(str(event.get("cause") or "").split()):
        said += f": {cause}"
    return said if len(said) <= LONGEST else f"{said[: LONGEST - 1]}…"


def policy_lines(year: Layout) -> Iterator[str]:
    """Yield a line for each policy that was compared at the end of the year."""
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        compared = json.loads((year.root / "policies.json").read_text(encoding="utf-8"))
        for name, policy in compared["policies"].items():
            yield f"  {name:12} log loss {policy['all']:.4f}, {policy['trainings']} trainings"
