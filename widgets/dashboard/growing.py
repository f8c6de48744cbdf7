"""A log that grows while it is read: each look gives only the lines that are new and whole."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

CHUNK = 1 << 20  # bytes read at once, and the longest line that is waited for
TAIL = 64  # bytes before the place of reading, by which a file is known again


class GrowingFile:
    """The lines of the file `path`, each given once.

    A last line without its end is waited for. A file that is not there has no lines. A file that
    was cut or replaced is known by the bytes before the place of reading, and read anew.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._tail = b""
        self._seen: tuple[int, ...] | None = None

    def changed(self) -> bool:
        """Return whether the file has changed since its lines were taken; it is not opened."""
        return self._signature() != self._seen

    def replaced(self) -> bool:
        """Return whether what was read is there no more; then the lines begin anew."""
        if self._offset == 0 or self._still_there():
            return False
        self._offset, self._tail = 0, b""
        return True

    def lines(self) -> Iterator[bytes]:
        """Yield the new lines that are whole."""
        self._seen = self._signature()
        if self._seen is None:
            return
        with self._path.open("rb") as file:
            file.seek(self._offset)
            rest = b""
            while chunk := file.read(CHUNK):
                whole, end, rest = (rest + chunk).rpartition(b"\n")
                if not end and len(rest) >= CHUNK:  # nobody writes such a line: it is given up
                    whole, rest = rest, b""
                if whole or end:
                    self._offset += len(whole) + len(end)
                    self._tail = (self._tail + whole[-TAIL:] + end)[-TAIL:]
                    yield from whole.split(b"\n")

    def _signature(self) -> tuple[int, ...] | None:
        with suppress(FileNotFoundError):
            found = self._path.stat()
            return found.st_ino, found.st_size, found.st_mtime_ns
        return None

    def _still_there(self) -> bool:
        with suppress(FileNotFoundError), self._path.open("rb") as file:
            file.seek(self._offset - len(self._tail))
            return file.read(len(self._tail)) == self._tail
        return False
