"""1.2 Tests that bite: which planted bugs do the learner's tests notice?"""

import random
from dataclasses import dataclass, replace

import pytest
from _mutants import MUTANTS, REFERENCE, REWRITTEN, Mutant
from _mutation import Outcome, Variant, run_variants

NEEDED = 9  # of the twelve mutants, the incident's two among them

OWN = Variant("your own code", None)
CORRECT = (
    Variant("a correct package", REFERENCE / "flights"),
    Variant("a correct package, written in another way", REWRITTEN / "flights"),
)


@dataclass(frozen=True)
class Runs:
    """The outcomes of all runs: on the own code, on two correct packages, on each mutant.

    The correct packages stand among the mutants once more (`again`): a test that fails there
    depends on chance, or on what an earlier run has left.
    """

    own: Outcome
    correct: tuple[Outcome, ...]
    mutants: tuple[Outcome, ...]
    again: tuple[Outcome, ...] = ()

    def counting(self) -> set[str]:
        """Return the tests that pass on the own code and on every correct package, each time."""
        others = (*self.correct, *self.again)
        return {test for test in self.own.passed if all(test in o.passed for o in others)}


def run(project, say) -> Runs:
    """Run the learner's tests on every variant; on those with a bug only once they are sound."""
    own, *correct = run_variants(project, (OWN, *CORRECT), say)
    first = Runs(own, tuple(correct), ())
    if own.failed or not first.counting():
        return first
    planted = [
        Variant(
            f"mutant {number} of {len(MUTANTS)}: {mutant.name}",
            REFERENCE / "flights",
            {mutant.file: mutant.source()},
        )
        for number, mutant in enumerate(MUTANTS, 1)
    ]
    mixed = [*planted, *CORRECT]
    order = random.sample(range(len(mixed)), len(mixed))
    outcomes = run_variants(project, [mixed[place] for place in order], say)
    in_order = [outcome for _, outcome in sorted(zip(order, outcomes, strict=True), key=first_of)]
    return replace(first, mutants=tuple(in_order[: len(planted)]), again=tuple(in_order[-2:]))


def first_of(pair: tuple[int, Outcome]) -> int:
    """Return the place of an outcome."""
    return pair[0]


def caught(outcome: Outcome, counting: set[str]) -> bool:
    """Return whether a mutant was noticed: inside a test, not because nothing could be read."""
    return bool(counting & set(outcome.failed)) or (outcome.stopped and not outcome.not_collected)


def judge_own(runs: Runs) -> str:
    """Return what keeps the tests from passing on the learner's own code, or nothing."""
    if runs.own.stopped:
        return "Your tests did not come to an end on your own code: is there an endless loop?"
    if runs.own.not_collected:
        return "\n".join(
            f"{file} cannot be read by pytest: {why}"
            for file, why in runs.own.not_collected.items()
        )
    if runs.own.failed:
        return "These tests fail on your own code. Mend the test, or the code it found out:\n" + (
            "\n".join(f"  {test}: {why}" for test, why in runs.own.failed.items())
        )
    if not runs.own.passed:
        return "There is no test yet. Write functions named test_… in tests/test_features.py."
    return ""


def judge_correct(runs: Runs) -> str:
    """Return which tests refuse a package that keeps every promise, or nothing."""
    lines = []
    for variant, outcome in zip(CORRECT, runs.correct, strict=True):
        for test, why in (outcome.failed | outcome.not_collected).items():
            lines.append(f"  {test} fails on {variant.name}: {why}")
        if outcome.stopped:
            lines.append(f"  the tests did not come to an end on {variant.name}")
    for variant, before, after in zip(CORRECT, runs.correct, runs.again, strict=False):
        lines += [
            f"  {test} passed on {variant.name}, and failed there the second time: does it depend "
            "on chance, or on a file that stays?"
            for test in after.failed
            if test in before.passed
        ]
    if not lines:
        return ""
    return (
        "These tests refuse code that is right, so they are not counted. They look at how it is "
        "done instead of what comes out; use only the names and promises in the docstrings of "
        "flights/features.py and flights/train.py:\n" + "\n".join(lines)
    )


def escaped(runs: Runs) -> list[Mutant]:
    """Return the mutants that no counted test noticed."""
    if not runs.mutants:
        return list(MUTANTS)
    counting = runs.counting()
    pairs = zip(MUTANTS, runs.mutants, strict=True)
    return [mutant for mutant, outcome in pairs if not caught(outcome, counting)]


def waiting(runs: Runs) -> str:
    """Return why no package with a bug was tried."""
    if runs.own.failed:
        return "Planted bugs are tried when your tests pass on your own code (see above)"
    return "No test counts yet (see above)"


def show(mutants: list[Mutant]) -> str:
    """Return each mutant as a difference against the reference, with where to look."""
    return "\n".join(
        f"\n• {mutant.name} ({mutant.file})\n{mutant.diff()}\n"
        f"  A test would look at {mutant.look_at}."
        for mutant in mutants
    )


def judge_incident(runs: Runs) -> str:
    """Return which of the incident's two bugs escaped, or nothing."""
    left = [mutant for mutant in escaped(runs) if mutant.incident]
    if not left:
        return ""
    if not runs.mutants:
        return f"{waiting(runs)}, so the incident could happen again."
    return "The incident could happen again. Not noticed:" + show(left)


def judge_share(runs: Runs) -> str:
    """Return how many mutants were caught and which escaped, or nothing if they are enough."""
    left = escaped(runs)
    number = len(MUTANTS) - len(left)
    if number >= NEEDED:
        return ""
    said = f"{number} of {len(MUTANTS)} caught; {NEEDED} are asked for."
    if not runs.mutants:
        return f"{said} {waiting(runs)}."
    return f"{said} Escaped, beside the incident's:" + show([m for m in left if not m.incident])


@pytest.fixture(scope="module")
def runs(project, say):
    return run(project, say)


def test_own_code(runs):
    """Your tests pass on your own code."""
    assert not judge_own(runs), judge_own(runs)


def test_correct_code(runs):
    """Your tests accept every package that keeps the promises, however it is written."""
    assert not judge_correct(runs), judge_correct(runs)


def test_incident(runs, say):
    """Your tests notice the two bugs of the incident."""
    assert not judge_incident(runs), judge_incident(runs)


def test_mutants(runs, say):
    """Your tests notice at least nine of the twelve planted bugs."""
    left = escaped(runs)
    say(f"{len(MUTANTS) - len(left)} of {len(MUTANTS)} mutants caught" + (":" if left else "."))
    for mutant in left:
        say(f"escaped: {mutant.name}")
    assert not judge_share(runs), judge_share(runs)
