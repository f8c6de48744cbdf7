"""What the teacher's notebook shows: the class as pictures and tables."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from widgets.base.files import write_atomic
from widgets.base.plot import Plot
from widgets.classroom.folder import Classroom
from widgets.classroom.gradebook import gradebook
from widgets.classroom.grid import grid
from widgets.classroom.tally import by_exercise, by_question, fails_most, stale
from widgets.exercise.definition import Catalogue, load_catalogue
from widgets.maturity import Model, State, load

SHORT = 90  # letters of a question


class Room:
    """A class, as its teacher looks at it.

    Parameters
    ----------
    classroom : Classroom
        What the learners have shared.
    note : str
        What the teacher should know of it, said first.
    """

    def __init__(self, classroom: Classroom, note: str = "") -> None:
        self.learners = classroom.learners
        self.problems = classroom.problems
        self.note = note
        self._catalogue: Catalogue = load_catalogue()
        self._model: Model = load()

    def __repr__(self) -> str:
        old = [f"{name} has not shared since {day}." for name, day in stale(self.learners)]
        number = f"{len(self.learners)} learners have shared."
        return "\n".join(filter(None, [self.note, number, *old, *self.problems]))

    def grid(self) -> Plot:
        """Return who is where."""
        return grid(self.learners, self._catalogue)

    def failing(self, most: int = 8) -> pd.DataFrame:
        """Return the exercises whose checks fail most for a learner who tries."""
        rows = [
            {
                "exercise": f"{each.id} {each.title}",
                "tried by": each.tried,
                "passed": each.passed,
                "with the kit's": each.with_kit,
                "failed checks a learner": round(each.failed / each.tried, 1),
                "hints a learner": round(each.hints / each.tried, 1),
            }
            for each in fails_most(by_exercise(self.learners, self._catalogue))[:most]
        ]
        return _table(rows, "exercise")

    def missed(self, most: int = 8) -> pd.DataFrame:
        """Return the questions that are most missed at the first answer."""
        rows = [
            {
                "question": _short(each.prompt),
                "quiz": each.quiz,
                "answered by": each.answered,
                "missed at first": f"{each.missed:.0%}",
                "wrong still": each.answered - each.right,
            }
            for each in by_question(self.learners)[:most]
        ]
        return _table(rows, "question")

    def with_kit(self) -> pd.DataFrame:
        """Return what was done with the kit's solution, or after a look at it."""
        rows = [
            {
                "exercise": f"{each.id} {each.title}",
                "passed with the kit's solution": each.with_kit,
                "solution shown or used": each.seen,
                "learners": len(self.learners),
            }
            for each in by_exercise(self.learners, self._catalogue)
            if each.with_kit or each.seen
        ]
        return _table(rows, "exercise")

    def practices(self) -> pd.DataFrame:
        """Return how many have each practice proved, or claimed."""
        rows = []
        for practice in sorted(self._model.practices, key=lambda each: each.level):
            given = [one.practices.get(practice.id) for one in self.learners]
            states = [each.state for each in given if each]
            rows.append(
                {
                    "practice": practice.title,
                    "level": practice.level,
                    "proved": states.count(State.PROVED),
                    "claimed": states.count(State.CLAIMED),
                    "with the kit's": sum(each.with_kit for each in given if each),
                }
            )
        return _table(rows, "practice")

    def gradebook(self, file: str | Path) -> str:
        """Write the gradebook as CSV, as `maturity export --classroom` does; say how many rows."""
        write_atomic(Path(file), gradebook(self.learners, self._catalogue))
        return f"{len(self.learners)} rows: a learner each, 1 or 0 for each exercise"


def _table(rows: Sequence[dict[str, object]], index: str) -> pd.DataFrame:
    return pd.DataFrame(list(rows)).set_index(index) if rows else pd.DataFrame()


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= SHORT else f"{text[: SHORT - 1].rstrip()}…"
