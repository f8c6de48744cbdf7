"""Starts the learner's programs for a check: where it can, as forks of a process that is warm.

To import MLflow and scikit-learn takes seconds and 150 MB, for every program anew. So a worker
that has them imported forks once before it runs anything of the learner's: this nursery then forks
each program that the check asks for, and what was imported is shared. Elsewhere than on Linux
(macOS's own libraries do not bear a fork) a program is started as usual.
"""

import contextlib
import importlib
import io
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from widgets.base.processes import NEW_GROUP

DOOR = "MATURITY_NURSERY"  # the environment variable with the number of the worker's socket
HEAD = 8  # bytes that say how long an order is
POLITELY = getattr(signal, "CTRL_BREAK_EVENT", signal.SIGTERM)  # Windows sends no SIGTERM


class Program:
    """A program of the learner's in a process of its own.

    Parameters
    ----------
    words : sequence of str
        What follows `python` on the command line: -m and a module, or -c and code, and arguments.
    folder : Path
        Where it runs.
    changes : mapping of str to str, optional
        What is different in its environment.
    log : binary file, optional
        Where its output goes; otherwise it is kept for `end`.

    Attributes
    ----------
    pid : int
        Its process id.
    """

    def __init__(
        self,
        words: Sequence[str],
        folder: Path,
        changes: Mapping[str, str] | None = None,
        log: IO[bytes] | None = None,
    ) -> None:
        self._log = log or tempfile.TemporaryFile()  # noqa: SIM115 closed with the program
        plain = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}
        environment = os.environ | plain | dict(changes or {})
        environment.pop(DOOR, None)
        self._process = _start(words, folder, environment, self._log)
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs; -9 if signal 9 has ended it."""
        return self._process.poll()

    def wait(self, seconds: float) -> int:
        """Wait for its end; return the exit code.

        Raises
        ------
        subprocess.TimeoutExpired
            If it runs for longer.
        """
        return self._process.wait(seconds)

    def end(self, seconds: float) -> tuple[int, str]:
        """Wait for its end; return the exit code and all that it printed.

        Raises
        ------
        subprocess.TimeoutExpired
            If it runs for longer; it is killed, and the error has what it printed.
        """
        try:
            return self.wait(seconds), self._said()
        except subprocess.TimeoutExpired as error:
            self.kill()
            error.output = self._said()
            raise

    def stop(self) -> None:
        """Ask it to end."""
        with contextlib.suppress(OSError):
            self._process.send_signal(POLITELY)

    def kill(self) -> None:
        """End it at once, in the middle of whatever it does."""
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait(10)

    def _said(self) -> str:
        self._log.seek(0)
        return self._log.read().decode("utf-8", errors="replace")


@dataclass(frozen=True)
class _Order:
    """What the nursery is asked for."""

    words: list[str]
    folder: str
    environment: dict[str, str]


class _Popen(subprocess.Popen[bytes]):
    """A program that is started as usual."""

    def __init__(
        self, words: Sequence[str], folder: Path, environment: Mapping[str, str], log: IO[bytes]
    ) -> None:
        super().__init__(
            [sys.executable, *words],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            creationflags=NEW_GROUP,
        )


class _Fork:
    """A program that the nursery has forked; its keeper writes down the exit code."""

    def __init__(
        self, words: Sequence[str], folder: Path, environment: Mapping[str, str], log: IO[bytes]
    ) -> None:
        order = _Order(list(words), str(folder), dict(environment))
        text = json.dumps(asdict(order)).encode()
        self._status, told = os.pipe()
        try:
            with socket.socket(fileno=os.dup(int(os.environ[DOOR]))) as door:
                socket.send_fds(door, [len(text).to_bytes(HEAD, "big")], [log.fileno(), told])
                door.sendall(text)
        finally:
            os.close(told)
        self._words = words
        self._code: int | None = None
        self.pid = self._read()
        if self.pid <= 0:  # a signal to such a number would go to others
            raise ChildProcessError("the process that starts a check's programs has ended")

    def __del__(self) -> None:
        os.close(self._status)

    def poll(self) -> int | None:
        if self._code is None and select.select([self._status], [], [], 0)[0]:
            self._code = self._read()
        return self._code

    def wait(self, seconds: float) -> int:
        if self._code is None:
            if not select.select([self._status], [], [], seconds)[0]:
                raise subprocess.TimeoutExpired(list(self._words), seconds)
            self._code = self._read()
        return self._code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _read(self) -> int:
        """Return the next number of the keeper's; -9 if somebody has killed it too."""
        line = b""
        while not line.endswith(b"\n"):
            byte = os.read(self._status, 1)
            if not byte:
                return -int(signal.SIGKILL)
            line += byte
        return int(line)


