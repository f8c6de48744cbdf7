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
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from widgets.base.paths import KIT_ROOT
from widgets.base.processes import OWN_GROUP

CAN_FORK = sys.platform == "linux"
DOOR = "MATURITY_NURSERY"  # the environment variable with the number of a socket to a nursery
LONGEST = 2**17  # bytes of an order: it is one message, so that two cannot be mixed up


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

    Attributes
    ----------
    lost : bool
        Whether the keeper or the nursery has gone before it could tell: then nobody has ended what
        the process may have left, nor perhaps itself.

    Raises
    ------
    OSError
        If there is no nursery any more, or the order is too long.
    """

    def __init__(self, door: int, order: Order, stdin: int, output: int) -> None:
        self._status, told = os.pipe()
        try:
            text = json.dumps(asdict(order)).encode()
            opened = socket.socket(fileno=os.dup(door))
            with opened:
                socket.send_fds(opened, [text], [stdin, output, told])
        except BaseException:
            os.close(self._status)
            self._status = -1
            raise
        finally:
            os.close(told)
        self._words = order.words
        self._pid: int | None = None
        self._code: int | None = None
        self.lost = False

    def __del__(self) -> None:
        if getattr(self, "_status", -1) >= 0:
            os.close(self._status)

    @property
    def pid(self) -> int:
        """Its process id, waited for; negative if its nursery has ended before."""
        if self._pid is None:
            self._pid = self._read()
        return self._pid

    @property
    def begun(self) -> bool:
        """Whether its number is known, or that there will be none."""
        return self._pid is not None or self._told(0)

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs; -9 if signal 9 has ended it."""
        while self._code is None and self._told(0):
            self._hear()
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; return the exit code, or raise TimeoutExpired."""
        while self._code is None:
            if not self._told(timeout):  # its number comes at once, so there is one wait alone
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

    def _told(self, timeout: float | None) -> bool:
        looking = select.poll()
        looking.register(self._status, select.POLLIN)
        return bool(looking.poll(None if timeout is None else timeout * 1000))

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
                self.lost = True
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
        self._door, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "widgets.exercise.nursery"],
                cwd=KIT_ROOT,
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
