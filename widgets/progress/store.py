"""The learner's progress in one SQLite file: one short transaction a write, nothing kept open.

A connection lives for one call. So a killed process leaves at most an unfinished transaction,
which SQLite takes back, and two kernels wait for each other for moments only.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from widgets.base.errors import KitError

VERSION = 1
WAIT_SECONDS = 30.0
SCHEMA = (
    """CREATE TABLE checks (
        id INTEGER PRIMARY KEY, exercise TEXT NOT NULL, passed INTEGER NOT NULL,
        seconds REAL NOT NULL, actor TEXT NOT NULL, at TEXT NOT NULL)""",
    """CREATE TABLE hints (exercise TEXT PRIMARY KEY, shown INTEGER NOT NULL)""",
    """CREATE TABLE solutions (
        exercise TEXT NOT NULL, how TEXT NOT NULL, at TEXT NOT NULL,
        PRIMARY KEY (exercise, how))""",
    """CREATE TABLE answers (
        id INTEGER PRIMARY KEY, bank TEXT NOT NULL, question TEXT NOT NULL,
        answer TEXT NOT NULL, correct INTEGER NOT NULL, at TEXT NOT NULL)""",
    """CREATE TABLE notes (key TEXT PRIMARY KEY, value TEXT NOT NULL)""",
    """CREATE TABLE writes (count INTEGER NOT NULL)""",
    """INSERT INTO writes VALUES (0)""",
)


class ProgressError(KitError):
    """The progress cannot be read or written; nothing was changed."""


@dataclass(frozen=True)
class Answer:
    """The last answer to a question.

    Attributes
    ----------
    answer : object
        What was answered, as JSON gives it back.
    correct : bool
        Whether it was right.
    at : datetime
        When, in UTC.
    tries : int
        How many answers were given, this one included.
    """

    answer: object
    correct: bool
    at: datetime
    tries: int


class Progress:
    """The progress kept in the file `path`; it is made at the first use.

    A file that is damaged is kept aside under another name, and a new one is begun: `problem`
    then says what happened.

    Raises
    ------
    ProgressError
        From every method, if the file belongs to a newer kit, or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problem: str | None = None

    # -- checks ---------------------------------------------------------------

    def record_check(self, exercise: str, passed: bool, seconds: float, actor: str) -> None:
        """Keep the result of one check; `actor` is "learner" or "kit"."""
        with self._write() as db:
            db.execute(
                "INSERT INTO checks (exercise, passed, seconds, actor, at) VALUES (?, ?, ?, ?, ?)",
                (exercise, passed, seconds, actor, _now()),
            )

    def attempts(self, exercise: str) -> int:
        """Return how often the exercise was checked."""
        return int(self._one("SELECT count(*) FROM checks WHERE exercise = ?", exercise) or 0)

    def passed(self, exercise: str) -> bool:
        """Return whether the exercise has ever passed its check."""
        return exercise in self.claims()

    def claims(self) -> dict[str, str]:
        """Return each exercise that has passed, with the actor: "learner" if it ever was one."""
        rows = self._read("SELECT exercise, actor FROM checks WHERE passed ORDER BY id")
        found: dict[str, str] = {}
        for exercise, actor in rows:
            if found.get(exercise) != "learner":
                found[exercise] = actor
        return found

    def forget_exercise(self, exercise: str) -> None:
        """Forget that an exercise has passed and what was shown of it: after a reset."""
        with self._write() as db:
            for table in ("checks", "hints", "solutions"):
                db.execute(f"DELETE FROM {table} WHERE exercise = ?", (exercise,))  # noqa: S608

    # -- hints and solutions --------------------------------------------------

    def record_hint(self, exercise: str, number: int) -> None:
        """Keep that the first `number` hints have been shown."""
        with self._write() as db:
            db.execute(
                "INSERT INTO hints VALUES (?, ?) ON CONFLICT (exercise) "
                "DO UPDATE SET shown = max(shown, excluded.shown)",
                (exercise, number),
            )

    def hints_shown(self, exercise: str) -> int:
        """Return how many hints have been shown."""
        return int(self._one("SELECT shown FROM hints WHERE exercise = ?", exercise) or 0)

    def record_solution(self, exercise: str, how: str) -> None:
        """Keep that the solution was "shown" or "used"."""
        with self._write() as db:
            db.execute("INSERT OR IGNORE INTO solutions VALUES (?, ?, ?)", (exercise, how, _now()))

    def solution_seen(self, exercise: str, how: str) -> bool:
        """Return whether the solution was "shown" or "used"."""
        query = "SELECT count(*) FROM solutions WHERE exercise = ? AND how = ?"
        return bool(self._one(query, exercise, how))

    # -- quizzes --------------------------------------------------------------

    def record_answer(self, bank: str, question: str, answer: object, correct: bool) -> None:
        """Keep one answer to a question of a quiz."""
        with self._write() as db:
            db.execute(
                "INSERT INTO answers (bank, question, answer, correct, at) VALUES (?, ?, ?, ?, ?)",
                (bank, question, json.dumps(answer), correct, _now()),
            )

    def answers(self, bank: str) -> dict[str, Answer]:
        """Return the last answer to each question of a quiz, with the number of tries."""
        rows = self._read(
            "SELECT question, answer, correct, at FROM answers WHERE bank = ? ORDER BY id", bank
        )
        found: dict[str, Answer] = {}
        for question, answer, correct, at in rows:
            tries = found[question].tries + 1 if question in found else 1
            when = datetime.fromisoformat(at)
            found[question] = Answer(json.loads(answer), bool(correct), when, tries)
        return found

    def forget_answers(self, bank: str) -> None:
        """Forget all answers to a quiz."""
        with self._write() as db:
            db.execute("DELETE FROM answers WHERE bank = ?", (bank,))

    # -- notes ----------------------------------------------------------------

    def set_note(self, key: str, value: object) -> None:
        """Keep a value that JSON can hold under `key`."""
        with self._write() as db:
            db.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (key, json.dumps(value)))

    def note(self, key: str) -> object:
        """Return what was kept under `key`, or None."""
        text = self._one("SELECT value FROM notes WHERE key = ?", key)
        return None if text is None else json.loads(str(text))

    def changes(self) -> int:
        """Return a number that grows with every write, by whatever process."""
        return int(self._one("SELECT count FROM writes") or 0)

    # -- the file -------------------------------------------------------------

    def _one(self, query: str, *values: object) -> Any:
        rows = self._read(query, *values)
        return rows[0][0] if rows else None

    def _read(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        if not self.path.exists():
            return []  # nothing done yet: looking makes no file
        with self._connection() as db:
            return db.execute(query, values).fetchall()

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._connection() as db:
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("UPDATE writes SET count = count + 1")
            db.execute("COMMIT")

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(self._open()) as db:
                yield db
        except sqlite3.DatabaseError as error:
            raise ProgressError(
                f"{self.path}: the progress could not be read or written ({error}). "
                "Is the folder writable, and is there room on the disk? Nothing was changed."
            ) from error

    def _open(self) -> sqlite3.Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ProgressError(f"{self.path.parent}: cannot be made ({error}).") from error
        db = self._connect()
        try:
            version = _prepare(db)
        except sqlite3.DatabaseError as error:
            db.close()
            if isinstance(error, sqlite3.OperationalError) and not _is_damage(error):
                raise
            self._set_aside(error)
            db = self._connect()
            version = _prepare(db)
        if version > VERSION:
            db.close()
            raise ProgressError(
                f"{self.path}: made by a newer kit (version {version}; this one knows {VERSION}). "
                "Update the kit with git pull, or use another workspace (MATURITY_WORKSPACE)."
            )
        return db

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=WAIT_SECONDS, isolation_level=None)

    def _set_aside(self, error: sqlite3.DatabaseError) -> None:
        stamp = datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
        kept = self.path.with_name(f"progress.damaged-{stamp}.sqlite")
        try:
            self.path.rename(kept)
        except FileNotFoundError:
            return  # another process has just done it
        self.path.with_name(self.path.name + "-journal").unlink(missing_ok=True)
        self.problem = (
            f"The file with your progress was damaged ({error}). It is kept as {kept.name}, and a "
            "new one is begun. Your files are untouched: check the exercises again."
        )


def _prepare(db: sqlite3.Connection) -> int:
    """Make the tables if the file is new; return the version of its schema."""
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version == 0:
        db.execute("BEGIN IMMEDIATE")
        # Another process may have made the tables while this one waited.
        if db.execute("PRAGMA user_version").fetchone()[0] == 0:
            for statement in SCHEMA:
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {VERSION}")
        db.execute("COMMIT")
        version = VERSION
    db.execute("SELECT count FROM writes").fetchone()  # the first page that a damage would hit
    return version


def _is_damage(error: sqlite3.OperationalError) -> bool:
    # A file cut short can lack its tables: that is damage too, not a passing fault.
    return "no such table" in str(error) or "malformed" in str(error)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
