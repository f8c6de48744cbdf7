"""One learner at one quiz: shuffled order, answers, tries and score. It knows no browser."""

import random
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from widgets.base.errors import KitError
from widgets.quiz.bank import Bank
from widgets.quiz.grade import AnswerError, OptionFeedback, grade
from widgets.quiz.questions import LEVELS, Choice, Classify, Number, Order, Question


class KeptAnswer(Protocol):
    """What a store gives back for one question."""

    @property
    def answer(self) -> Any: ...
    @property
    def correct(self) -> bool: ...
    @property
    def tries(self) -> int: ...


class AnswerStore(Protocol):
    """The part of `widgets.progress` that a quiz needs."""

    def record_answer(self, bank: str, question: str, answer: Any, correct: bool) -> None: ...
    def answers(self, bank: str) -> Mapping[str, KeptAnswer]: ...
    def forget_answers(self, bank: str) -> None: ...


@dataclass(frozen=True)
class Score:
    """How the quiz stands."""

    first_try: int
    now: int
    answered: int
    total: int

    def __str__(self) -> str:
        return f"{self.first_try} of {self.total} right at first try, {self.now} now"


@dataclass(frozen=True)
class Feedback:
    """What the learner sees after an answer."""

    question: str
    correct: bool
    message: str
    options: tuple[OptionFeedback, ...]
    tries: int
    score: Score


@dataclass(frozen=True)
class ShownOption:
    """An option before the answer: its text, and a key that gives nothing away."""

    key: str
    text: str


@dataclass(frozen=True)
class _Given:
    answer: Any
    correct: bool
    first_try: bool
    tries: int


