"""Compares one answer with one question and explains every option. Pure: nothing is kept here."""

import math
from dataclasses import dataclass

from widgets.base.errors import KitError
from widgets.quiz.questions import LEVELS, Choice, Classify, Number, Order, Question

Answer = str | float | list[str]


class AnswerError(KitError):
    """What came from the browser is not an answer to this question; it is not counted."""


@dataclass(frozen=True)
class OptionFeedback:
    """One option after the answer: whether it is right, whether it was chosen, and why."""

    key: str
    text: str
    chosen: bool
    right: bool
    because: str
    note: str = ""


@dataclass(frozen=True)
class Graded:
    """One answer, judged."""

    correct: bool
    message: str
    options: tuple[OptionFeedback, ...]


def grade(question: Question, answer: object) -> Graded:
    """Judge `answer`: a key, a list of keys in order, or a number, as the question asks.

    Raises
    ------
    AnswerError
        If it is not an answer at all: nothing chosen, an unknown option, not a number.
    """
    match question:
        case Choice():
            return _grade_choice(question, answer)
        case Order():
            return _grade_order(question, answer)
        case Classify():
            return _grade_classify(question, answer)
        case Number():
            return _grade_number(question, answer)


def read_number(answer: object) -> float:
    """Return what was typed as a number; a decimal comma is as good as a point.

    Raises
    ------
    AnswerError
        If it is not a finite number.
    """
    try:
        if isinstance(answer, bool) or not isinstance(answer, str | int | float):
            raise ValueError
        number = float(answer.strip().replace(",", ".") if isinstance(answer, str) else answer)
        if not math.isfinite(number):
            raise ValueError
    except (ValueError, OverflowError):
        raise AnswerError("This is not a number. Write digits, for example 12 or 0.5.") from None
    return number


def _grade_choice(question: Choice, answer: object) -> Graded:
    if question.type == "single":
        chosen = _known_keys([answer], {option.key for option in question.options})
    else:
        chosen = _known_keys(answer, {option.key for option in question.options})
    options = tuple(
        OptionFeedback(
            option.key, option.text, option.key in chosen, option.correct, option.because
        )
        for option in question.options
    )
    right = sum(option.right for option in options)
    hit = sum(option.right and option.chosen for option in options)
    wrong = len(chosen) - hit
    correct = hit == right and wrong == 0
    if correct:
        return Graded(True, "Right.", options)
    if question.type == "single":
        return Graded(False, "Not right.", options)
    found = f"You found {hit} of {right} right options"
    also = f" and chose {wrong} wrong {'one' if wrong == 1 else 'ones'}" if wrong else ""
    return Graded(False, f"Not right. {found}{also}.", options)


def _grade_order(question: Order, answer: object) -> Graded:
    keys = [item.key for item in question.items]
    given = _known_keys(answer, set(keys))
    if len(given) != len(keys):
        raise AnswerError("Put every item in its place before you check.")
    options = tuple(
        OptionFeedback(
            item.key,
            item.text,
            chosen=True,
            right=given[place] == item.key,
            because=item.because,
            note="" if given[place] == item.key else f"you put it {given.index(item.key) + 1}",
        )
        for place, item in enumerate(question.items)
    )
    placed = sum(option.right for option in options)
    if placed == len(keys):
        return Graded(True, "Right.", options)
    return Graded(False, f"Not right. {placed} of {len(keys)} stand in their place.", options)


def _grade_classify(question: Classify, answer: object) -> Graded:
    [chosen] = _known_keys([answer], {str(level) for level in range(len(LEVELS))})
    options = tuple(
        OptionFeedback(
            str(level), name, chosen == str(level), level == question.level, question.because[level]
        )
        for level, name in enumerate(LEVELS)
    )
    correct = chosen == str(question.level)
    return Graded(correct, "Right." if correct else "Not right.", options)


def _grade_number(question: Number, answer: object) -> Graded:
    given = read_number(answer)
    # A hair more than the tolerance: 0.3 + 0.1 is not 0.4 in binary.
    slack = question.tolerance + 1e-9 * max(1.0, abs(question.answer))
    correct = abs(given - question.answer) <= slack
    within = f" (within {question.tolerance:g})" if question.tolerance else ""
    options = [
        OptionFeedback(
            "answer",
            f"{question.answer:g} {question.unit}{within}",
            correct,
            True,
            question.because,
            note=f"you wrote {given:g}" if correct else "",
        )
    ]
    for number, trap in enumerate(question.traps):
        met = not correct and abs(given - trap.value) <= slack
        options.append(
            OptionFeedback(
                f"trap{number}", f"{trap.value:g} {question.unit}", met, False, trap.because
            )
        )
    side = "too high" if given > question.answer else "too low"
    message = "Right." if correct else f"Not right. {given:g} {question.unit} is {side}."
    return Graded(correct, message, tuple(options))


def _known_keys(answer: object, known: set[str]) -> list[str]:
    if not isinstance(answer, list | tuple) or not answer:
        raise AnswerError("Choose an answer before you check.")
    keys = [key for key in answer if isinstance(key, str) and key in known]
    if len(keys) != len(answer) or len(set(keys)) != len(keys):
        raise AnswerError("This answer does not belong to the question. Run the cell again.")
    return keys
