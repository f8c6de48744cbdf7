"""What the states of practices add up to."""

import pytest

from widgets.diagram import ItemState, reached, summary_of
from widgets.maturity import PracticeState, State, load

P, C, M, H = (
    PracticeState(state) for state in (State.PROVED, State.CLAIMED, State.MISSING, State.HIDDEN)
)
LEVEL_1 = [practice.id for practice in load().practices_of(1)]


@pytest.mark.parametrize(
    ("found", "state", "words"),
    [
        ([P, P, P, P], ItemState.PROVED, "4 of 4 proved"),
        ([P, C, P, P], ItemState.CLAIMED, "3 of 4 proved, 1 claimed"),
        ([C, C, C, C], ItemState.CLAIMED, "0 of 4 proved, 4 claimed"),
        ([P, M, H, M], ItemState.BEGUN, "1 of 4 proved"),
        ([M, M, C, M], ItemState.BEGUN, "0 of 4 proved, 1 claimed"),
        ([M, M, M, H], ItemState.MISSING, "0 of 4 proved"),
        ([H, H, H, H], ItemState.HIDDEN, "cannot be seen from here"),
    ],
)
def test_a_level_is_as_far_as_its_practices(
    found: list[PracticeState], state: ItemState, words: str
) -> None:
    summary = summary_of(load(), load().level(1), dict(zip(LEVEL_1, found, strict=True)))
    assert (summary.state, summary.words) == (state, words)


def test_a_bullet_with_one_practice_says_its_state() -> None:
    bullet = load().item("level-1-characteristic-testing")
    assert summary_of(load(), bullet, {"automated-tests": C}).words == "claimed"
    assert summary_of(load(), bullet, {}).state is ItemState.MISSING


def test_level_0_has_nothing_to_prove() -> None:
    assert summary_of(load(), load().level(0), {}).state is ItemState.NOTHING


def test_a_limit_is_lifted_once_all_that_ends_it_is_proved() -> None:
    limit = load().item("level-0-bullet-notebooks-only")
    both = {"version-control": P, "standard-environment": P}
    assert summary_of(load(), limit, {}).state is ItemState.LIMIT
    assert summary_of(load(), limit, both | {"standard-environment": C}).state is ItemState.LIMIT
    assert summary_of(load(), limit, both).state is ItemState.LIFTED


def test_a_level_is_reached_only_with_all_levels_below_it() -> None:
    proved = {number: {p.id: P for p in load().practices_of(number)} for number in range(1, 5)}
    assert reached(load(), {}) == 0
    assert reached(load(), proved[2]) == 0
    assert reached(load(), proved[1] | {"model-registry": P}) == 1
    assert reached(load(), proved[1] | proved[2] | proved[3]) == 3
    assert reached(load(), proved[1] | proved[2] | proved[3] | proved[4]) == 4
