"""Turns findings and claims into one result: a state for each practice, and the level."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from widgets.evidence.finding import Finding
from widgets.maturity import Model, Practice, State


@dataclass(frozen=True)
class Claim:
    """Somebody's word, or a passed check, that a practice is in place.

    Attributes
    ----------
    because : str
        For example "the check of exercise 1.3 passed".
    with_kit : bool
        Whether it was the kit's solution that passed.
    """

    because: str
    with_kit: bool = False


@dataclass(frozen=True)
class PracticeResult:
    """The state of one practice, with the reasons for it: a `Standing` that knows its practice."""

    practice: Practice
    state: State
    reason: str
    mend: str
    with_kit: bool


@dataclass(frozen=True)
class Assessment:
    """Where a project stands: practice by practice, and two levels side by side.

    Attributes
    ----------
    practices : tuple of PracticeResult
        In the order of the model, from Level 1 up.
    proved_level, claimed_level : int
        The highest level up to which all practices are proved; and if all claims hold.
    proved_held_by, claimed_held_by : Practice or None
        The first practice that holds each of them back; None at Level 4.
    """

    practices: tuple[PracticeResult, ...]
    proved_level: int
    claimed_level: int
    proved_held_by: Practice | None
    claimed_held_by: Practice | None

    def of(self, practice: str) -> PracticeResult:
        """Return the result of one practice by its id."""
        return next(result for result in self.practices if result.practice.id == practice)


def assess(
    model: Model, findings: Sequence[Finding], claims: Mapping[str, Claim] | None = None
) -> Assessment:
    """Weigh findings against claims: a claim makes a practice claimed, only evidence proves it.

    Parameters
    ----------
    model : Model
        The maturity model, whose practices are judged.
    findings : sequence of Finding
        What the collectors saw; several may speak of one practice, and all must prove it.
    claims : mapping of practice id to Claim, optional
        What is said, but not seen.
    """
    said = claims or {}
    results = tuple(
        _judge(practice, [f for f in findings if f.practice == practice.id], said.get(practice.id))
        for practice in sorted(model.practices, key=lambda practice: practice.level)
    )
    proved, proved_by = _level(model, results, {State.PROVED})
    claimed, claimed_by = _level(model, results, {State.PROVED, State.CLAIMED})
    return Assessment(results, proved, claimed, proved_by, claimed_by)


def _judge(practice: Practice, findings: Sequence[Finding], claim: Claim | None) -> PracticeResult:
    reason = "; ".join(f"{finding.what} ({finding.where})" for finding in findings)
    mend = " ".join(finding.mend for finding in findings if finding.mend)
    states = {finding.state for finding in findings}
    with_kit = any(finding.with_kit for finding in findings) or bool(claim and claim.with_kit)
    if states == {State.PROVED}:
        return PracticeResult(practice, State.PROVED, reason, "", with_kit)
    if claim is not None:
        because = f"{claim.because}; seen: {reason}" if reason else claim.because
        return PracticeResult(practice, State.CLAIMED, because, mend, claim.with_kit)
    if State.CLAIMED in states:
        return PracticeResult(practice, State.CLAIMED, reason, mend, with_kit)
    if states == {State.HIDDEN}:
        return PracticeResult(practice, State.HIDDEN, reason, mend, False)
    return PracticeResult(practice, State.MISSING, reason or "nothing seen yet", mend, False)


def _level(
    model: Model, results: Sequence[PracticeResult], enough: set[State]
) -> tuple[int, Practice | None]:
    for result in results:
        if result.state not in enough:
            return result.practice.level - 1, result.practice
    return max(level.number for level in model.levels), None
