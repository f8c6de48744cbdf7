"""A small course of its own, with exercises whose checks take no time."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from widgets.base.paths import Layout
from widgets.exercise.checker import Checker
from widgets.exercise.definition import Catalogue, read_catalogue
from widgets.exercise.verbs import Verbs
from widgets.exercise.workspace import Workspace
from widgets.progress import Progress

CHECK = '''
def test_two():
    """`two()` returns 2."""
    from flights.two import two
    assert two() == 2, f"Found {two()}, expected 2. Look at flights/two.py."
'''


@dataclass
class Course:
    """The kit's folders of a course, and the workspace of one learner of it."""

    root: Path
    layout: Layout

    def write(self, name: str, text: str) -> Path:
        """Write a file below the course's root."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def mine(self, name: str, text: str | None = None) -> Path:
        """Return a file of the learner's project; write it first if there is a text."""
        path = self.layout.project / name
        if text is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return path

    def add(
        self,
        name: str,
        starter: Mapping[str, str],
        solution: Mapping[str, str] | None = None,
        check: str = CHECK,
        **words: object,
    ) -> None:
        """Add an exercise; the learner edits all files of the starter."""
        level, number = name.split(".")
        for folder, files in (("exercises", starter), ("solutions", solution or starter)):
            below = f"{folder}/level_{level}" + ("/starter" if folder == "exercises" else "")
            for file, text in files.items():
                self.write(f"{below}/{file}", text)
        self.write(f"exercises/level_{level}/checks/check_{level}_{number}.py", check)
        listed = self.root / f"exercises/level_{level}/exercises.yaml"
        known = yaml.safe_load(listed.read_text("utf-8")) if listed.exists() else None
        book = known or {"level": int(level), "exercises": []}
        book["exercises"].append(an_exercise(name) | {"files": list(starter)} | words)
        self.write(f"exercises/level_{level}/exercises.yaml", json.dumps(book))

    def catalogue(self) -> Catalogue:
        """Read the exercises."""
        return read_catalogue(self.root)

    def workspace(self) -> Workspace:
        """Return the files of the learner, with the folders made."""
        workspace = Workspace(self.layout, self.catalogue(), lambda thing: None)
        (self.root / "notebooks").mkdir(exist_ok=True)
        workspace.start()
        return workspace

    def verbs(self) -> Verbs:
        """Return the verbs; whoever asks for them closes the checker."""
        catalogue = self.catalogue()
        progress = Progress(self.layout.progress)
        checker = Checker(self.layout, catalogue)
        return Verbs(self.layout, catalogue, progress, self.workspace(), checker)


def an_exercise(name: str) -> dict[str, object]:
    """Return the words of an exercise, as they stand in exercises.yaml."""
    return {
        "id": name,
        "title": "Two",
        "goal": "Return 2.",
        "why": "To see it checked.",
        "files": ["flights/two.py"],
        "minutes": 5,
        "budget": 1,
        "limit": 30,
        "hints": ["Think.", "Look at flights/two.py.", "Return 2."],
    }


@pytest.fixture(scope="session")
def new_course() -> Callable[[Path], Course]:
    """Return a function that makes an empty course; the workspace's path holds a space and an é."""
    return lambda root: Course(root / "kit", Layout(root / "a workspace é"))


@pytest.fixture
def course(tmp_path: Path, new_course: Callable[[Path], Course]) -> Course:
    """Return an empty course."""
    return new_course(tmp_path)
