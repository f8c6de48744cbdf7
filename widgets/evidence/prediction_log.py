"""Reads the prediction log, `serving/predictions.db`: its last hour, and since when there is one.

Read only, in one transaction, for at most five seconds: a million predictions take about two.
"""

import sqlite3
import stat
import time
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from widgets.evidence.event_log import SLACK
from widgets.evidence.mlflow_runs import UnseenError, named
from widgets.evidence.sqlite_file import reading
from widgets.maturity import State

IN_ALL = 20.0  # seconds
STEPS = 20_000  # of SQLite's machine, between two looks at the clock
NEEDED = {"flight_id", "event_time", "logged_at", "version", "inputs", "p"}
# Seconds since 1970. Only what looks like a moment is one: SQLite also understands "now".
MOMENT = """
    CASE WHEN typeof(logged_at) = 'text'
          AND logged_at GLOB '20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]?[0-9][0-9]:[0-9][0-9]:*'
         THEN (julianday(logged_at) - 2440587.5) * 86400.0 END
"""
SPAN = f"""
    SELECT count(*), sum(at IS NULL), sum(at > :now), min(CASE WHEN at <= :now THEN at END),
           max(CASE WHEN at <= :now THEN at END)
    FROM (SELECT {MOMENT} AS at FROM predictions)
"""  # noqa: S608
SOUND = """
    typeof(version) = 'integer' AND typeof(flight_id) = 'integer'
    AND typeof(p) IN ('real', 'integer') AND p BETWEEN 0 AND 1
    AND typeof(inputs) = 'text' AND inputs LIKE '{%}'
"""
LAST = f"""
    SELECT CASE WHEN sound THEN version END AS one, CASE WHEN sound THEN flight_id END AS flight,
           min(p), max(p), count(*), min(at)
    FROM (SELECT version, flight_id, p, {SOUND} AS sound, {MOMENT} AS at FROM predictions)
    WHERE at BETWEEN :since AND :until
    GROUP BY one, flight ORDER BY one, flight
"""  # noqa: S608


@dataclass
class Shelf:
    """The predictions of one version, by flight: sums from the first flight up to each."""

    flights: "array[int]" = field(default_factory=lambda: array("q"))
    low: "array[float]" = field(default_factory=lambda: array("d", [0.0]))
    high: "array[float]" = field(default_factory=lambda: array("d", [0.0]))
    rows: int = 0

    def add(self, flight: int, low: float, high: float, rows: int) -> None:
        """Put a flight behind the others: the lowest and the highest that was said of it."""
        self.flights.append(flight)
        self.low.append(self.low[-1] + low)
        self.high.append(self.high[-1] + high)
        self.rows += rows

    def between(self, first: int, last: int) -> tuple[int, float, float]:
        """Return how many flights lie between two, and between what their sum must lie."""
        begin, end = bisect_left(self.flights, first), bisect_right(self.flights, last)
        return end - begin, self.low[end] - self.low[begin], self.high[end] - self.high[begin]


@dataclass(frozen=True)
class PredictionLog:
    """What was read.

    Attributes
    ----------
    where : str
        Where it was read.
    rows : int
        All of its predictions.
    begun : datetime
        The first that was ever logged.
    first, last : datetime
        The first and the last of the last hour.
    versions : mapping of int to Shelf
        Who predicted what in that hour.
    faults : tuple of str
        What was not believed.
    """

    where: str
    rows: int
    begun: datetime
    first: datetime
    last: datetime
    versions: Mapping[int, Shelf]
    faults: tuple[str, ...] = ()

    @property
    def in_hour(self) -> int:
        """How many predictions were logged in that hour."""
        return sum(shelf.rows for shelf in self.versions.values())


def read_predictions(file: Path, hours: float, now: datetime) -> PredictionLog:
    """Return the last hour of a prediction log.

    Raises
    ------
    UnseenError
        If there is none, it is empty, or it cannot be read.
    """
    where = f"{file.parent.name}/{file.name}"
    try:
        with reading(file.absolute(), _header(file, where)) as connection:
            until = time.monotonic() + IN_ALL
            connection.set_progress_handler(lambda: time.monotonic() > until, STEPS)
            return _read(connection, where, hours, (now + SLACK).timestamp())
    except (sqlite3.Error, OSError, OverflowError, ValueError, TypeError) as error:
        raise _unreadable(named([error]), where) from None


def _header(file: Path, where: str) -> bytes:
    nothing = UnseenError(State.MISSING, "no prediction was logged", where, "")
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise UnseenError(State.HIDDEN, "it is no file", where, "Move it away.")
        with file.open("rb") as opened:
            header = opened.read(20)
    except FileNotFoundError:
        raise nothing from None
    if not header:
        raise nothing
    return header


def _read(connection: sqlite3.Connection, where: str, hours: float, now: float) -> PredictionLog:
    columns = {name for (name,) in connection.execute("SELECT name FROM pragma_table_info(?)",
                                                      ("predictions",))}  # fmt: skip
    if lacking := NEEDED - columns:
        raise UnseenError(
            State.MISSING,
            f"no table predictions as agreed: without {', '.join(sorted(lacking))}",
            where,
            "",
        )
    rows, undated, ahead, begun, last = connection.execute(SPAN, {"now": now}).fetchone()
    if last is None:
        what = f"none of {rows} predictions has a time that can be" if rows else "no prediction"
        raise UnseenError(State.MISSING, what, where, "")
    since = last - hours * 3600
    found: dict[int, Shelf] = {}
    unsound, first = 0, last
    lines = connection.execute(LAST, {"since": since, "until": last})
    for version, group in groupby(lines, key=lambda line: line[0]):
        for _, flight, low, high, number, at in group:
            first = min(first, at)
            if version is None:
                unsound += number
            else:
                found.setdefault(version, Shelf()).add(flight, low, high, number)
    faults = [
        f"{number} {words}"
        for number, words in (
            (undated, "without a time"),
            (ahead, "of a time to come"),
            (unsound, "of the last hour without a flight, a version, inputs or a probability"),
        )
        if number
    ]
    return PredictionLog(where, rows, _at(begun), _at(first), _at(last), found, tuple(faults))


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)


def _unreadable(said: str, where: str) -> UnseenError:
    if "locked" in said or "busy" in said:
        what, mend = "another program is writing", "Look again in a minute."
    elif "interrupted" in said:
        what, mend = f"it takes more than {IN_ALL:.0f} seconds to read", "Move old predictions out."
    elif "not a database" in said or "malformed" in said:
        what, mend = f"not a database that can be read ({said})", "Move it away for a new one."
    else:
        what, mend = f"it cannot be read ({said})", "Start the server once: it mends its log."
    return UnseenError(State.HIDDEN, what, where, mend)
