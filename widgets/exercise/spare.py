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
from widgets.exercise.forks import Fork, Nursery
from widgets.exercise.sandbox import IMPORTS, NAMED_BY, READY, Sandbox

Started = subprocess.Popen[bytes]
END_SECONDS = 10.0
OUTPUT_KEPT = 20_000  # bytes of what the learner's code prints


class Spare:
    """One process with a sandbox of its own, waiting for the word to run one check.

    Parameters
    ----------
    sandboxes : Path
        The folder in which the sandbox is made.
    imports : str
        Modules that the check needs besides what every check needs, joined by spaces.
    nursery : Nursery, optional
        Has imported all that: the process is a fork of it, and is ready at once.
    """

    def __init__(self, sandboxes: Path, imports: str = "", nursery: Nursery | None = None) -> None:
        # The name holds the parent's process id: leftovers of a killed parent can be told.
        self.imports = imports
        self.sandbox = Sandbox(sandboxes / f"{os.getpid()}-{uuid.uuid4().hex[:8]}")
        self._rest = b""
        self._output = bytearray()
        self._silent = threading.Event()
        self._answered = threading.Event()  # its imports are done, or it has ended
        self._warm = self._ended = False
        with contextlib.ExitStack() as undo:
            undo.callback(_remove, self.sandbox.root)
            self.sandbox.make()
            self._events = undo.enter_context(self.sandbox.events.open("rb"))
            its_stdin, self._stdin = os.pipe()
            undo.callback(os.close, self._stdin)
            self._stdout, its_stdout = os.pipe()
            try:
                self.process = self._start(nursery, its_stdin, its_stdout)
                threading.Thread(target=self._drain, daemon=True).start()
            except BaseException:
                os.close(self._stdout)
                raise
            finally:
                os.close(its_stdin)
                os.close(its_stdout)
            self._undo = undo.pop_all()  # from here on `end` does it

    @property
    def alive(self) -> bool:
        """Whether the process is still there."""
        return self.process.poll() is None

    @property
    def usable(self) -> bool:
        """Whether it can run a check: somebody may have removed its sandbox while it waited."""
        return self.alive and self.sandbox.settings.exists()

    @property
    def failed(self) -> bool:
        """Whether it has ended before its imports were done."""
        return self._answered.is_set() and not self._warm

    @property
    def family(self) -> int:
        """The process above all that the check starts: of a fork its keeper, who adopts."""
        number = self.process.pid
        if isinstance(self.process, Fork):
            with contextlib.suppress(psutil.Error, ValueError):
                return psutil.Process(number).ppid()
        return number

    def is_ready(self, seconds: float) -> bool:
        """Wait for some seconds; return whether the imports are done, or the process has ended."""
        return self._answered.wait(seconds)

    def say(self, word: str) -> None:
        """Send a word: "go" starts the check, "where" asks for the line that is running."""
        with contextlib.suppress(OSError):
            os.write(self._stdin, f"{word}\n".encode())

    def new_events(self) -> list[bytes]:
        """Return the events that have come since the last call."""
        *lines, self._rest = (self._rest + self._events.read()).split(b"\n")
        return lines

    def output(self) -> str:
        """Return the end of what was printed; call it when the check is over."""
        self._silent.wait(0.3)  # a process that outlives the check may hold the pipe for longer
        return bytes(self._output).decode("utf-8", errors="replace")

    def end(self) -> None:
        """End the process and all that it started, and remove the sandbox; twice is as once."""
        if self._ended:
            return
        self._ended = True
        with self._undo:  # one that is still to be forked finds nobody there then, and ends
            fork = self.process if isinstance(self.process, Fork) else None
            if fork and fork.begun:
                fork.kill()
                with contextlib.suppress(subprocess.TimeoutExpired):  # is its keeper stopped?
                    fork.wait(END_SECONDS)  # its keeper ends what it has left
            if not fork or fork.lost or (fork.begun and fork.poll() is None):
                end_family(self.process)
                end_all(processes_with(NAMED_BY, str(self.sandbox.root)))

    def _start(self, nursery: Nursery | None, stdin: int, stdout: int) -> Fork | Started:
        words = ["-m", "widgets.exercise.worker"]
        environment = environment_of(self.sandbox, self.imports)
        if nursery:
            with contextlib.suppress(OSError):  # it is just ending: a plain one works as well
                return nursery.fork(words, self.sandbox.project, environment, stdin, stdout)
        return subprocess.Popen(
            [sys.executable, "-P", *words],
            cwd=self.sandbox.project,
            env=environment,
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.STDOUT,
            start_new_session=OWN_GROUP,
        )

    def _drain(self) -> None:
        # Reading without end keeps a learner's hundred megabytes out of memory and off the disk.
        with contextlib.suppress(OSError), os.fdopen(self._stdout, "rb", 0) as pipe:
            while chunk := os.read(pipe.fileno(), 65536):
                self._output += chunk
                if not self._warm and READY in self._output:
                    self._output = self._output.partition(READY)[2].lstrip()
                    self._warm = True
                    self._answered.set()
                del self._output[:-OUTPUT_KEPT]
        self._answered.set()
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


def environment_of(sandbox: Sandbox, imports: str) -> dict[str, str]:
    """Return the environment of a worker: nothing of the learner's shell but what is harmless."""
    return plain_environment(imports) | {
        NAMED_BY: str(sandbox.root),
        "PYTHONPATH": os.pathsep.join([str(sandbox.project), str(sandbox.checks)]),
        "GIT_CEILING_DIRECTORIES": str(sandbox.root),
    }


def plain_environment(imports: str) -> dict[str, str]:
    """Return what the environments of workers and of their nursery have in common."""
    # A check has stores of its own: nothing of it may land on a team's server.
    own = ("PYTEST_", "PYTHON", "GIT_", "MATURITY_", "MLFLOW_", "FLIGHTS_")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(own)}
    return kept | {
        IMPORTS: imports,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "DO_NOT_TRACK": "true",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MPLBACKEND": "Agg",
    }
