"""Opens a SQLite file so that nothing beside it is made or changed, whoever else writes to it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

SECONDS = 2.0  # to wait for somebody who writes
WAL = 2  # the value of the header's bytes 18 and 19 in a file that has a write-ahead log


@contextmanager
def reading(file: Path, header: bytes) -> Iterator[sqlite3.Connection]:
    """Open one transaction on a file that begins with `header`.

    Raises
    ------
    sqlite3.Error, OSError
        If it cannot be read.
    """
    address = address_of(file, header)
    with closing(sqlite3.connect(address, uri=True, timeout=SECONDS)) as connection:
        connection.text_factory = lambda raw: raw.decode("utf-8", errors="replace")
        connection.execute("PRAGMA query_only = 1")
        connection.execute("BEGIN")
        yield connection


def address_of(file: Path, header: bytes) -> str:
    """Return the address by which a file that begins with `header` is opened, read only."""
    address = f"{file.as_uri()}?mode=ro"
    if len(header) == 20 and header[18] == WAL:
        # With its log beside it the file must be opened as its writers do; SQLite makes what
        # they have not made. Without a log everything is in the file, and nothing is made.
        log, index = (Path(f"{file}{end}") for end in ("-wal", "-shm"))
        if not log.exists() or not log.stat().st_size:
            return f"{address}&immutable=1"
        if not index.exists():
            raise sqlite3.OperationalError("its writer was killed and left a log behind")
    return address
