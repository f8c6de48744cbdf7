"""A question in words, for pages without a kernel: what is asked, never what is right."""

from widgets.base.view import wrapped
from widgets.quiz.questions import LEVELS, Choice, Classify, Order, Question

INDENT = "   "


def in_words(number: int, question: Question) -> list[str]:
    """Return the lines of a question and of what can be chosen, in an order that tells nothing."""
    lines = wrapped(f"{number}. {question.prompt}")
    if question.case:
        lines += wrapped(question.case, INDENT)
    if question.code:
        lines += [f"{INDENT}    {line}".rstrip() for line in question.code.rstrip().splitlines()]
    if question.image:
        lines += wrapped(f"Picture: {question.image.alt}", INDENT)
    return [*lines, *(line for choice in _choices(question) for line in wrapped(choice, INDENT))]


def _choices(question: Question) -> list[str]:
    match question:
        case Choice():
            sign = "( )" if question.type == "single" else "[ ]"
            return [f"{sign} {text}" for text in sorted(option.text for option in question.options)]
        case Order():
            return [f"- {text}" for text in sorted(item.text for item in question.items)]
        case Classify():
            return [f"( ) Level {number}" for number in range(len(LEVELS))]
        case _:
            return [f"A number, in {question.unit}"]
