"""Reads the clients' log, `serving/traffic.jsonl`, line by line: requests, and looks at /metrics.

At most the newest 64 MB are read: some 280,000 requests, in two to six seconds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat

from widgets.evidence.event_log import SLACK, Moment
from widgets.evidence.json_lines import JsonLines

MOST = 64_000_000  # bytes
Flight = Annotated[int, Field(ge=0, lt=2**63)]
Flights = Annotated[int, Field(ge=1, le=100_000)]
Milliseconds = Annotated[float, Field(ge=0, le=600_000)]
Version = Annotated[str, Field(pattern=r"^[0-9]{1,9}$")]
SETTINGS = ConfigDict(extra="ignore", strict=True, allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class Request:
    """One question of a client, about flights that follow one another, and what came back.

    Attributes
    ----------
    at, ended : datetime
        When it was sent, and when its answer was there.
    flights : int
        About how many it was.
    first, last : int
        Their numbers.
    ok : bool
        Whether it was answered.
    versions : tuple
        Each version that has answered, about how many flights, and the sum of its probabilities.
    """

    at: datetime
    ended: datetime
    flights: int
    first: int
    last: int
    ok: bool
    versions: tuple[tuple[int, int, float], ...]


@dataclass(frozen=True, slots=True)
class Scrape:
    """One look at the server's counters.

    Attributes
    ----------
    at, ended : datetime
        When it was sent, and when its answer was there.
    predictions : float or None
        How many predictions the server had counted since its start; None: no answer.
    """

    at: datetime
    ended: datetime
    predictions: float | None


class TrafficLog:
    """The log of one workspace's clients.

    Parameters
    ----------
    file : Path
        The log.
    now : datetime
        What is later is not believed.
    """

    def __init__(self, file: Path, now: datetime) -> None:
        self._lines = JsonLines(file, MOST)
        self._until = now + SLACK
        self._ahead = 0

    @property
    def where(self) -> str:
        """Where it lies."""
        return self._lines.where

    def read(self) -> Iterator[Request | Scrape]:
        """Yield its lines, oldest first; those that contradict themselves are damaged.

        Raises
        ------
        UnseenError
            If there is no log, or it cannot be read.
        """
        for line in self._lines.read(_parse):
            if line.at > self._until:
                self._ahead += 1
            else:
                yield line

    def faults(self) -> list[str]:
        """Return a sentence for what was not believed, of what was read so far."""
        ahead = [f"{self._ahead} of a time to come in {self.where}"] if self._ahead else []
        return self._lines.faults() + ahead


class _Asked(BaseModel):
    """A line about a request."""

    model_config = SETTINGS

    at: Moment
    flights: Flights
    first: Flight
    last: Flight
    ok: bool
    status: int
    ms: Milliseconds
    versions: dict[Version, tuple[Flights, NonNegativeFloat]] = {}


class _Looked(BaseModel):
    """A line about a look at the counters."""

    model_config = SETTINGS

    at: Moment
    scrape: Literal[True]
    ok: bool
    ms: Milliseconds
    predictions: NonNegativeFloat | None


def _parse(line: bytes) -> Request | Scrape:
    if b'"scrape"' in line:
        looked = _Looked.model_validate_json(line)
        ended = _ended(looked.at, looked.ms)
        return Scrape(looked.at, ended, looked.predictions if looked.ok else None)
    told = _Asked.model_validate_json(line)
    versions = tuple((int(name), n, total) for name, (n, total) in told.versions.items())
    if told.last - told.first + 1 < told.flights:
        raise ValueError("fewer flights than it says")
    if told.ok:
        answered = sum([number for _, number, _ in versions])
        if told.status != 200 or answered != told.flights:
            raise ValueError("an answer that is none")
        if any([total > number + 1e-6 for _, number, total in versions]):
            raise ValueError("a probability above 1")
    ended = _ended(told.at, told.ms)
    return Request(told.at, ended, told.flights, told.first, told.last, told.ok, versions)


def _ended(at: datetime, milliseconds: float) -> datetime:
    try:
        return at + timedelta(milliseconds=milliseconds)
    except OverflowError:
        raise ValueError("a year that is none") from None
