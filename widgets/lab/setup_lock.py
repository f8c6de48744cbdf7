"""One set-up at a time: a lock that the operating system lets go of when its owner dies."""

import errno
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

# On Windows a locked byte cannot be read by others, so it lies behind the owner's number.
_BYTE = 1000


@contextmanager
def setup_lock(path: Path, waiting: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock `path`; if another process has it, say so once and wait.

    Parameters
    ----------
    path
        The lock's file. It stays when the lock is let go; it means nothing then.
    waiting
        Called once with a sentence for a person, if there is something to wait for.
    """
    with path.open("a+", encoding="ascii") as file:
        told = False
        while not _take(file):
            if not told:
                file.seek(0)
                owner = file.read(20).strip()
                waiting(
                    f"Another set-up of this kit is running (process {owner or 'unknown'}). "
                    "Waiting until it is done."
                )
                told = True
            time.sleep(0.3)
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield
        finally:
            _release(file)


if sys.platform == "win32":
    import msvcrt

    def _take(file: IO[str]) -> bool:
        file.seek(_BYTE)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _release(file: IO[str]) -> None:
        file.seek(_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _take(file: IO[str]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            # Some network folders know no locks; then two set-ups at once are not held apart.
            return error.errno in (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP)
        return True

    def _release(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
