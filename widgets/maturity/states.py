"""How far a practice is: its state, and why it is said to be in it."""

from dataclasses import dataclass
from enum import StrEnum


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
    with_kit : bool
        True if the kit's own solution did the work: shown as "with the kit's solution".
    """

    state: State
    reason: str = ""
    with_kit: bool = False

    @property
    def words(self) -> str:
        """The state as a person reads it, for example ``proved, with the kit's solution``."""
        return f"{self.state.value}, with the kit's solution" if self.with_kit else self.state.value
