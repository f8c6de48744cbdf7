"""Runs a learner's tests on variants of the package, each in a process of its own."""

import json
import multiprocessing
import os
import shlex
import shutil
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pytest
from threadpoolctl import threadpool_limits

SECONDS = 20  # for one variant: a test that a mutant sends into an endless loop has caught it
AT_ONCE = 2


@dataclass(frozen=True)
class Variant:
    """A copy of the project whose package is replaced.

    Attributes
    ----------
    name : str
        How it is called in messages.
    package : Path or None
        The folder that replaces `flights/`; None keeps the learner's own.
    sources : dict
        Files below the project that are replaced after that, with their texts.
    """

    name: str
    package: Path | None
    sources: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What the tests said about one variant.

    Attributes
    ----------
    passed : list of str
        The ids of the tests that passed.
    failed : dict
        For each test that failed inside itself or its fixtures, why.
    not_collected : dict
        For each test file that could not even be read, why.
    stopped : bool
        Whether the run took too long or its process died.
    """

    passed: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    not_collected: dict[str, str] = field(default_factory=dict)
    stopped: bool = False


def run_variants(
    project: Path,
    variants: Sequence[Variant],
    say: Callable[[str], None],
) -> list[Outcome]:
    """Run the tests of `project` on each variant, two at a time; return the outcomes in order.

    Every variant is run in the same way, in a folder whose name says nothing: a test cannot tell
    a mutant from a correct package but by what the package does.

    Parameters
    ----------
    project : Path
        The learner's project; it is copied, not changed.
    variants : sequence of Variant
        What the tests run on.
    say : callable
        Told the name of each variant as it starts.
    """
    # A forked child has pandas and scikit-learn loaded already; where there is no fork, spawn.
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    outcomes: list[Outcome | None] = [None] * len(variants)
    waiting = list(enumerate(variants))
    running: dict[int, tuple[multiprocessing.process.BaseProcess, float, Path]] = {}
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            number, variant = waiting.pop(0)
            say(variant.name)
            place = lay_out(project, variant, project.parent / uuid.uuid4().hex)
            process = context.Process(target=run_tests, args=(str(place),))
            process.start()
            running[number] = (process, time.monotonic() + SECONDS, place)
        time.sleep(0.01)
        for number, (process, until, place) in list(running.items()):
            if process.is_alive() and time.monotonic() < until:
                continue
            if process.is_alive():
                process.kill()
            process.join()
            outcomes[number] = read_outcome(place)
            shutil.rmtree(place, ignore_errors=True)
            del running[number]
    return [outcome or Outcome(stopped=True) for outcome in outcomes]


def lay_out(project: Path, variant: Variant, place: Path) -> Path:
    """Copy `project` to `place` with the variant's package in it; return `place`."""
    ignored = shutil.ignore_patterns("__pycache__", ".git", "analysis", "*.egg-info")
    shutil.copytree(project, place, ignore=ignored)
    if variant.package is not None:
        shutil.rmtree(place / "flights", ignore_errors=True)
        shutil.copytree(variant.package, place / "flights", ignore=ignored)
    for name, text in variant.sources.items():
        (place / name).write_text(text, encoding="utf-8")
    return place


def read_outcome(place: Path) -> Outcome:
    """Return what the child wrote, or that it wrote nothing."""
    try:
        return Outcome(**json.loads((place / "outcome.json").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return Outcome(stopped=True)


class Listener:
    """Notes how each test ended."""

    def __init__(self) -> None:
        self.outcome = Outcome()

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a file that could not be collected: its tests say nothing."""
        if report.failed:
            self.outcome.not_collected[report.nodeid] = last_line(str(report.longrepr))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a test that passed, or that failed inside itself or its fixtures."""
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            why = crash.message if crash else str(report.longrepr)
            self.outcome.failed[report.nodeid] = why.strip().splitlines()[0][:300]
        elif report.when == "call" and report.passed:
            self.outcome.passed.append(report.nodeid)


def last_line(text: str) -> str:
    """Return the last line of a traceback: the error itself."""
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    return lines[-1].removeprefix("E ").strip() if lines else ""


def run_tests(place: str) -> None:
    """Run the tests of one variant; the whole work of a child process."""
    os.chdir(place)
    os.environ.pop("PYTEST_ADDOPTS", None)
    for name in [name for name in sys.modules if name.split(".")[0] in ("flights", "conftest")]:
        del sys.modules[name]
    listener = Listener()
    here = shlex.quote(Path(place).as_posix())  # pytest splits this setting at spaces
    words = ["tests", f"--rootdir={place}", "-o", f"pythonpath={here}", "-o", "addopts="]
    words += ["-q", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:warnings"]
    with Path("output.txt").open("w", encoding="utf-8") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        with threadpool_limits(1):  # AT_ONCE that all take every core wait for one another
            pytest.main(words, plugins=[listener])
    Path("outcome.json").write_text(json.dumps(asdict(listener.outcome)), encoding="utf-8")
    os._exit(0)  # the parent's clean-up at exit is not this process's to do
