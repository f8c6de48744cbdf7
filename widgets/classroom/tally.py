"""Counts over a class: what fails most, what is missed most, what the kit's solution did."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from widgets.classroom.shared import Shared
from widgets.exercise.definition import Catalogue
from widgets.exercise.verbs import Standing
from widgets.quiz.bank import bank_names, load_bank


@dataclass(frozen=True)
class Exercised:
    """How a class fared at one exercise.

    Attributes
    ----------
    id, title : str
        The exercise.
    tried, passed, with_kit : int
        Learners who have checked it, passed it themselves, passed it with the kit's solution.
    checks, failed : int
        Checks by all of them, and those that did not pass.
    hints : int
        Hints shown to all of them.
    seen : int
        Learners to whom the solution was shown, or who put it in place.
    """

    id: str
    title: str
    tried: int
    passed: int
    with_kit: int
    checks: int
    failed: int
    hints: int
    seen: int


@dataclass(frozen=True)
class Missed:
    """How a class fared at one question: right now, and right at the first answer."""

    quiz: str
    prompt: str
    answered: int
    first_try: int
    right: int

    @property
    def missed(self) -> float:
        """The share that was not right at the first answer."""
        return 1 - self.first_try / self.answered


def by_exercise(learners: Sequence[Shared], catalogue: Catalogue) -> list[Exercised]:
    """Return each exercise of the course, in its order."""
    found = []
    for exercise in catalogue.exercises:
        given = [one.exercises[exercise.id] for one in learners if exercise.id in one.exercises]
        found.append(
            Exercised(
                exercise.id,
                exercise.title,
                tried=sum(one.tries > 0 for one in given),
                passed=sum(one.state is Standing.PASSED for one in given),
                with_kit=sum(one.state is Standing.PASSED_WITH_KIT for one in given),
                checks=sum(one.tries for one in given),
                failed=sum(one.failed for one in given),
                hints=sum(one.hints for one in given),
                seen=sum(one.solution != "not seen" for one in given),
            )
        )
    return found


def fails_most(exercised: Iterable[Exercised]) -> list[Exercised]:
    """Return the exercises whose checks fail, the one that fails most for a learner first."""
    failing = [each for each in exercised if each.failed]
    return sorted(failing, key=lambda each: (-each.failed / each.tried, each.id))


def by_question(learners: Sequence[Shared]) -> list[Missed]:
    """Return each question that somebody has answered, the most missed first."""
    found = []
    for name in bank_names():
        bank = load_bank(name)
        for question in bank.questions:
            given = [
                one.quizzes[name][question.id]
                for one in learners
                if question.id in one.quizzes.get(name, {})
            ]
            if given:
                right = sum(one.right for one in given)
                first = sum(one.right and one.tries == 1 for one in given)
                found.append(Missed(bank.title, question.prompt, len(given), first, right))
    return sorted(found, key=lambda each: (-each.missed, each.quiz, each.prompt))


def stale(
    learners: Sequence[Shared], days: int = 7, today: date | None = None
) -> list[tuple[str, date]]:
    """Return who has not shared for more than `days` days, and when they last did."""
    since = (today or datetime.now(UTC).date()) - timedelta(days=days)
    return [(one.name, one.day) for one in learners if one.day < since]
