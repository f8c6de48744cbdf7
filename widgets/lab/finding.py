"""What the doctor found, for a person and for a program."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class Health(StrEnum):
    """How bad a finding is."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


GLYPHS = {Health.GOOD: "✓", Health.NOTE: "·", Health.BAD: "✗"}


@dataclass(frozen=True)
class Finding:
    """One thing that the doctor looked at; what is not good has its mend."""

    about: str
    health: Health
    what: str
    mend: str = ""

    def lines(self) -> list[str]:
        """Return the finding for a person."""
        lines = [f"{GLYPHS[self.health]} {self.about:12} {self.what}"]
        return lines + [f"  {'':12} → {line}" for line in self.mend.splitlines()]

    def value(self) -> dict[str, str]:
        """Return the finding for a program."""
        return asdict(self)


def good(about: str, what: str) -> Finding:
    """Return a finding that needs nothing."""
    return Finding(about, Health.GOOD, what)


def note(about: str, what: str, mend: str = "") -> Finding:
    """Return a finding that is worth knowing and stops nobody."""
    return Finding(about, Health.NOTE, what, mend)


def bad(about: str, what: str, mend: str) -> Finding:
    """Return a finding that must be mended before a class."""
    return Finding(about, Health.BAD, what, mend)
