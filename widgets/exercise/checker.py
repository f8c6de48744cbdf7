"""Runs checks in spare workers, each used once, so that nothing a learner writes costs more
than a message."""

import contextlib
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil

from widgets.base.errors import KitError
from widgets.base.paths import KIT_ROOT, Layout
from widgets.exercise.definition import Catalogue, Exercise
from widgets.exercise.plugin import SANDBOX, Sandbox
from widgets.exercise.result import CheckResult, Event, Item, Outcome

FLIGHTS = KIT_ROOT / "widgets" / "world" / "flights"
OUTPUT_KEPT = 20_000  # bytes of what the learner's code prints
START_SECONDS = 60.0
NOT_COPIED = shutil.ignore_patterns("__pycache__", ".pytest_cache", ".ipynb_checkpoints", "*.pyc")

OnEvent = Callable[[Event], None]


class Worker:
    """One spare process with a sandbox of its own, waiting for the word to run a check."""

    def __init__(self, sandboxes: Path) -> None:
        # The name holds the parent's process id: leftovers of a killed parent can be told.
        self.sandbox = Sandbox(sandboxes / f"{os.getpid()}-{uuid.uuid4().hex[:8]}")
        self.sandbox.project.mkdir(parents=True)
        self.sandbox.checks.mkdir()  # Python forgets a path that is not there when it starts
        own = ("PYTEST_", "PYTHON", "GIT_", "MATURITY_")
        env = {key: value for key, value in os.environ.items() if not key.startswith(own)}
        paths = [str(self.sandbox.project), str(self.sandbox.checks)]
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "widgets.exercise.worker"],
            cwd=self.sandbox.project,
            env=env
            | {
                SANDBOX: str(self.sandbox.root),
                "PYTHONPATH": os.pathsep.join(paths),
                "PYTHONDONTWRITEBYTECODE": "1",
                "PYTHONUNBUFFERED": "1",
                "PYTHONIOENCODING": "utf-8",
                "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
                "MPLBACKEND": "Agg",
                "GIT_CEILING_DIRECTORIES": str(self.sandbox.root),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=os.name != "nt",
        )
        self._output = bytearray()
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._drain, daemon=True)
        self._reader.start()

    def wait_until_ready(self) -> bool:
        """Wait until the imports are done; return whether the process is still alive."""
        self._ready.wait(START_SECONDS)
        return self.process.poll() is None

    def go(self) -> None:
        """Give the word."""
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            self.process.stdin.write(b"go\n")
            self.process.stdin.flush()

    def output(self) -> str:
        """Return the end of what was printed since the worker was ready."""
        if self.process.poll() is not None:
            self._reader.join(0.2)  # longer only if a child of the worker keeps the pipe open
        return bytes(self._output).decode("utf-8", errors="replace")

    def end(self) -> None:
        """End the process and all that it started, and remove its sandbox."""
        with contextlib.suppress(psutil.Error):
            family = psutil.Process(self.process.pid).children(recursive=True)
            for process in family:
                with contextlib.suppress(psutil.Error):
                    process.kill()
        if os.name != "nt":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()
        if self.process.stdin is not None:
            with contextlib.suppress(OSError):
                self.process.stdin.close()
        shutil.rmtree(self.sandbox.root, ignore_errors=True)

    def _drain(self) -> None:
        # Reading without end keeps a learner's hundred megabytes out of memory and off the disk.
        assert self.process.stdout is not None
        pipe = self.process.stdout.fileno()
        before = b""
        with contextlib.suppress(OSError, ValueError):
            while chunk := os.read(pipe, 65536):
                if not self._ready.is_set():
                    # The word may come in two pieces: what was read so far belongs to it.
                    before, found, chunk = (before + chunk).partition(b"ready\n")
                    if not found:
                        continue
                    self._ready.set()
                self._output += chunk
                del self._output[:-OUTPUT_KEPT]
        if not self._ready.is_set():  # it has ended before: all that it said is why
            self._output += before[-OUTPUT_KEPT:]
        self._ready.set()


