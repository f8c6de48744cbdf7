"""The learner's programs in the year: their environment, one run, and what a kill has left."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise

import psutil

from widgets.base.errors import KitError
from widgets.base.paths import Layout
from widgets.base.processes import end_all, processes_with, run_script

PROGRAMS = {"flights.pipeline", "flights.serve", "flights.loop", "flights.policies"}
LEFT_SECONDS = 20.0  # for what a killed year has left to end by itself
END_SECONDS = 5.0
LOG_LINES = 10
POLL = 0.1


def environment(year: Layout) -> dict[str, str]:
    """Return the environment in which the learner's programs work for the year alone."""
    foreign = ("GIT_", "MATURITY_", "MLFLOW_", "PYTEST_", "PYTHON", "FLIGHTS_ACTOR")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    if (actor := os.environ.get("FLIGHTS_ACTOR")) == "kit":
        kept["FLIGHTS_ACTOR"] = actor
    return kept | {
        "DO_NOT_TRACK": "true",
        "FLIGHTS_WORKSPACE": str(year.root),
        "GIT_CEILING_DIRECTORIES": str(year.root),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MPLBACKEND": "Agg",
        "PYTHONPATH": str(year.project),
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
    }


def run_program(module: str, year: Layout, seconds: float) -> None:
    """Run one of the project's programs to its end; what it prints is in the year's logs.

    Raises
    ------
    KitError
        If it fails or takes longer; the message holds its last words.
    """
    log = year.logs / f"{module.rpartition('.')[2]}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    words = [sys.executable, "-m", module]
    try:
        code, said = run_script(words, year.project, environment(year), seconds)
    except subprocess.TimeoutExpired:
        raise KitError(f"`python -m {module}` took longer than {seconds:.0f} s.") from None
    log.write_text(said, encoding="utf-8")
    if code:
        raise KitError(
            f"`python -m {module}` failed in {year.project}. {last_words(said)}\nAll: {log}"
        )


def last_words(said: str) -> str:
    """Return the last lines of what a program said, to be added to a message."""
    lines = said.strip().splitlines()[-LOG_LINES:]
    return "\n".join(["Its last words:", *(f"  {line}" for line in lines or ["(none)"])])


def end_leftovers(year: Layout) -> None:
    """Wait for the end of what a killed year has left running; end what does not end by itself.

    Raises
    ------
    KitError
        If one cannot be ended: two loops would disturb each other.
    """
    until = time.monotonic() + LEFT_SECONDS
    while left := leftovers(year):
        late = time.monotonic() - until
        if late > END_SECONDS:
            raise KitError(f"Process {left[0].pid} works in {year.root} and cannot be ended.")
        if late > 0:
            end_all(left)
        time.sleep(POLL)


def leftovers(year: Layout) -> list[psutil.Process]:
    """Return the learner's programs that run for the year, whoever has started them."""
    found = []
    for each in processes_with("FLIGHTS_WORKSPACE", str(year.root)):
        with suppress(psutil.Error):
            if each.status() != psutil.STATUS_ZOMBIE and is_program(each.cmdline()):
                found.append(each)
    return found


def is_program(words: Sequence[str]) -> bool:
    """Return whether the words of a command line start one of the programs of the year."""
    return any(first == "-m" and name in PROGRAMS for first, name in pairwise(words))
