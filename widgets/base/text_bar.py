"""A progress bar in a terminal, for what takes long; lines that stay pass by above it.

Where nobody looks on, in a file or a pipe, there are only the lines.
"""

import time
from types import TracebackType
from typing import TextIO

WIDTH = 24  # characters of the bar alone
REDRAW = 0.1  # seconds
CLEAR = "\r\x1b[K"  # to the line's beginning, and empty it


class TextBar:
    """A bar on the last line of a terminal.

    Parameters
    ----------
    stream : text file
        Where it is drawn.
    shown : bool, optional
        False where not even the lines are wanted.
    """

    def __init__(self, stream: TextIO, shown: bool = True) -> None:
        self._stream = stream
        self._shown = shown
        self._drawn = shown and stream.isatty()
        self._last = 0.0
        self._text = ""

    def __enter__(self) -> "TextBar":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._text:
            self._write(CLEAR)

    def say(self, line: str) -> None:
        """Print a line that stays."""
        if self._shown:
            self._write(f"{CLEAR}{line}\n{self._text}" if self._drawn else f"{line}\n")

    def show(self, done: int, total: int, words: str) -> None:
        """Show how much of a total is done, and some words beside it."""
        if not self._drawn or time.monotonic() - self._last < REDRAW:
            return
        self._last = time.monotonic()
        full = WIDTH * done // max(total, 1)
        self._text = f"[{'#' * full}{'.' * (WIDTH - full)}] {words}"
        self._write(CLEAR + self._text)

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
