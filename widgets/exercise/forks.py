"""Processes that need not import anything: a warm one, the nursery, forks them to order.

To import scikit-learn takes a worker two seconds, with MLflow five, and 150 MB. Forks of one that
has done it begin at once and share what is imported. Linux alone: macOS's own libraries do not bear
a fork, and Windows has none. This is the side that orders; the other is `nursery`.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from widgets.base.processes import OWN_GROUP

CAN_FORK = sys.platform == "linux"
DOOR = "MATURITY_NURSERY"  # the environment variable with the number of a socket to a nursery
HEAD = 8  # bytes that say how long an order is


@dataclass(frozen=True)
class Order:
    """What a nursery is asked for.

    Attributes
    ----------
    words : list of str
        What follows `python` on the command line: -m and a module, or -c and code, and arguments.
    folder : str
        Where it runs.
    environment : dict of str to str
        Its environment, whole.
    alone : bool
        Whether it has a process group of its own, and all that it has started ends with it.
    """

    words: list[str]
    folder: str
    environment: dict[str, str]
    alone: bool = False


class Fork:
    """A process that a nursery forks; its keeper there writes down its number and its exit code.

    Parameters
    ----------
    door : int
        The socket to the nursery.
    order : Order
        What it becomes.
    stdin, output : int
        Open files: its standard input, and where its output and errors go.

    Raises
    ------
    OSError
        If there is no nursery any more.
    """

    def __init__(self, door: int, order: Order, stdin: int, output: int) -> None:
        text = json.dumps(asdict(order)).encode()
        self._status, told = os.pipe()
        try:
            with socket.socket(fileno=os.dup(door)) as opened:
                head = len(text).to_bytes(HEAD, "big")
                socket.send_fds(opened, [head], [stdin, output, told])
                opened.sendall(text)
        finally:
            os.close(told)
        self._words = order.words
        self._pid: int | None = None
        self._code: int | None = None

    def __del__(self) -> None:
        os.close(self._status)

    @property
    def pid(self) -> int:
        """Its process id; negative if its nursery has ended before."""
        if self._pid is None:
            self._pid = self._read()
        return self._pid

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs; -9 if signal 9 has ended it."""
        while self._code is None and select.select([self._status], [], [], 0)[0]:
            self._hear()
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; return the exit code, or raise TimeoutExpired."""
        until = None if timeout is None else time.monotonic() + timeout
        while self._code is None:
            left = None if until is None else max(0.0, until - time.monotonic())
            if not select.select([self._status], [], [], left)[0]:
                raise subprocess.TimeoutExpired(self._words, timeout or 0.0)
            self._hear()
        return self._code

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it runs."""
        if self.poll() is None and self.pid > 0:  # a signal to another number would go to many
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        with suppress(ProcessLookupError):
            self.send_signal(signal.SIGKILL)

    def _hear(self) -> None:
        if self._pid is None:
            self._pid = self._read()
        else:
            self._code = self._read()

    def _read(self) -> int:
        """Return the next number of the keeper's; -9 if somebody has killed it too."""
        line = b""
        while not line.endswith(b"\n"):
            byte = os.read(self._status, 1)
            if not byte:
                return -int(signal.SIGKILL)
            line += byte
        return int(line)


class Nursery:
    """The nursery of this process: it imports, then it forks what it is asked for.

    Parameters
    ----------
    environment : mapping of str to str
        Its environment; it says what is imported (see `warm`).
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._door, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "widgets.exercise.nursery"],
                env=dict(environment) | {DOOR: str(theirs.fileno())},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=OWN_GROUP,
            )

    @property
    def alive(self) -> bool:
        """Whether it is still there."""
        return self._process.poll() is None

    @property
    def door(self) -> int:
        """The number of the open socket through which one orders."""
        return self._door.fileno()

    def fork(
        self, words: Sequence[str], folder: Path, environment: Mapping[str, str], *files: int
    ) -> Fork:
        """Order a process that ends with all that it has started; see `Fork`."""
        order = Order(list(words), str(folder), dict(environment), alone=True)
        return Fork(self.door, order, *files)

    def close(self) -> None:
        """End it; what it has forked stays."""
        self._door.close()
        self._process.kill()
        self._process.wait()
