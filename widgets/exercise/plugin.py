"""The pytest plugin of a check: its fixtures, and the events by which the parent follows it."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from widgets.exercise.explain import explain, is_learners
from widgets.exercise.programs import Program
from widgets.exercise.requirement import first_paragraph
from widgets.exercise.sandbox import own_channel, own_job, own_sandbox

WORKER = os.getpid()


def requirement_of(item: pytest.Item) -> str:
    """Return what the learner reads: the first paragraph of the test's docstring."""
    return first_paragraph(getattr(getattr(item, "obj", None), "__doc__", None) or item.name)


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Tell what will be checked."""
    own_channel().tell(kind="collected", items=[requirement_of(item) for item in items])


def pytest_exception_interact(
    node: pytest.Item | pytest.Collector,
    call: pytest.CallInfo[Any],
    report: pytest.CollectReport | pytest.TestReport,
) -> None:
    """Tell why the check's module could not be read: where it imports the learner's files."""
    if isinstance(report, pytest.CollectReport) and call.excinfo is not None:
        wrapped = call.excinfo.value
        error = wrapped.__cause__ or wrapped
        project = own_sandbox().project
        whose = "yours" if is_learners(error, project) else "the kit's"
        own_channel().tell(kind="broken", text=whose, message=explain(error, project))


def pytest_keyboard_interrupt(excinfo: pytest.ExceptionInfo[BaseException]) -> None:
    """Tell that the learner's code ended pytest itself."""
    message = explain(excinfo.value, own_sandbox().project)
    own_channel().tell(kind="interrupted", message=message)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Tell which requirement is looked at; bring a process that went elsewhere back home.

    A child that the learner's code forked and let run on ends here: it would do all again.
    """
    if os.getpid() != WORKER:
        os._exit(0)
    own_channel().tell(kind="start", text=requirement_of(item))
    yield
    project = own_sandbox().project
    project.mkdir(parents=True, exist_ok=True)  # the learner's code may have removed it
    os.chdir(project)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Iterator[None]:
    """Tell how a requirement ended: failed in its set-up or itself, or passed itself."""
    yield
    text = requirement_of(item)
    if call.excinfo is not None and call.when != "teardown":
        message = explain(call.excinfo.value, own_sandbox().project)
        own_channel().tell(kind="end", text=text, outcome="failed", message=message)
    elif call.when == "call":
        own_channel().tell(kind="end", text=text, outcome="passed")


@pytest.fixture(scope="session")
def project() -> Path:
    """The learner's project: a copy that the check may do anything with."""
    return own_sandbox().project


@pytest.fixture(scope="session")
def workspace() -> Path:
    """A folder that looks like the workspace: `project/` and `data/`, both copies."""
    return own_sandbox().root


@pytest.fixture(scope="session")
def real_workspace() -> Path:
    """The learner's own workspace, to be read only."""
    return own_job().workspace


@pytest.fixture(scope="session")
def kit_flights() -> Path:
    """The folder with all twelve months, whole."""
    return own_job().flights


@pytest.fixture(scope="session")
def level() -> Path:
    """The folder of the exercise's level: `starter/`, `checks/`."""
    return own_job().level


@pytest.fixture(scope="session")
def say() -> Callable[[str], None]:
    """A function that tells the learner what is being done."""
    return lambda text: own_channel().tell(kind="say", text=text)


@pytest.fixture(scope="session")
def program() -> type[Program]:
    """What starts a program of the learner's, as `python` with some words would."""
    return Program
