"""What leaves a workspace when its learner shares: every field stands here, and no other leaves.

No code, no path, no address, no text of an answer, and no time finer than a day.
"""

import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Literal

import yaml
from pydantic import AfterValidator, Field

from widgets.base.content import Content
from widgets.exercise.definition import Catalogue
from widgets.exercise.verbs import Standing as Far
from widgets.maturity import Standing, State
from widgets.progress import Progress
from widgets.quiz.bank import bank_names

LONGEST_NAME = 40
PUNCTUATION = " .'-’_@"


def fit_name(name: str) -> str:
    """Return a name as it is shared; raise a ValueError if it would not be safe to show.

    Letters of any script, digits, space, dot, apostrophe, hyphen, _ and @ (log-in names): so a name
    is never a formula in a spreadsheet, markup on a page, or a place on a disk.
    """
    name = unicodedata.normalize("NFC", name).strip()
    fits = name[:1].isalnum() and all(
        letter in PUNCTUATION or unicodedata.category(letter)[0] in "LMN" for letter in name
    )
    if not fits or len(name) > LONGEST_NAME:
        raise ValueError(
            f"a name has 1 to {LONGEST_NAME} letters, digits, spaces, dots, apostrophes, "
            "hyphens, _ or @, and begins with a letter or digit"
        )
    return name


Name = Annotated[str, AfterValidator(fit_name)]
ExerciseId = Annotated[str, Field(pattern=r"^\d\.\d{1,2}$")]
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
Count = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]


class SharedExercise(Content):
    """How far one exercise is.

    Attributes
    ----------
    state : str
        Open, not yet, passed, or passed with the kit's solution.
    tries, failed, hints : int
        Checks, checks that did not pass, hints shown.
    solution : str
        Whether the kit's solution was shown, or put in place.
    last : date or None
        The day of the last check.
    """

    state: Far
    tries: Count
    failed: Count
    hints: Count
    solution: Literal["not seen", "shown", "used"]
    last: date | None


class SharedAnswer(Content):
    """Whether the last answer to a question was right, and how many were given."""

    right: bool
    tries: Count


class SharedPractice(Content):
    """How far one practice is, and whether the kit's solution did it."""

    state: State
    with_kit: bool


class Shared(Content):
    """One learner's file in the class's folder."""

    format: Literal[1]
    name: Name
    day: date
    exercises: Annotated[dict[ExerciseId, SharedExercise], Field(max_length=100)]
    quizzes: Annotated[
        dict[Id, Annotated[dict[Id, SharedAnswer], Field(max_length=100)]], Field(max_length=50)
    ]
    practices: Annotated[dict[Id, SharedPractice], Field(max_length=100)]

    def words(self) -> list[str]:
        """Return everything that is in the file, for a person."""
        data = self.model_dump(mode="json")
        text = yaml.safe_dump(
            data, sort_keys=False, allow_unicode=True, default_flow_style=None, width=200
        )
        return text.splitlines()


def collect(
    name: str, catalogue: Catalogue, progress: Progress, practices: Mapping[str, Standing]
) -> Shared:
    """Return what one learner would share.

    Parameters
    ----------
    name : str
        What the learner wants to be called in the class.
    catalogue, progress
        The exercises, and what the learner has done.
    practices : mapping of practice id to Standing
        What is proved, claimed and missing.
    """
    claims = progress.claims()
    exercises = {}
    for exercise in catalogue.exercises:
        checks = progress.checks(exercise.id)
        state = Far.NOT_YET if checks else Far.OPEN
        if actor := claims.get(exercise.id):
            state = Far.PASSED if actor == "learner" else Far.PASSED_WITH_KIT
        exercises[exercise.id] = SharedExercise(
            state=state,
            tries=len(checks),
            failed=sum(not check.passed for check in checks),
            hints=progress.hints_shown(exercise.id),
            solution=_solution(progress, exercise.id),
            last=checks[-1].at.date() if checks else None,
        )
    answers = {bank: progress.answers(bank) for bank in bank_names()}
    return Shared(
        format=1,
        name=name,
        day=datetime.now(UTC).date(),
        exercises=exercises,
        quizzes={
            bank: {q: SharedAnswer(right=a.correct, tries=a.tries) for q, a in given.items()}
            for bank, given in answers.items()
            if given
        },
        practices={
            practice: SharedPractice(state=far.state, with_kit=far.with_kit)
            for practice, far in practices.items()
        },
    )


def _solution(progress: Progress, exercise: str) -> Literal["not seen", "shown", "used"]:
    if progress.solution_seen(exercise, "used"):
        return "used"
    return "shown" if progress.solution_seen(exercise, "shown") else "not seen"
