"""Exercise 1.4: every push is tested, and main takes only what is green."""

from collections.abc import Callable
from pathlib import Path

import _judge_1_4 as judge
import pytest
from _pushes import Pushes, read_pushes

_done: dict[Path, Pushes] = {}  # read once, judged by each test


@pytest.fixture
def pushes(
    project: Path, workspace: Path, real_workspace: Path, say: Callable[[str], None]
) -> Pushes:
    if project not in _done:
        _done[project] = read_pushes(project, real_workspace, workspace / "pushes", say)
    return _done[project]


def test_workflow(pushes: Pushes) -> None:
    """The workflow runs ci.py on every push and fits the published schema."""
    judge.judge_workflow(pushes)


def test_repository(pushes: Pushes) -> None:
    """The project is under version control, and its pushes are tested by the origin."""
    judge.judge_repository(pushes)


def test_red(pushes: Pushes) -> None:
    """The branch with the incident's bug is red, because tests failed."""
    judge.judge_red(pushes)


def test_refusal(pushes: Pushes) -> None:
    """main refuses the red commit: tried on a copy of your origin."""
    judge.judge_refusal(pushes)


def test_never_main(pushes: Pushes) -> None:
    """main only ever was a commit that the CI had found green."""
    judge.judge_never_main(pushes)


def test_green(pushes: Pushes) -> None:
    """The mended commit is green, and main is that commit."""
    judge.judge_green(pushes)


def test_tidy(pushes: Pushes) -> None:
    """Nothing that a program can make again is under version control."""
    judge.judge_tidy(pushes)
