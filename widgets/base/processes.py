"""Processes that the kit starts are also ended by it, with all that they started themselves."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import psutil

OWN_GROUP = os.name != "nt"  # where there are process groups, each of our processes has its own
# The same on Windows, as `creationflags`: a Ctrl-C in the console does not reach the process.
NEW_GROUP: int = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)


class Process(Protocol):
    """What `end_family` needs of a process."""

    @property
    def pid(self) -> int:
        """Its number; no positive one if it has never begun."""

    def kill(self) -> None:
        """End it at once."""

    def wait(self) -> int:
        """Wait for its end."""


def end_family(process: Process) -> None:
    """End a process that was started with `start_new_session=OWN_GROUP`, and its descendants."""
    if process.pid <= 0:
        return
    family: list[psutil.Process] = []
    with contextlib.suppress(psutil.Error):
        family = psutil.Process(process.pid).children(recursive=True)
    if OWN_GROUP:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    end_all(family)
    process.wait()


def end_all(processes: Sequence[psutil.Process]) -> None:
    """End processes; it does not matter which of them have ended by themselves."""
    for each in processes:
        with contextlib.suppress(psutil.Error):
            each.kill()


def processes_with(name: str, value: str) -> list[psutil.Process]:
    """Return the processes whose environment has `name` set to `value`.

    An orphan, and what called `setsid`, is found by this alone; a fork shows the environment with
    which the program began that it is a fork of.
    """
    found = []
    for each in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if each.pid != os.getpid() and each.environ().get(name) == value:
                found.append(each)
    return found


def run_script(
    words: Sequence[str], folder: Path, environment: Mapping[str, str], seconds: float
) -> tuple[int, str]:
    """Run a program to its end; return its exit code and all that it printed.

    Raises
    ------
    subprocess.TimeoutExpired
        After `seconds`; the program and all that it started are then ended.
    """
    process = subprocess.Popen(
        words,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=OWN_GROUP,
    )
    try:
        output, _ = process.communicate(timeout=seconds)
    finally:
        end_family(process)
        if process.stdout is not None:
            process.stdout.close()
    return process.returncode, output.decode("utf-8", errors="replace")
