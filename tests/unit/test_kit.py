"""The rooms together: what a workspace's assessment rests on."""

from pathlib import Path

import pytest

from widgets.base.paths import Layout
from widgets.kit import Kit
from widgets.maturity import State


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return Kit(Layout(tmp_path / "a workspace é"))


def test_looking_at_a_workspace_that_is_not_there_makes_nothing(kit):
    assert kit.assess().proved_level == 0
    assert not kit.layout.root.exists()


def test_a_passed_check_claims_and_proves_nothing_by_itself(kit):
    kit.progress.record_check("1.2", True, 1.0, "learner")
    result = kit.assess().of("automated-tests")
    assert result.state is State.CLAIMED
    assert "the check of 1.2 passed" in result.reason


def test_tests_that_never_caught_a_planted_bug_are_not_proved(kit):
    kit.progress.record_check("1.1", True, 1.0, "learner")
    result = kit.assess().of("automated-tests")
    assert result.state is State.MISSING
    assert "no planted bug caught yet" in result.reason


def test_what_the_kit_solved_is_claimed_with_the_kit(kit):
    kit.progress.record_check("1.4", True, 1.0, "kit")
    assert kit.assess().of("ci-for-code").with_kit
