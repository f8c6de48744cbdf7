"""The throw-away folder of one check: what lies in it, and the events that the worker writes.

Parent and worker share nothing else.
"""

import json
import os
import shutil
import stat
from dataclasses import dataclass
from functools import cache
from pathlib import Path

NAMED_BY = "MATURITY_SANDBOX"  # the environment variable that tells a worker its sandbox
IMPORTS = "MATURITY_IMPORTS"  # what else a worker imports while it waits
READY = b"-- ready --"  # what a worker prints when its imports are done
NOT_COPIED = shutil.ignore_patterns(
    *("__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".ipynb_checkpoints"),
    *("*.pyc", ".venv", "venv", "node_modules"),
)


@dataclass(frozen=True)
class Job:
    """What one check is told: where everything lies."""

    check: Path
    level: Path
    workspace: Path
    flights: Path


class Sandbox:
    """The folders and files below `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.project = root / "project"
        self.data = root / "data"
        self.checks = root / "checks"
        self.events = root / "events.jsonl"
        self.settings = root / "pytest.ini"
        self.job = root / "job.json"

    def make(self) -> None:
        """Make what a worker needs before it starts."""
        self.project.mkdir(parents=True)
        self.checks.mkdir()  # Python forgets a path that is not there when it starts
        self.events.touch()
        self.settings.write_text("[pytest]\n", encoding="utf-8")  # the learner's is not read

    def write_job(self, job: Job) -> None:
        """Write what the worker is told."""
        words = {name: str(value) for name, value in vars(job).items()}
        self.job.write_text(json.dumps(words), encoding="utf-8")

    def read_job(self) -> Job:
        """Return what the parent has written."""
        words = json.loads(self.job.read_text(encoding="utf-8"))
        return Job(**{name: Path(value) for name, value in words.items()})


class Channel:
    """Where a worker writes its events; it stays open, whatever happens to the folder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._process = os.getpid()
        self._file = self._open()

    def tell(self, **event: object) -> None:
        """Write one event. A child that the learner's code forked says nothing."""
        if os.getpid() != self._process:
            return
        line = (json.dumps(event) + "\n").encode()
        try:
            os.write(self._file, line)
        except OSError:  # the learner's code has closed what it did not open
            self._file = self._open()
            os.write(self._file, line)

    def _open(self) -> int:
        return os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)


@cache
def own_sandbox() -> Sandbox:
    """Return the sandbox of this worker, as its parent named it."""
    return Sandbox(Path(os.environ[NAMED_BY]))


@cache
def own_job() -> Job:
    """Return the job of this worker."""
    return own_sandbox().read_job()


@cache
def own_channel() -> Channel:
    """Return where this worker tells its parent what happens."""
    return Channel(own_sandbox().events)


def copy_tree(source: Path, target: Path) -> None:
    """Copy a folder that somebody may be working in: a file that vanishes meanwhile is left out.

    Raises
    ------
    OSError
        If something that is there cannot be copied.
    """
    shutil.copytree(
        source,
        target,
        symlinks=True,
        ignore=NOT_COPIED,
        copy_function=_copy_file,
        dirs_exist_ok=True,
    )


def _copy_file(source: str, target: str) -> None:
    try:
        if stat.S_ISREG(Path(source).stat().st_mode):  # a socket or a pipe is no file to check
            shutil.copy2(source, target)
    except FileNotFoundError:
        if Path(source).exists():
            raise
