"""How much memory this machine has, asked of the operating system, or of the container."""

import ctypes
import os
import sys
from contextlib import suppress
from pathlib import Path

CONTAINER = Path("/sys/fs/cgroup/memory.max")
HUB = "MEM_LIMIT"  # bytes: so JupyterHub and Binder tell a person's limit
SMALL = 4_000_000_000  # bytes; with fewer, what need not run at once should not


def memory_of_this_machine() -> int | None:
    """Return the bytes of memory that programs can have here, or None if nobody says."""
    limits = [_windows() if sys.platform == "win32" else _unix()]
    with suppress(OSError, ValueError):  # no container, or "max": no limit
        limits.append(int(CONTAINER.read_text(encoding="ascii")))
    with suppress(KeyError, ValueError):
        limits.append(int(os.environ[HUB]))
    return min((limit for limit in limits if limit and limit > 0), default=None)


def is_small() -> bool:
    """Return whether programs can have so little memory here that they better take turns."""
    limit = memory_of_this_machine()
    return limit is not None and limit < SMALL


def _unix() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return None


class _Status(ctypes.Structure):
    _fields_ = (
        ("length", ctypes.c_ulong),
        ("load", ctypes.c_ulong),
        ("whole", ctypes.c_ulonglong),
        ("rest", ctypes.c_ulonglong * 6),
    )


def _windows() -> int | None:
    status = _Status(length=ctypes.sizeof(_Status))
    kernel = getattr(ctypes, "windll", None)
    if kernel is None or not kernel.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
        return None
    return int(status.whole)
