"""Starts the learner's programs for a check: where it can, as forks of a process that is warm."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from widgets.base.processes import NEW_GROUP
from widgets.exercise.forks import DOOR, Fork, Order

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


def _start(
    words: Sequence[str], folder: Path, environment: Mapping[str, str], log: IO[bytes]
) -> Fork | subprocess.Popen[bytes]:
    if DOOR in os.environ:
        order = Order(list(words), str(folder), dict(environment))
        with contextlib.suppress(OSError), Path(os.devnull).open("rb") as nothing:
            fork = Fork(int(os.environ[DOOR]), order, nothing.fileno(), log.fileno())
            if fork.pid > 0:  # else the system has ended the nursery, for its memory
                return fork
    return subprocess.Popen(
        [sys.executable, *words],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        creationflags=NEW_GROUP,
    )
