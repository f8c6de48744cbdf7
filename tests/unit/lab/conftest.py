"""A small kit folder with what the set-up reads, and steps that remember what they said."""

import shutil
from pathlib import Path

import pytest

from widgets.base.paths import KIT_ROOT
from widgets.lab.environment import Environment
from widgets.lab.processes import Steps


class QuietSteps(Steps):
    """Steps that keep their lines instead of printing them."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)


@pytest.fixture
def steps() -> QuietSteps:
    return QuietSteps()


@pytest.fixture
def kit(tmp_path: Path) -> Environment:
    """Return the environment of a kit in a folder with a space and an accent; no .venv yet."""
    root = tmp_path / "a kit é"
    root.mkdir()
    for name in ("requirements.txt", "requirements-dev.txt", "constraints.txt", "pyproject.toml"):
        shutil.copy(KIT_ROOT / name, root / name)
    return Environment(root)