class Checker:
    """Checks exercises of one workspace.

    Parameters
    ----------
    layout : Layout
        The workspace; its files are copied, never changed.
    catalogue : Catalogue
        Where the checks stand.
    """

    def __init__(self, layout: Layout, catalogue: Catalogue) -> None:
        self._layout = layout
        self._catalogue = catalogue
        self._spare: Worker | None = None
        self._lock = threading.Lock()

    def warm(self) -> None:
        """Start a spare worker in advance; does nothing if one is waiting."""
        with self._lock:
            self._spare = self._living_spare()

    def close(self) -> None:
        """Let the spare worker go."""
        with self._lock:
            if self._spare is not None:
                self._spare.end()
                self._spare = None

    def check(
        self,
        exercise: Exercise,
        on_event: OnEvent | None = None,
        cancelled: threading.Event | None = None,
    ) -> CheckResult:
        """Check an exercise on a copy of the project.

        Parameters
        ----------
        exercise : Exercise
            What is checked.
        on_event : callable, optional
            Told each event as it happens.
        cancelled : threading.Event, optional
            Set by somebody who does not want to wait.

        Returns
        -------
        CheckResult
            Also when the learner's code loops, crashes or ends the process.

        Raises
        ------
        KitError
            If the learner's files cannot be copied.
        """
        worker = self._take()
        started = time.monotonic()
        run = _Run(on_event or (lambda event: None))
        try:
            # Only then the learner's files: a random.py of theirs must not be in the way of it.
            if worker.wait_until_ready():
                started = time.monotonic()
            try:
                self._fill(worker.sandbox, exercise)
            except OSError as error:  # shutil.Error too: a list of (source, target, reason)
                raise KitError(_not_copied(error, self._layout.root)) from error
            worker.go()
            why = self._follow(worker, exercise.limit, run, cancelled)
            if worker.process.poll() is None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    worker.process.wait(0.2)
            seconds = time.monotonic() - started
            return run.result(exercise.id, seconds, why, worker.output())
        finally:
            worker.end()
            self.warm()

    def _take(self) -> Worker:
        with self._lock:  # of two checks at once only one gets the spare worker
            worker, self._spare = self._living_spare(), None
        return worker

    def _living_spare(self) -> Worker:
        if self._spare is not None and self._spare.process.poll() is None:
            return self._spare
        if self._spare is not None:
            self._spare.end()
        return Worker(self._sandboxes())

    def _sandboxes(self) -> Path:
        folder = self._layout.kit / "checks"
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.iterdir():
            owner = left.name.split("-")[0]
            if owner.isdigit() and not psutil.pid_exists(int(owner)):
                shutil.rmtree(left, ignore_errors=True)
        return folder

    def _fill(self, sandbox: Sandbox, exercise: Exercise) -> None:
        if self._layout.project.is_dir():
            shutil.copytree(
                self._layout.project,
                sandbox.project,
                symlinks=True,
                ignore=NOT_COPIED,
                copy_function=_copy_file,
                dirs_exist_ok=True,
            )
        if self._layout.data.is_dir():
            shutil.copytree(self._layout.data, sandbox.data)
        check = self._catalogue.check_file(exercise)
        shutil.copytree(check.parent, sandbox.checks, ignore=NOT_COPIED, dirs_exist_ok=True)
        job = {
            "check": check,
            "level": self._catalogue.folder(exercise),
            "workspace": self._layout.root,
            "flights": FLIGHTS,
        }
        sandbox.job.write_text(json.dumps({key: str(value) for key, value in job.items()}))

    def _follow(
        self, worker: Worker, limit: float, run: "_Run", cancelled: threading.Event | None
    ) -> str:
        """Follow the events to the end; return why it did not come to its end, or nothing."""
        until = time.monotonic() + limit
        position = 0
        while True:
            alive = worker.process.poll() is None
            for line in _new_lines(worker.sandbox.events, position):
                position += len(line)
                run.take(json.loads(line))
            if run.done:
                return ""
            if cancelled is not None and cancelled.is_set():
                run.stopped = True
                return "The check was stopped. Nothing was recorded."
            if not alive:
                return _death(worker.process.returncode)
            if time.monotonic() > until:
                return (
                    f"It was stopped after {limit:.0f} seconds. Is there a loop that does not "
                    "end, or something that waits?"
                )
            time.sleep(0.005)


