"""The parent's side of a spare worker: start it, give it the word, read it, end it."""

import contextlib
import os
import shutil
import subprocess
import sys
import threading
import uuid
from pathlib import Path

import psutil

from widgets.base.processes import OWN_GROUP, end_all, end_family, processes_with
from widgets.exercise.sandbox import IMPORTS, NAMED_BY, READY, Sandbox

OUTPUT_KEPT = 20_000  # bytes of what the learner's code prints
START_SECONDS = 60.0


class Spare:
    """One process with a sandbox of its own, waiting for the word to run one check.

    Parameters
    ----------
    sandboxes : Path
        The folder in which the sandbox is made.
    imports : str
        Modules that the check needs besides what every check needs, joined by spaces.
    """

    def __init__(self, sandboxes: Path, imports: str = "") -> None:
        # The name holds the parent's process id: leftovers of a killed parent can be told.
        self.imports = imports
        self.sandbox = Sandbox(sandboxes / f"{os.getpid()}-{uuid.uuid4().hex[:8]}")
        self.sandbox.make()
        self._events = self.sandbox.events.open("rb")
        self._rest = b""
        self._output = bytearray()
        self._ready = threading.Event()
        self._silent = threading.Event()
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "widgets.exercise.worker"],
            cwd=self.sandbox.project,
            env=_environment(self.sandbox) | {IMPORTS: imports},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=OWN_GROUP,
        )
        threading.Thread(target=self._drain, daemon=True).start()

    @property
    def alive(self) -> bool:
        """Whether the process is still there."""
        return self.process.poll() is None

    @property
    def usable(self) -> bool:
        """Whether it can run a check: somebody may have removed its sandbox while it waited."""
        return self.alive and self.sandbox.settings.exists()

    def wait_until_ready(self) -> None:
        """Wait until the imports are done, or the process has ended before."""
        self._ready.wait(START_SECONDS)

    def say(self, word: str) -> None:
        """Send a word: "go" starts the check, "where" asks for the line that is running."""
        assert self.process.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            self.process.stdin.write(f"{word}\n".encode())
            self.process.stdin.flush()

    def new_events(self) -> list[bytes]:
        """Return the events that have come since the last call."""
        *lines, self._rest = (self._rest + self._events.read()).split(b"\n")
        return lines

    def output(self) -> str:
        """Return the end of what was printed; call it when the check is over."""
        self._silent.wait(0.3)  # a process that outlives the check may hold the pipe for longer
        return bytes(self._output).decode("utf-8", errors="replace")

    def end(self) -> None:
        """End the process and all that it started, and remove the sandbox."""
        end_family(self.process)
        end_all(processes_with(NAMED_BY, str(self.sandbox.root)))
        self._events.close()
        if self.process.stdin is not None:
            with contextlib.suppress(OSError):
                self.process.stdin.close()
        _remove(self.sandbox.root)

    def _drain(self) -> None:
        # Reading without end keeps a learner's hundred megabytes out of memory and off the disk.
        assert self.process.stdout is not None
        with contextlib.suppress(OSError, ValueError), self.process.stdout as pipe:
            while chunk := os.read(pipe.fileno(), 65536):
                self._output += chunk
                if not self._ready.is_set() and READY in self._output:
                    self._output = self._output.partition(READY)[2].lstrip()
                    self._ready.set()
                del self._output[:-OUTPUT_KEPT]
        self._ready.set()
        self._silent.set()


def remove_leftovers(sandboxes: Path) -> None:
    """Remove the sandboxes of parents that are gone."""
    for left in sandboxes.iterdir():
        owner = left.name.split("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            _remove(left)


def _remove(folder: Path) -> None:
    """Remove a folder; what the learner's code made unreadable is made readable first."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        for path in (folder, *folder.rglob("*")):
            if path.is_dir() and not path.is_symlink():
                with contextlib.suppress(OSError):
                    path.chmod(0o700)
        shutil.rmtree(folder, ignore_errors=True)


def _environment(sandbox: Sandbox) -> dict[str, str]:
    # A check has stores of its own: nothing of it may land on a team's server.
    own = ("PYTEST_", "PYTHON", "GIT_", "MATURITY_", "MLFLOW_TRACKING_", "FLIGHTS_")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(own)}
    return kept | {
        NAMED_BY: str(sandbox.root),
        "PYTHONPATH": os.pathsep.join([str(sandbox.project), str(sandbox.checks)]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "DO_NOT_TRACK": "true",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MPLBACKEND": "Agg",
        "GIT_CEILING_DIRECTORIES": str(sandbox.root),
    }
