"""How far a practice is: its state, and why it is said to be in it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class State(StrEnum):
    """How far a practice is; the value is the word that people read."""

    MISSING = "missing"
    CLAIMED = "claimed"
    PROVED = "proved"
    HIDDEN = "cannot be seen from here"


@dataclass(frozen=True)
class PracticeState:
    """The state of one practice, with the reason in a person's words.

    Parameters
    ----------
    state : State
        How far the practice is.
    reason : str
        What was seen and where, or what is missing. May be empty.
    mend : str
        What to do next; empty when proved.
    with_kit : bool
        True if the kit's own solution did the work: shown as "with the kit's solution".
    """

    state: State
    reason: str = ""
    mend: str = ""
    with_kit: bool = False


class Standing(Protocol):
    """How a practice stands: a `PracticeState`, or anything else that says the same."""

    @property
    def state(self) -> State: ...
    @property
    def reason(self) -> str: ...
    @property
    def mend(self) -> str: ...
    @property
    def with_kit(self) -> bool: ...


def words_of(standing: Standing) -> str:
    """Return the state as a person reads it, for example ``proved, with the kit's solution``."""
    word = standing.state.value
    return f"{word}, with the kit's solution" if standing.with_kit else word