class _Run:
    """What is known of a running check so far."""

    def __init__(self, on_event: OnEvent) -> None:
        self._on_event = on_event
        self._wanted: list[str] = []
        self._ended: dict[str, list[tuple[Outcome, str]]] = {}
        self._now = ""
        self._broken = ""
        self._said: list[str] = []
        self.done = False
        self.stopped = False

    def take(self, words: dict[str, object]) -> None:
        """Take one line that the worker wrote."""
        kind, text, message = (str(words.get(key, "")) for key in ("kind", "text", "message"))
        outcome = Outcome(str(words["outcome"])) if "outcome" in words else None
        items = words.get("items")
        wanted = tuple(str(item) for item in items) if isinstance(items, list) else ()
        if kind == "collected":
            self._wanted = list(dict.fromkeys(wanted))
        elif kind == "start":
            self._now = text
        elif kind == "say":
            self._said.append(text)
        elif kind == "end" and outcome is not None:
            self._ended.setdefault(text, []).append((outcome, message))
        elif kind == "broken":
            self._broken = message
        elif kind == "done":
            self.done = True
            return
        self._on_event(Event(kind, text, outcome, message, wanted))

    def result(self, exercise: str, seconds: float, why: str, output: str) -> CheckResult:
        """Return the result; `why` says what kept the check from coming to its end."""
        if self.done and not why and self._now and self._now not in self._ended:
            why = (
                "Your code ended the whole check here, as Ctrl-C does: is there a "
                "KeyboardInterrupt or a pytest.exit() in it?"
            )
        items = [self._item(wanted, why) for wanted in self._wanted]
        if not items:
            said = (self._broken or why, output[-2000:].strip())
            fault = "\n".join(filter(None, said)) or "no requirement was found"
            text = f"The check of {exercise} could not be run. This is a fault of the kit:\n{fault}"
            items = [Item("The check can be run.", Outcome.FAILED, text)]
        items = _said_once(items)
        return CheckResult(
            exercise, tuple(items), seconds, tuple(self._said), output[-4000:], self.stopped
        )

    def _item(self, wanted: str, why: str) -> Item:
        ends = self._ended.get(wanted, [])
        failed = [message for outcome, message in ends if outcome is Outcome.FAILED]
        if failed:
            return Item(wanted, Outcome.FAILED, "\n".join(dict.fromkeys(failed)))
        if wanted == self._now and why:
            return Item(wanted, Outcome.FAILED, why)
        if ends:
            return Item(wanted, Outcome.PASSED)
        return Item(wanted, Outcome.NOT_REACHED)


def _said_once(items: list[Item]) -> list[Item]:
    """Shorten a message that an earlier item has given already: one cause is told once."""
    told: dict[str, str] = {}
    short = []
    for item in items:
        if item.message and item.message in told:
            item = replace(item, message=f"For the same reason as: {told[item.message]}")
        elif item.message:
            told[item.message] = item.requirement
        short.append(item)
    return short


def _new_lines(path: Path, position: int) -> Iterator[bytes]:
    if not path.exists():
        return
    with path.open("rb") as file:
        file.seek(position)
        for line in file:
            if line.endswith(b"\n"):  # else it is still being written
                yield line


def _copy_file(source: str, target: str) -> None:
    if stat.S_ISREG(Path(source).stat().st_mode):  # a pipe or a socket is nothing to check
        shutil.copy2(source, target)


def _not_copied(error: OSError, root: Path) -> str:
    """Return a message: the first file that could not be copied, and why."""
    file, reason = error.filename, error.strerror or str(error)
    if isinstance(error, shutil.Error) and error.args and isinstance(error.args[0], list):
        file, _, reason = error.args[0][0]
    name = Path(str(file)).relative_to(root) if str(file).startswith(str(root)) else file
    return (
        f"Nothing was checked: {name} could not be copied ({reason}). A check runs on a copy of "
        "project/ and data/. Remove that file, or make it readable, or make room on the disk."
    )


def _death(code: int) -> str:
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = str(-code)
        return (
            f"The process was ended by {name} while this was checked. Did your code take more "
            "memory than there is, or crash a library?"
        )
    return (
        f"Your code ended the process (exit code {code}) while this was checked: is there an "
        "os._exit() or an exit() in it?"
    )
