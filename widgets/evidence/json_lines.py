"""Reads a file with one JSON object a line, whatever became of it: bounded in time and memory."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from widgets.evidence.mlflow_runs import UnseenError
from widgets.maturity import State

LONGEST = 65_536  # bytes of a line; what is longer is damaged
T = TypeVar("T")


class JsonLines:
    """The lines of one log, oldest first.

    Parameters
    ----------
    file : Path
        The log.
    most : int
        At most so many bytes are read, the newest.

    Attributes
    ----------
    damaged : int
        How many of the lines read so far could not be understood. A last line that a kill has
        torn is none of them.
    left_out : int
        How many bytes at the beginning were not read.
    """

    def __init__(self, file: Path, most: int) -> None:
        self._file = file
        self._most = most
        self.where = f"{file.parent.name}/{file.name}"
        self.damaged = 0
        self.left_out = 0

    def read(self, parse: Callable[[bytes], T]) -> Iterator[T]:
        """Yield what `parse` makes of each line; one for which it raises ValueError is damaged.

        Raises
        ------
        UnseenError
            If there is no such file, or it cannot be read.
        """
        try:
            # before it is opened: to open a pipe would wait for somebody who writes
            if not stat.S_ISREG(self._file.stat().st_mode):
                raise UnseenError(State.HIDDEN, "it is no file", self.where, "Move it away.")
            for line, whole in self._lines():
                try:
                    yield parse(line)
                except ValueError:
                    self.damaged += whole
        except FileNotFoundError:
            raise UnseenError(State.MISSING, "there is no log yet", self.where, "") from None
        except OSError as error:
            what = f"it cannot be read ({error.strerror or type(error).__name__})"
            raise UnseenError(State.HIDDEN, what, self.where, "Let it be read.") from None

    def faults(self) -> list[str]:
        """Return a sentence for what was not understood, and for what was not read."""
        faults = []
        if self.damaged:
            lines = "line" if self.damaged == 1 else "lines"
            faults.append(f"{self.damaged} damaged {lines} in {self.where}")
        if self.left_out:
            faults.append(f"the first {self.left_out / 1e6:.0f} MB of {self.where} were not read")
        return faults

    def _lines(self) -> Iterator[tuple[bytes, bool]]:
        """Yield each line that is not empty, and whether it ends as a line does."""
        with self._file.open("rb") as file:
            left = os.fstat(file.fileno()).st_size  # what is added meanwhile is for the next time
            if left > self._most:
                self.left_out = left - self._most
                file.seek(self.left_out - 1)
                left = self._most + 1 - _skip(file.readline)
            while left > 0 and (line := file.readline(LONGEST)):
                left -= len(line)
                whole = line.endswith(b"\n")
                if not whole and len(line) == LONGEST:
                    left -= _skip(file.readline)
                    yield b"{", True
                elif not line.isspace():
                    yield line, whole


def _skip(readline: Callable[[int], bytes]) -> int:
    """Read to the end of a line; return how many bytes that were."""
    size = 0
    while part := readline(LONGEST):
        size += len(part)
        if part.endswith(b"\n"):
            break
    return size
