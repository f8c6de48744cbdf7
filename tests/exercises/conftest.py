"""A learner in a workspace of the tests' own: begins, solves and checks exercises."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from widgets.base.paths import Layout
from widgets.exercise.checker import MLFLOW
from widgets.exercise.definition import Exercise
from widgets.exercise.forks import CAN_FORK, DOOR, Nursery
from widgets.exercise.result import CheckResult, Event
from widgets.exercise.spare import plain_environment
from widgets.kit import Kit


@dataclass(frozen=True)
class Learner:
    """Somebody who works through the exercises in a workspace of the tests' own."""

    kit: Kit

    def begin(self, exercise: Exercise) -> None:
        """Empty the project, solve by files what comes before the exercise, and begin it."""
        layout = self.kit.layout
        for folder in (layout.project, layout.origin, layout.kit / "brought"):
            shutil.rmtree(folder, ignore_errors=True)
        layout.project.mkdir()
        if exercise.level >= 2:  # as in a learner's workspace: from here on the worker knows MLflow
            layout.mlflow.mkdir(exist_ok=True)
        for before in self.kit.catalogue.before(exercise.id):
            self.kit.workspace.begin(before)
            self.take_solution(before)
        self.kit.workspace.begin(exercise)

    def take_solution(self, exercise: Exercise) -> None:
        """Take over the files of the solution; nothing is played."""
        solution = self.kit.catalogue.solution(exercise)
        for name in exercise.files:
            shutil.copyfile(solution / name, self.kit.layout.project / name)

    def solve(self, exercise: Exercise) -> None:
        """Use the solution; of what is pushed only the files, for nothing here has an origin."""
        if exercise.pushes:
            self.take_solution(exercise)
            self.kit.workspace.add(exercise)
        else:
            self.kit.workspace.solve(exercise)

    def write(self, name: str, text: str) -> None:
        """Write a file of the project."""
        (self.kit.layout.project / name).write_text(text, encoding="utf-8")

    def edit(self, name: str, old: str, new: str) -> None:
        """Exchange a text that stands exactly once in a file of the project."""
        text = (self.kit.layout.project / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{name} holds {text.count(old)} times: {old!r}"
        self.write(name, text.replace(old, new))

    def check(
        self, exercise: Exercise, enough: Callable[[str], bool] = lambda said: False
    ) -> tuple[CheckResult, str]:
        """Check as the panel does; return the result, and all its messages.

        It is stopped as soon as `enough` is true of the messages up to then.
        """
        said = ""
        stop = threading.Event()

        def listen(event: Event) -> None:
            nonlocal said
            said += f"{event.message}\n"
            if enough(said):
                stop.set()

        result = self.kit.checker.check(exercise, listen, stop)
        said = [f"{item.outcome}: {item.requirement}\n{item.message}" for item in result.items]
        return result, "\n".join(said)


@pytest.fixture(scope="session")
def nursery() -> Iterator[None]:
    """Let the programs that a test starts be forks of a process that has MLflow imported."""
    if not CAN_FORK:
        yield
        return
    nursery = Nursery(plain_environment(MLFLOW))
    os.environ[DOOR] = str(nursery.door)
    yield
    del os.environ[DOOR]
    nursery.close()


@pytest.fixture(scope="session")
def learner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Learner]:
    """Return a learner; the workspace's path holds a space and an é."""
    kit = Kit(Layout(tmp_path_factory.mktemp("answers") / "a workspace é"))
    kit.start()
    kit.checker.warm()
    yield Learner(kit)
    kit.checker.close()
