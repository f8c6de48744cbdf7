"""The prediction log: every answer, with its inputs, its version and its hour.

It is written before the answer goes out, so a kill loses nothing that somebody was told. SQLite
in WAL mode takes a fraction of a millisecond for that, and who reads the log holds nobody up.
"""

import argparse
import sqlite3
import uuid
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

import pandas as pd

from flights.events import now
from flights.schema import Flight
from flights.settings import Settings, read_settings

TABLE = """
CREATE TABLE IF NOT EXISTS predictions (
    prediction_id TEXT PRIMARY KEY,
    flight_id INTEGER NOT NULL,
    event_time TEXT NOT NULL,  -- the scheduled departure, UTC: every window is cut by this
    logged_at TEXT NOT NULL,  -- the server's clock, UTC
    version INTEGER NOT NULL,
    inputs TEXT NOT NULL,  -- JSON
    p REAL NOT NULL,
    repeated INTEGER NOT NULL
)
"""
INSERT = "INSERT INTO predictions VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
PATIENCE = 1.0  # seconds that a write waits for another one


@dataclass(frozen=True)
class Entry:
    """One flight's prediction, to be written down."""

    flight: Flight
    version: int
    probability: float


class PredictionLog:
    """The log of one server.

    Parameters
    ----------
    settings : Settings
        Where it lies: `serving/predictions.db`.
    """

    def __init__(self, settings: Settings) -> None:
        self._database = open_log(log_file(settings))
        found = self._database.execute("SELECT DISTINCT flight_id FROM predictions")
        self._asked = {flight for (flight,) in found}

    def add(self, entries: Sequence[Entry]) -> list[tuple[str, bool]]:
        """Write down what is about to be answered.

        Returns
        -------
        list of (str, bool)
            For each entry its prediction's id, and whether that flight was asked about before.

        Raises
        ------
        sqlite3.Error
            If it cannot be written, for the disk is full or the file damaged: then nothing is.
        """
        told: list[tuple[str, bool]] = []
        rows = []
        asked = set()
        logged_at = now()
        for entry in entries:
            flight = entry.flight
            repeated = flight.flight_id in self._asked or flight.flight_id in asked
            asked.add(flight.flight_id)
            told.append((uuid.uuid4().hex, repeated))
            event_time = flight.scheduled_at.astimezone(UTC).isoformat()
            who = (told[-1][0], flight.flight_id, event_time, logged_at)
            rows.append((*who, entry.version, inputs_of(flight), entry.probability, repeated))
        with self._database:  # one transaction: all of a request, or nothing
            self._database.executemany(INSERT, rows)
        self._asked |= asked
        return told

    def close(self) -> None:
        """Close the database."""
        self._database.close()


def log_file(settings: Settings) -> Path:
    """Return where the log lies."""
    return settings.serving / "predictions.db"


def open_log(file: Path) -> sqlite3.Connection:
    """Open the log, and make it if there is none.

    In WAL mode ("write-ahead log", https://sqlite.org/wal.html) readers and the writer do not
    wait for one another; what was committed survives a kill of this process.

    Raises
    ------
    sqlite3.Error
        If it cannot be used; the message names the file.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(file, timeout=PATIENCE, check_same_thread=False)
    try:
        for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL", TABLE):
            database.execute(statement)
    except sqlite3.Error as error:
        database.close()
        raise sqlite3.OperationalError(f"{file}: {error} (move it away for a new one)") from error
    return database


def inputs_of(flight: Flight) -> str:
    """Return what the prediction was made of, as JSON."""
    return flight.model_dump_json(exclude={"flight_id", "scheduled_at"})


def summarise(settings: Settings) -> pd.DataFrame:
    """Return what each version has said, day by day.

    Returns
    -------
    DataFrame
        One row a day and version, in this order: `day` (of the scheduled departure, UTC),
        `version`, `predictions`, `predicted_late` (the mean probability) and `repeated`.
    """
    question = """
        SELECT substr(event_time, 1, 10) AS day, version, count(*) AS predictions,
               avg(p) AS predicted_late, sum(repeated) AS repeated
        FROM predictions GROUP BY day, version ORDER BY day, version
    """
    with closing(open_log(log_file(settings))) as database:
        return pd.read_sql_query(question, database)


def main(argv: Sequence[str] | None = None) -> int:
    """Print what each version has said, day by day; return 0."""
    argparse.ArgumentParser(description=__doc__.split("\n")[0]).parse_args(argv)
    print(summarise(read_settings()).round(3).to_string(index=False))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