def _start(
    words: Sequence[str], folder: Path, environment: Mapping[str, str], log: IO[bytes]
) -> _Fork | _Popen:
    if DOOR in os.environ:
        with contextlib.suppress(OSError):  # the system may have ended the nursery, for its memory
            return _Fork(words, folder, environment, log)
    return _Popen(words, folder, environment, log)


def open_nursery() -> bool:
    """Fork the nursery; return False in this process, and True in each program's.

    To be called while Python has one thread. A program's process has become what was asked for and
    has only to run it: `run_program`.
    """
    if sys.platform != "linux":
        return False
    mine, door = socket.socketpair()
    try:
        nursery = os.fork()
    except OSError:  # no room for another process: programs are started as usual
        return False
    if nursery != 0:
        door.close()
        os.environ[DOOR] = str(mine.detach())
        return False
    _forget_the_worker(door)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # keepers are nobody's concern
    while True:
        order, log, status = _next_order(door)
        if os.fork() == 0:
            door.close()
            if _keep(status):
                _become(order, log)
                return True
        os.close(log)
        os.close(status)


def run_program() -> None:
    """Run what this process has become; it ends as a program ends."""
    kind, what = sys.argv[0], sys.argv[1]
    if kind == "-m":
        sys.argv = sys.argv[1:]
        runpy.run_module(what, run_name="__main__", alter_sys=True)
        return
    sys.argv = ["-c", *sys.argv[2:]]
    main = type(sys)("__main__")
    sys.modules["__main__"] = main
    exec(compile(what, "<string>", "exec"), vars(main))  # noqa: S102 as python -c does


def _forget_the_worker(door: socket.socket) -> None:
    """Close what belongs to the worker: its pipes would never end while they are open here."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    for open_file in list(Path("/proc/self/fd").iterdir()):
        number = int(open_file.name)
        if number > 2 and number != door.fileno():
            with contextlib.suppress(OSError):
                os.close(number)


def _next_order(door: socket.socket) -> tuple[_Order, int, int]:
    """Wait for the next order; end when the worker is gone."""
    head, files, _, _ = socket.recv_fds(door, HEAD, 2)
    if len(head) < HEAD:
        os._exit(0)
    text = b""
    while len(text) < int.from_bytes(head, "big"):
        more = door.recv(65536)
        if not more:
            os._exit(0)
        text += more
    log, status = files
    return _Order(**json.loads(text)), log, status


def _keep(status: int) -> bool:
    """Fork the program; return True in it, and never in its keeper, which waits for its end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    program = os.fork()
    if program == 0:
        os.close(status)
        return True
    with contextlib.suppress(OSError):  # the check may be over
        os.write(status, f"{program}\n".encode())
        _, ended = os.waitpid(program, 0)
        os.write(status, f"{os.waitstatus_to_exitcode(ended)}\n".encode())
    os._exit(0)


def _become(order: _Order, log: int) -> None:
    """Make this process what `python` with the order's words would be at its start."""
    old = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    os.environ.clear()
    os.environ.update(order.environment)
    os.chdir(order.folder)
    for number in (1, 2):
        os.dup2(log, number)
    os.close(log)
    for number, name in ((1, "stdout"), (2, "stderr")):
        binary = open(number, "wb", 0, closefd=False)  # noqa: SIM115 it is the program's for good
        stream = io.TextIOWrapper(binary, "utf-8", "backslashreplace", write_through=True)
        setattr(sys, name, stream)
    given = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.path[:] = [order.folder, *given, *(path for path in sys.path if path not in old)]
    sys.argv = order.words
    importlib.invalidate_caches()  # the project came after this process had looked
