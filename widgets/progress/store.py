"""The learner's progress: checks, hints, solutions, answers and notes, kept in one file."""

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from widgets.progress.database import Database, Rows


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


@dataclass(frozen=True)
class Check:
    """One check: whether it passed, who wrote the files ("learner" or "kit"), and when, in UTC."""

    passed: bool
    actor: str
    at: datetime


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
        self._database = Database(path)

    @property
    def problem(self) -> str | None:
        """What happened to a damaged file, if there was one; the first time it is looked for."""
        self._database.examine()
        return self._database.problem

    # -- checks ---------------------------------------------------------------

    def record_check(self, exercise: str, passed: bool, seconds: float, actor: str) -> None:
        """Keep the result of one check; `actor` is "learner" or "kit"."""
        self._write(
            "INSERT INTO checks (exercise, passed, seconds, actor, at) VALUES (?, ?, ?, ?, ?)",
            *(exercise, passed, seconds, actor, _now()),
        )

    def attempts(self, exercise: str) -> int:
        """Return how often the exercise was checked."""
        return self._database.count("SELECT count(*) FROM checks WHERE exercise = ?", exercise)

    def checks(self, exercise: str) -> list[Check]:
        """Return the exercise's checks, the oldest first."""
        query = "SELECT passed, actor, at FROM checks WHERE exercise = ? ORDER BY id"
        return self._database.read(_as_checks, query, exercise)

    def passed(self, exercise: str) -> bool:
        """Return whether the exercise has ever passed its check."""
        return exercise in self.claims()

    def claims(self) -> dict[str, str]:
        """Return each exercise that has passed, with the actor: "learner" if it ever was one."""
        return self._database.read(
            _as_claims, "SELECT exercise, actor FROM checks WHERE passed ORDER BY id"
        )

    def forget_exercise(self, exercise: str) -> None:
        """Forget an exercise's checks and hints after a reset.

        That the solution was seen stays: whoever has it back from a copy has not written it.
        """
        tables = ("checks", "hints")
        self._database.write(
            *[(f"DELETE FROM {table} WHERE exercise = ?", (exercise,)) for table in tables]  # noqa: S608
        )

    # -- hints and solutions --------------------------------------------------

    def record_hint(self, exercise: str, number: int) -> None:
        """Keep that the first `number` hints have been shown."""
        self._write(
            "INSERT INTO hints VALUES (?, ?) ON CONFLICT (exercise) "
            "DO UPDATE SET shown = max(shown, excluded.shown)",
            *(exercise, number),
        )

    def hints_shown(self, exercise: str) -> int:
        """Return how many hints have been shown."""
        return self._database.count("SELECT shown FROM hints WHERE exercise = ?", exercise)

    def record_solution(self, exercise: str, how: str) -> None:
        """Keep that the solution was "shown" or "used"."""
        self._write("INSERT OR IGNORE INTO solutions VALUES (?, ?, ?)", exercise, how, _now())

    def solution_seen(self, exercise: str, how: str) -> bool:
        """Return whether the solution was "shown" or "used"."""
        query = "SELECT count(*) FROM solutions WHERE exercise = ? AND how = ?"
        return self._database.count(query, exercise, how) > 0

    # -- quizzes --------------------------------------------------------------

    def record_answer(self, bank: str, question: str, answer: object, correct: bool) -> None:
        """Keep one answer to a question of a quiz."""
        self._write(
            "INSERT INTO answers (bank, question, answer, correct, at) VALUES (?, ?, ?, ?, ?)",
            *(bank, question, json.dumps(answer), correct, _now()),
        )

    def answers(self, bank: str) -> dict[str, Answer]:
        """Return the last answer to each question of a quiz, with the number of tries."""
        query = "SELECT question, answer, correct, at FROM answers WHERE bank = ? ORDER BY id"
        return self._database.read(_as_answers, query, bank)

    def forget_answers(self, bank: str) -> None:
        """Forget all answers to a quiz."""
        self._write("DELETE FROM answers WHERE bank = ?", bank)

    # -- notes ----------------------------------------------------------------

    def set_note(self, key: str, value: object) -> None:
        """Keep a value that JSON can hold under `key`."""
        self._write("INSERT OR REPLACE INTO notes VALUES (?, ?)", key, json.dumps(value))

    def note(self, key: str) -> object:
        """Return what was kept under `key`, or None if nothing is, or nothing that is JSON."""
        return self._database.read(_as_note, "SELECT value FROM notes WHERE key = ?", key)

    def note_once(self, key: str, value: object) -> object:
        """Keep a value under `key` unless there is one; return what is kept there now."""
        self._write(
            "INSERT INTO notes VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
            " WHERE NOT json_valid(value)",
            *(key, json.dumps(value)),
        )
        return self.note(key)

    def changes(self) -> int:
        """Return a number that grows with every write, by whatever process."""
        return self._database.count("SELECT count FROM writes")

    def _write(self, statement: str, *values: object) -> None:
        self._database.write((statement, values))


def _as_claims(rows: Rows) -> dict[str, str]:
    found: dict[str, str] = {}
    for exercise, actor in rows:
        if found.get(exercise) != "learner":
            found[exercise] = actor
    return found


def _as_checks(rows: Rows) -> list[Check]:
    return [Check(bool(passed), who, datetime.fromisoformat(at)) for passed, who, at in rows]


def _as_answers(rows: Rows) -> dict[str, Answer]:
    found: dict[str, Answer] = {}
    for question, answer, correct, at in rows:
        tries = found[question].tries + 1 if question in found else 1
        when = datetime.fromisoformat(at)
        with suppress(json.JSONDecodeError):  # one answer less, and not the whole file
            found[question] = Answer(json.loads(answer), bool(correct), when, tries)
    return found


def _as_note(rows: Rows) -> object:
    with suppress(ValueError):
        return json.loads(rows[0][0]) if rows else None
    return None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
