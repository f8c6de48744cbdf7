"""One SQLite file: one short transaction a write, nothing kept open, a damaged file kept aside.

A connection lives for one call. So a killed process leaves at most an unfinished transaction,
which SQLite takes back, and two kernels wait for each other for moments only. A file of an older
kit is brought up to date at the first use, and a copy of it is kept.
"""

import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from widgets.base.errors import KitError

WAIT_SECONDS = 30.0
ATTEMPTS = 5  # several processes may find the same damage
# Version 1. It stays as it is: files of learners look like this, and new ones begin with it.
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
# The statements that lead from version 1 to 2, from 2 to 3, and so on.
MIGRATIONS: tuple[tuple[str, ...], ...] = ()
DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
# A file cut short or overwritten may also lack what the schema names, or hold other letters.
DAMAGE_WORDS = ("no such table", "no such column", "malformed", "decode to UTF-8")

T = TypeVar("T")
Rows = list[tuple[Any, ...]]


class ProgressError(KitError):
    """The progress cannot be read or written; nothing was changed."""


class Database:
    """The file `path` with the tables of the progress; it is made at the first write.

    Attributes
    ----------
    problem : str or None
        What a person should know if the file was damaged.

    Raises
    ------
    ProgressError
        From every method, if the file belongs to a newer kit, or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problem: str | None = None
        self._examined = False

    def examine(self) -> None:
        """Look through the whole file, once: a damage is found before somebody needs the place."""
        if not self._examined and self.path.exists():
            self._do(_find_damage)
        self._examined = True

    def count(self, query: str, *values: object) -> int:
        """Return the one number that answers `query`; 0 if there is none."""
        return self.read(lambda rows: int(rows[0][0]) if rows else 0, query, *values)

    def read(self, make: Callable[[Rows], T], query: str, *values: object) -> T:
        """Return what `make` makes of the rows that answer `query`."""
        if not self.path.exists():
            return make([])  # nothing done yet: looking makes no file
        return self._do(lambda db: make(db.execute(query, values).fetchall()))

    def write(self, *statements: tuple[str, tuple[object, ...]]) -> None:
        """Carry out all statements with their values, or none."""

        def work(db: sqlite3.Connection) -> None:
            db.execute("BEGIN IMMEDIATE")
            for statement, values in statements:
                db.execute(statement, values)
            db.execute("UPDATE writes SET count = count + 1")
            db.execute("COMMIT")

        self._do(work)

    def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do `work` on the file; if the file proves damaged, do it on a new one."""
        attempt = 0
        while True:
            attempt += 1
            try:
                before = _identity(self.path)
                try:
                    return self._do_once(work)
                except (sqlite3.DatabaseError, ValueError) as error:
                    replaced = before is not None and _identity(self.path) != before
                    if attempt == ATTEMPTS or not (replaced or _is_damage(error)):
                        raise
                    if not replaced:  # else another process has set it aside and begun anew
                        self._set_aside(error, before)
            except (sqlite3.DatabaseError, ValueError, OSError) as error:
                raise ProgressError(
                    f"{self.path}: the progress could not be read or written ({error}). "
                    "Is the folder writable, is there room on the disk, and is no other program "
                    "holding the file? Nothing was changed."
                ) from error

    def _do_once(self, work: Callable[[sqlite3.Connection], T]) -> T:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.path, timeout=WAIT_SECONDS, isolation_level=None)) as db:
            self._bring_up_to_date(db)
            return work(db)

    def _bring_up_to_date(self, db: sqlite3.Connection) -> None:
        """Make the tables if the file is new, change them if it is of an older kit."""
        steps = (SCHEMA, *MIGRATIONS)
        version = _version(db)
        if version > len(steps):
            raise ProgressError(
                f"{self.path}: made by a newer kit (version {version}; this one knows "
                f"{len(steps)}). Update the kit with git pull, or use another workspace "
                "(MATURITY_WORKSPACE)."
            )
        if version < len(steps):
            db.execute("BEGIN IMMEDIATE")
            version = _version(db)  # another process may have done it while this one waited
            if 0 < version < len(steps):
                self._keep_copy(version)
            self._take_steps(db, steps[version:])
            db.execute(f"PRAGMA user_version = {len(steps)}")
            db.execute("COMMIT")
        db.execute("SELECT count FROM writes").fetchone()  # the first page that damage would hit

    def _take_steps(self, db: sqlite3.Connection, steps: Sequence[Sequence[str]]) -> None:
        try:
            for step in steps:
                for statement in step:
                    db.execute(statement)
        except sqlite3.OperationalError as error:  # never taken for a damage of the file
            raise ProgressError(
                f"{self.path}: the tables of this kit could not be made ({error}). Nothing was "
                "changed. Is the folder writable, and is there room on the disk?"
            ) from error

    def _keep_copy(self, version: int) -> None:
        # Read by SQLite, not as a file: on POSIX closing a file lets go of the locks on it.
        kept = self.path.with_name(f"progress.version-{version}.sqlite")
        draft = kept.with_name(f"{kept.name}.{os.getpid()}")
        try:
            with closing(sqlite3.connect(self.path)) as old, closing(sqlite3.connect(draft)) as new:
                old.backup(new)
            draft.replace(kept)
        finally:
            draft.unlink(missing_ok=True)

    def _set_aside(self, error: Exception, damaged: tuple[int, int] | None) -> None:
        # A lock that SQLite keeps: it is gone with the process that holds it, on every system.
        lock = self.path.with_name("progress.lock")
        with closing(sqlite3.connect(lock, timeout=WAIT_SECONDS, isolation_level=None)) as guard:
            guard.execute("BEGIN EXCLUSIVE")
            if damaged is None or _identity(self.path) != damaged:
                return
            kept = _free_name(self.path)
            # Its journal first: afterwards one of that name belongs to the new file.
            self.path.with_name(self.path.name + "-journal").unlink(missing_ok=True)
            self.path.rename(kept)
        self.problem = (
            f"The file with your progress was damaged ({error}). It is kept as {kept.name}, and a "
            "new one is begun. Your files are untouched: check the exercises again."
        )


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _find_damage(db: sqlite3.Connection) -> None:
    found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise sqlite3.DatabaseError(f"malformed: {found}")


def _is_damage(error: Exception) -> bool:
    """Return whether the file itself is at fault, and not a moment's lock or a full disk."""
    if not isinstance(error, sqlite3.DatabaseError):
        return True  # a value that was never written like that
    code = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF in DAMAGE or any(words in str(error) for words in DAMAGE_WORDS)


def _free_name(path: Path) -> Path:
    """Return a name beside `path`, of this second, that no file has yet."""
    stamp = datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
    free, number = path.with_name(f"progress.damaged-{stamp}.sqlite"), 1
    while free.exists():
        number += 1
        free = path.with_name(f"progress.damaged-{stamp}_{number}.sqlite")
    return free


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another one of the same name."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