class QuizSession:
    """A bank being answered.

    Parameters
    ----------
    bank
        The questions.
    store
        Where answers are kept (`widgets.progress.store.Progress`); without one they last as
        long as the session.
    seed
        Makes the order repeatable; without one every session has its own.
    """

    def __init__(
        self, bank: Bank, store: AnswerStore | None = None, seed: int | None = None
    ) -> None:
        self.bank = bank
        self.problem: str | None = None
        self._store = store
        self._random = random.Random(seed)  # noqa: S311 - an order, not a secret
        self._given: dict[str, _Given] = {}
        self.questions: tuple[Question, ...] = ()
        self._order: dict[str, tuple[ShownOption, ...]] = {}
        self._shuffle()
        self.load()

    def load(self) -> None:
        """Read again what the store keeps, for example what another kernel has written."""
        if self._store is None:
            return
        try:
            kept = self._store.answers(self.bank.bank)
        except (KitError, OSError, sqlite3.Error) as error:
            self.problem = f"Your earlier answers could not be read: {error}"
            return
        self._given = {}
        for question in self.bank.questions:
            if question.id in kept and (given := _read_kept(question, kept[question.id])):
                self._given[question.id] = given

    def options(self, question_id: str) -> tuple[ShownOption, ...]:
        """Return a question's options or items as they are shown in this session."""
        return self._order[question_id]

    def answer(self, question_id: str, answer: object) -> Feedback:
        """Judge and keep one answer.

        Raises
        ------
        AnswerError
            If it is not an answer to that question; then nothing is kept.
        """
        question = self._question(question_id)
        graded = grade(question, answer)
        before = self._given_last(question)
        given = _Given(
            answer,
            graded.correct,
            first_try=before.first_try if before else graded.correct,
            tries=before.tries + 1 if before else 1,
        )
        self._given[question_id] = given
        self._keep(question_id, given)
        return self._feedback(question_id, given)

    def feedback(self, question_id: str) -> Feedback | None:
        """Return the feedback to the answer that was given last, or None if there is none."""
        given = self._given.get(question_id)
        return self._feedback(question_id, given) if given else None

    def results(self) -> list[Feedback]:
        """Return the feedback to every answered question, in the order of the session."""
        found = [self.feedback(question.id) for question in self.questions]
        return [feedback for feedback in found if feedback]

    def retry(self, question_id: str) -> tuple[ShownOption, ...]:
        """Shuffle one question's options again; its last result counts until a new answer."""
        question = self._question(question_id)
        self._order[question_id] = self._shuffled(question)
        return self._order[question_id]

    def restart(self) -> None:
        """Forget all answers and shuffle everything again."""
        self._given = {}
        self._shuffle()
        if self._store is not None:
            try:
                self._store.forget_answers(self.bank.bank)
            except (KitError, OSError, sqlite3.Error) as error:
                self.problem = f"Your earlier answers could not be removed: {error}"

    @property
    def score(self) -> Score:
        """How many are right at first try, how many now."""
        given = self._given.values()
        return Score(
            first_try=sum(each.first_try for each in given),
            now=sum(each.correct for each in given),
            answered=len(given),
            total=len(self.bank.questions),
        )

    def look_again(self) -> list[Question]:
        """Return the questions that were not right at first try, in the order of the session."""
        return [
            question
            for question in self.questions
            if question.id in self._given and not self._given[question.id].first_try
        ]

    def _given_last(self, question: Question) -> _Given | None:
        """Return the last answer, which may have been given in another window of the notebook."""
        mine = self._given.get(question.id)
        if self._store is None:
            return mine
        try:
            kept = self._store.answers(self.bank.bank).get(question.id)
        except (KitError, OSError, sqlite3.Error):  # it will not be kept either, and that is said
            return mine
        there = _read_kept(question, kept) if kept else None
        return there if there and there.tries > (mine.tries if mine else 0) else mine

    def _question(self, question_id: str) -> Question:
        try:
            return self.bank.question(question_id)
        except KeyError:
            raise AnswerError(
                f"This quiz has no question {question_id!r}. Run the cell again."
            ) from None

    def _feedback(self, question_id: str, given: _Given) -> Feedback:
        question = self.bank.question(question_id)
        graded = grade(question, given.answer)
        options = list(graded.options)
        if isinstance(question, Choice):
            places = {option.key: place for place, option in enumerate(self._order[question_id])}
            options.sort(key=lambda option: places[option.key])
        return Feedback(
            question_id, graded.correct, graded.message, tuple(options), given.tries, self.score
        )

    def _keep(self, question_id: str, given: _Given) -> None:
        self.problem = None
        if self._store is None:
            return
        kept = {"value": given.answer, "first_try": given.first_try}
        try:
            self._store.record_answer(self.bank.bank, question_id, kept, given.correct)
        except (KitError, OSError, sqlite3.Error) as error:
            self.problem = f"This answer counts, but it could not be kept for later: {error}"

    def _shuffle(self) -> None:
        questions = list(self.bank.questions)
        self._random.shuffle(questions)
        self.questions = tuple(questions)
        self._order = {question.id: self._shuffled(question) for question in questions}

    def _shuffled(self, question: Question) -> tuple[ShownOption, ...]:
        match question:
            case Classify():  # levels keep their natural order
                return tuple(ShownOption(str(n), name) for n, name in enumerate(LEVELS))
            case Number():
                return ()
            case Order():
                right = [ShownOption(item.key, item.text) for item in question.items]
                order = right.copy()
                while order == right:  # the right order is never the first thing shown
                    self._random.shuffle(order)
                return tuple(order)
            case Choice():
                shown = [ShownOption(option.key, option.text) for option in question.options]
                self._random.shuffle(shown)
                return tuple(shown)


def _read_kept(question: Question, kept: KeptAnswer) -> _Given | None:
    """Judge a kept answer again; one that no longer fits its question counts as not given."""
    if not isinstance(kept.answer, dict) or "value" not in kept.answer:
        return None
    try:
        correct = grade(question, kept.answer["value"]).correct
    except AnswerError:
        return None
    return _Given(kept.answer["value"], correct, bool(kept.answer.get("first_try")), kept.tries)
