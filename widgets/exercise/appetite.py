"""What a running check takes of the machine: looked at from outside, the same on every system.

Limits that the operating system sets (`setrlimit`) would hold for each process alone and count
address space, of which MLflow and OpenBLAS reserve gigabytes without using them.
"""

import time

import psutil

from widgets.base.memory import memory_of_this_machine

MEMORY = 2_000_000_000  # bytes of all its processes; the largest check of the course takes 0.9 GB
PROCESSES = 100  # the largest check of the course has four
EVERY = 0.1  # seconds between two looks
SHARE = 0.25  # of the time that looking may take: on a busy machine it is done less often


class Appetite:
    """Watches the process `number` and all that it has started.

    Parameters
    ----------
    number : int
        The process id.
    """

    def __init__(self, number: int) -> None:
        self._number = number
        whole = memory_of_this_machine() or psutil.virtual_memory().total
        self._memory = min(MEMORY, whole // 2)
        self._next = 0.0

    def excess(self) -> str:
        """Return what is too much, as a message for a person, or nothing.

        It may be called as often as one likes: most calls do not look.
        """
        began = time.monotonic()
        if began < self._next:
            return ""
        try:
            first = psutil.Process(self._number)
            found = self._judge([first, *first.children(recursive=True)])
        except psutil.Error:  # it has just ended; that is told elsewhere
            found = ""
        ended = time.monotonic()
        self._next = ended + max(EVERY, (ended - began) / SHARE)
        return found

    def _judge(self, family: list[psutil.Process]) -> str:
        if len(family) > PROCESSES:
            return (
                f"It was stopped when it had started {len(family) - 1} processes; a check may "
                f"start {PROCESSES}. Is there an os.fork() or a Popen() in a loop?"
            )
        # Cheap, and counts what several share several times; so only a reason to look closely.
        if sum(_resident(each) for each in family) <= self._memory:
            return ""
        held = sum(_own(each) for each in family)
        if held <= self._memory:
            return ""
        return (
            f"It was stopped when it held {held / 1e9:.1f} GB of memory; a check may take "
            f"{self._memory / 1e9:.1f} GB. Is there a list that grows in a loop that does not end, "
            "or an array much larger than the flights?"
        )


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def _own(process: psutil.Process) -> int:
    """Return what the process holds; of what it shares its part, where the system tells that."""
    try:
        found = process.memory_full_info()
    except psutil.Error:  # macOS tells it of some processes only
        return _resident(process)
    return int(getattr(found, "pss", found.uss))
