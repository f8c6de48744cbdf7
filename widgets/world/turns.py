"""One at a time: whoever changes the world, or sends its traffic, holds a lock while doing so."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from widgets.base.errors import KitError


@contextmanager
def turn(lock: Path, patience: float, refusal: str) -> Iterator[None]:
    """Hold a lock; the system lets go of it when the process dies.

    Parameters
    ----------
    lock : Path
        The lock's file. The folders above it are made.
    patience : float
        Seconds to wait for another process.
    refusal : str
        What is said if that was not enough; the reason is added to it.

    Raises
    ------
    KitError
        If another process holds the lock, or the folder cannot be written.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    try:
        held = sqlite3.connect(lock, timeout=patience, isolation_level=None)
        held.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        raise KitError(f"{lock}: {refusal} ({error})") from None
    with closing(held):
        yield
