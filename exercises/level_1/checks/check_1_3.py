"""Exercise 1.3: one build, one environment, and one command that proves both."""

from collections.abc import Callable
from pathlib import Path

import _judge_1_3 as judge
import pytest
from _build import Built, build_all

_done: dict[Path, Built] = {}  # made once, judged by each test


@pytest.fixture
def built(project: Path, workspace: Path, kit_flights: Path, say: Callable[[str], None]) -> Built:
    if project not in _done:
        _done[project] = build_all(project, kit_flights, workspace / "built", say)
    return _done[project]


def test_pyproject(built: Built) -> None:
    """pyproject.toml names the package, its Python, what it needs, and flights-train."""
    judge.judge_pyproject(built)


def test_wheel(built: Built) -> None:
    """The wheel builds without the network and holds the package alone."""
    judge.judge_wheel(built)


def test_trains_where_it_is_installed(built: Built) -> None:
    """Installed into an empty folder, the package trains from there."""
    judge.judge_training(built)


def test_pins(built: Built) -> None:
    """requirements.txt pins all that the project imports, at the versions installed here."""
    judge.judge_pins(built)


def test_ci_passes(built: Built) -> None:
    """`python ci.py` builds, compares and tests your project, and ends with 0."""
    judge.judge_ci_passes(built)


def test_ci_sees_another_version(built: Built) -> None:
    """`python ci.py` fails when an installed version differs from its pin, and names both."""
    judge.judge_ci_changed(built)


def test_ci_refuses_what_is_not_pinned(built: Built) -> None:
    """`python ci.py` refuses a line that is no pin, and an import without one."""
    judge.judge_ci_refuses(built)
