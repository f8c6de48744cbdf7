"""The pytest plugin of a check: its fixtures, and the events by which the parent follows it."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from widgets.exercise.explain import explain

SANDBOX = "MATURITY_SANDBOX"


@dataclass(frozen=True)
class Job:
    """What one check is told: where everything lies."""

    check: Path
    level: Path
    workspace: Path
    flights: Path


class Sandbox:
    """The throw-away folder of one check: a copy of the project and the data, and the events."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.project = root / "project"
        self.data = root / "data"
        self.checks = root / "checks"
        self.events = root / "events.jsonl"
        self.job = root / "job.json"

    @classmethod
    def current(cls) -> "Sandbox":
        """Return the sandbox of this process, as its parent named it."""
        return cls(Path(os.environ[SANDBOX]))

    def read_job(self) -> Job:
        """Return the job that the parent has written."""
        words = json.loads(self.job.read_text(encoding="utf-8"))
        return Job(**{name: Path(value) for name, value in words.items()})

    def tell(self, **event: object) -> None:
        """Append one event; the parent reads it at once."""
        with self.events.open("a", encoding="utf-8") as file:
            file.write(json.dumps(event) + "\n")


def requirement_of(item: pytest.Item) -> str:
    """Return what the learner reads: the first paragraph of the test's docstring."""
    text = getattr(getattr(item, "obj", None), "__doc__", None) or item.name
    return " ".join(text.strip().split("\n\n")[0].split())


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Tell what will be checked."""
    Sandbox.current().tell(kind="collected", items=[requirement_of(item) for item in items])


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Tell that the check itself could not be read."""
    if report.failed:
        Sandbox.current().tell(kind="broken", message=str(report.longrepr))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Tell which requirement is looked at; bring a process that went elsewhere back home."""
    sandbox = Sandbox.current()
    sandbox.tell(kind="start", text=requirement_of(item))
    yield
    sandbox.project.mkdir(parents=True, exist_ok=True)  # the learner's code may have removed it
    os.chdir(sandbox.project)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Iterator[None]:
    """Tell how a requirement ended: failed in its set-up or itself, or passed itself."""
    yield
    sandbox = Sandbox.current()
    text = requirement_of(item)
    if call.excinfo is not None and call.when != "teardown":
        message = explain(call.excinfo.value, sandbox.project, sandbox.checks)
        sandbox.tell(kind="end", text=text, outcome="failed", message=message)
    elif call.when == "call":
        sandbox.tell(kind="end", text=text, outcome="passed")


@pytest.fixture(scope="session")
def project() -> Path:
    """The learner's project: a copy that the check may do anything with."""
    return Sandbox.current().project


@pytest.fixture(scope="session")
def workspace() -> Path:
    """A folder that looks like the workspace: `project/` and `data/`, both copies."""
    return Sandbox.current().root


@pytest.fixture(scope="session")
def real_workspace() -> Path:
    """The learner's own workspace, to be read only."""
    return Sandbox.current().read_job().workspace


@pytest.fixture(scope="session")
def kit_flights() -> Path:
    """The folder with all twelve months, whole."""
    return Sandbox.current().read_job().flights


@pytest.fixture(scope="session")
def level() -> Path:
    """The folder of the exercise's level: `starter/`, `checks/`."""
    return Sandbox.current().read_job().level


@pytest.fixture(scope="session")
def say() -> Callable[[str], None]:
    """A function that tells the learner what is being done."""
    return lambda text: Sandbox.current().tell(kind="say", text=text)
