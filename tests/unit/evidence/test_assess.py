"""Claims claim, evidence proves, and the level is what holds without a gap."""

from widgets.evidence import Claim, Finding, assess
from widgets.maturity import State, load

MODEL = load()


def proved(*practices: str, with_kit: bool = False) -> list[Finding]:
    return [Finding(p, State.PROVED, "seen", "there", with_kit=with_kit) for p in practices]


def level(number: int) -> list[str]:
    return [practice.id for practice in MODEL.practices_of(number)]


def test_nothing_seen_is_level_0():
    result = assess(MODEL, [])
    assert (result.proved_level, result.claimed_level) == (0, 0)
    assert result.proved_held_by == MODEL.practices_of(1)[0]
    assert all(practice.state is State.MISSING for practice in result.practices)


def test_a_claim_alone_never_proves():
    result = assess(MODEL, [], {name: Claim("the check passed") for name in level(1)})
    assert (result.proved_level, result.claimed_level) == (0, 1)
    assert result.of("ci-for-code").state is State.CLAIMED
    assert result.of("ci-for-code").reason == "the check passed"


def test_all_practices_of_a_level_proved_is_that_level():
    assert assess(MODEL, proved(*level(1))).proved_level == 1


def test_a_higher_level_does_not_count_over_a_gap():
    result = assess(MODEL, proved(*level(1)[1:], *level(2)))
    assert result.proved_level == 0
    assert result.proved_held_by is not None
    assert result.proved_held_by.id == level(1)[0]


def test_everything_proved_is_level_4_and_nothing_holds_it_back():
    result = assess(MODEL, proved(*(practice.id for practice in MODEL.practices)))
    assert (result.proved_level, result.proved_held_by) == (4, None)


def test_one_finding_that_does_not_prove_is_enough_to_doubt():
    findings = [*proved("ci-for-code"), Finding("ci-for-code", State.MISSING, "x", "y", "do z")]
    result = assess(MODEL, findings).of("ci-for-code")
    assert result.state is State.MISSING
    assert result.mend == "do z"


def test_the_kits_solution_stays_visible():
    assert assess(MODEL, proved("ci-for-code", with_kit=True)).of("ci-for-code").with_kit
    claimed = assess(MODEL, [], {"ci-for-code": Claim("passed", with_kit=True)})
    assert claimed.of("ci-for-code").with_kit


def test_what_cannot_be_seen_is_not_called_missing():
    findings = [Finding("basic-monitoring", State.HIDDEN, "no address", "here", "name the server")]
    assert assess(MODEL, findings).of("basic-monitoring").state is State.HIDDEN


def test_one_part_by_the_kit_makes_the_whole_the_kits():
    mine = Finding("automated-tests", State.PROVED, "seen", "here")
    kits = Finding("automated-tests", State.PROVED, "seen", "there", with_kit=True)
    assert assess(load(), [mine, kits]).of("automated-tests").with_kit


def test_what_was_passed_with_the_kits_solution_stays_the_kits_whoever_touched_its_files():
    claims = {"automated-tests": Claim("passed", with_kit=True)}
    assert assess(MODEL, proved("automated-tests"), claims).of("automated-tests").with_kit
    own = {"automated-tests": Claim("passed", with_kit=False)}
    assert not assess(MODEL, proved("automated-tests"), own).of("automated-tests").with_kit
