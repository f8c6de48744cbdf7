"""What a collector hands over: one thing seen, or not seen, about one practice."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from widgets.maturity import State


@dataclass(frozen=True)
class Finding:
    """One observation about one practice.

    Attributes
    ----------
    practice : str
        The id of the practice in `maturity.yaml`.
    state : State
        PROVED, MISSING, CLAIMED (a file only describes it) or HIDDEN (cannot be seen from here).
    what : str
        What was seen, with its numbers: "7 commits that change something since 2013-04-02".
    where : str
        Where it can be looked up again: a file, a commit, a folder.
    mend : str
        What would prove it; empty when proved.
    with_kit : bool
        Whether what was seen was done by the kit, not by the learner.
    """

    practice: str
    state: State
    what: str
    where: str
    mend: str = ""
    with_kit: bool = False


class Collector(Protocol):
    """Looks at one kind of source, read only."""

    @property
    def practices(self) -> Sequence[str]:
        """The ids of the practices that it serves."""

    def collect(self) -> Sequence[Finding]:
        """Return at least one finding for each practice that this collector serves."""
