"""Calls the project's own `on_main` when main has moved, as a runner in the cloud would.

The commit is checked out afresh, and the function that `[tool.flights.seams]` of its pyproject.toml
names is called there, in a process of its own that outlives the push: `trainings/<commit>.log` is
what it prints, `trainings/<commit>.json` how it ended.
"""

import os
import signal
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Annotated

import psutil
from pydantic import AwareDatetime, Field, ValidationError

from widgets.base.content import Content
from widgets.base.files import write_atomic
from widgets.base.processes import OWN_GROUP, end_family
from widgets.forge.git import GitError, git, git_bytes
from widgets.forge.record import COMMIT

FOLDER = "trainings"
LIMIT_SECONDS = 900.0
# The project's function is called with the commit; the kit itself imports nothing of it.
# To search what is imported for garbage, where there is none, would take a fifth of the time.
CALL = """
import gc, importlib, sys
module, _, name = sys.argv[1].rpartition(".")
gc.disable()
function = getattr(importlib.import_module(module), name)
gc.enable()
function(sys.argv[2])
"""
DETACHED = (
    {"creationflags": getattr(subprocess, "DETACHED_PROCESS", 0) | 0x200}
    if os.name == "nt"
    else {"start_new_session": True}
)


class Training(Content):
    """How one call of `on_main` ended; `exit_code` None: it was stopped."""

    commit: Annotated[str, Field(pattern=rf"^({COMMIT.pattern})$")]
    on_main: str
    started_at: AwareDatetime
    finished_at: AwareDatetime
    exit_code: int | None


class StopAsked(BaseException):
    """Somebody has asked this process to end."""


def start_training(origin: Path, commit: str, say: Callable[[str], None]) -> None:
    """Start what `commit` wants done when main has moved to it; return at once."""
    try:
        on_main = read_on_main(origin, commit)
    except ValueError as error:
        say(f"pyproject.toml of {commit[:10]} cannot be read, nothing is started: {error}")
        return
    if not on_main:
        return
    log = log_path(origin, commit)
    log.parent.mkdir(exist_ok=True)
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "widgets.forge.training", str(origin), commit, on_main],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            **DETACHED,
        )
    write_atomic(_pid_path(origin, commit), str(process.pid))
    say(f"main has moved: {on_main} is called with {commit[:10]}, in a process of its own.")
    say("Watch it:  maturity trainings --wait")


def read_on_main(origin: Path, commit: str) -> str:
    """Return the dotted name that the commit's pyproject.toml gives, or "".

    Raises
    ------
    ValueError
        If the file is not TOML, or the name is not module.function.
    """
    try:
        text = git_bytes(origin, "cat-file", "blob", f"{commit}:pyproject.toml").decode()
    except GitError:
        return ""
    tool = tomllib.loads(text).get("tool", {})
    name = tool.get("flights", {}).get("seams", {}).get("on_main", "")
    if not isinstance(name, str) or (name and not all(map(str.isidentifier, name.split(".")))):
        raise ValueError(f"on_main = {name!r} is not a module and a function: a.b.function")
    return name


def run_training(origin: Path, commit: str, on_main: str) -> int | None:
    """Check `commit` out, call its `on_main`, write the record; return the exit code."""
    started = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="training-", ignore_cleanup_errors=True) as name:
        checkout = Path(name) / "project"
        quiet = ("-c", "core.hooksPath=", "-c", "advice.detachedHead=false")
        git(origin, *quiet, "clone", "--quiet", "--no-checkout", str(origin), str(checkout))
        git(checkout / ".git", f"--work-tree={checkout}", *quiet, "checkout", "--quiet", commit)
        code = _call(on_main, commit, checkout, _environment(origin))
    record = Training(
        commit=commit,
        on_main=on_main,
        started_at=started,
        finished_at=datetime.now(UTC),
        exit_code=code,
    )
    write_atomic(origin / FOLDER / f"{commit}.json", record.model_dump_json(indent=2) + "\n")
    _pid_path(origin, commit).unlink(missing_ok=True)
    return code


def _call(on_main: str, commit: str, checkout: Path, env: dict[str, str]) -> int | None:
    """Return the exit code of `on_main`; None if it was stopped, with all that it had started."""
    process = subprocess.Popen(
        [sys.executable, "-c", CALL, on_main, commit],
        cwd=checkout,
        env=env,
        stdin=subprocess.DEVNULL,
        start_new_session=OWN_GROUP,
    )
    try:
        return process.wait(LIMIT_SECONDS)
    except (subprocess.TimeoutExpired, StopAsked):
        return None
    finally:
        end_family(process)


def read_trainings(origin: Path) -> list[Training]:
    """Return the records of all trainings that have ended, the oldest first."""
    found = []
    for path in (origin / FOLDER).glob("*.json"):
        with suppress(ValidationError, OSError):  # not written by the forge: evidence says so
            training = Training.model_validate_json(path.read_bytes())
            if training.commit == path.stem:
                found.append(training)
    return sorted(found, key=lambda training: training.started_at)


def running(origin: Path) -> list[str]:
    """Return the commits that are being trained now."""
    alive = []
    for path in (origin / FOLDER).glob("*.pid"):
        try:
            process = psutil.Process(int(path.read_text(encoding="utf-8")))
            if {"widgets.forge.training", path.stem} <= set(process.cmdline()):
                alive.append(path.stem)
        except (psutil.Error, ValueError, OSError):
            continue
    return sorted(alive)


def log_path(origin: Path, commit: str) -> Path:
    """Return where the output of a training lies."""
    return origin / FOLDER / f"{commit}.log"


def _pid_path(origin: Path, commit: str) -> Path:
    return origin / FOLDER / f"{commit}.pid"


def _environment(origin: Path) -> dict[str, str]:
    """Return the machine's environment, and where the workspace lies that is trained for."""
    own = ("GIT_", "PIP_", "PYTEST_", "PYTHON", "MATURITY_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    return kept | {
        "CI": "true",
        "DO_NOT_TRACK": "true",
        "FLIGHTS_WORKSPACE": str(origin.parent),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MPLBACKEND": "Agg",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONIOENCODING": "utf-8",
        "PYTHONUNBUFFERED": "1",
    }


def _stop(number: int, frame: FrameType | None) -> None:
    raise StopAsked


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    raise SystemExit(run_training(Path(sys.argv[1]), *sys.argv[2:4]))
