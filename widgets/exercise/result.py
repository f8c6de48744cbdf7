"""What a check came to: one item for each requirement, with a message for a person."""

from dataclasses import dataclass
from enum import StrEnum

# Exit codes of `maturity check`.
PASSED, NOT_YET, MISUSE = 0, 1, 2


class Outcome(StrEnum):
    """How one requirement ended; the value is the word that people read."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_REACHED = "not reached"


@dataclass(frozen=True)
class Item:
    """One requirement of an exercise, and how it ended."""

    requirement: str
    outcome: Outcome
    message: str = ""


@dataclass(frozen=True)
class CheckResult:
    """The result of one check.

    Attributes
    ----------
    exercise : str
        The exercise's id.
    items : tuple of Item
        In the order of the check.
    seconds : float
        How long it took.
    said : tuple of str
        The lines that the check said on its way.
    output : str
        The end of what the learner's code printed.
    stopped : bool
        Whether somebody stopped the check: nothing is recorded then.
    """

    exercise: str
    items: tuple[Item, ...]
    seconds: float
    said: tuple[str, ...] = ()
    output: str = ""
    stopped: bool = False

    @property
    def passed(self) -> bool:
        """Whether every requirement is met."""
        return bool(self.items) and all(item.outcome is Outcome.PASSED for item in self.items)


@dataclass(frozen=True)
class Event:
    """One sign of life of a running check.

    Attributes
    ----------
    kind : str
        "collected", "start", "say", "end" or "broken".
    text : str
        The requirement, or what was said.
    outcome : Outcome or None
        With "end".
    message : str
        With "end" and "broken": what was wrong.
    items : tuple of str
        With "collected": all requirements.
    """

    kind: str
    text: str = ""
    outcome: Outcome | None = None
    message: str = ""
    items: tuple[str, ...] = ()
