"""`python -m flights.pipeline` in a process whose slow imports are done; a test may kill it."""

import ctypes
import os
import runpy
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

KILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # on Windows SIGTERM ends at once too
NOT_INHERITED = ("FLIGHTS_", "GIT_", "MLFLOW_", "PYTEST_")
ABOVE_FILE_MODES = 0b110  # of Linux's capabilities: CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH


@dataclass(frozen=True)
class Job:
    """One run of the pipeline.

    Attributes
    ----------
    project, output : str
        The project's folder, and the file that takes what is printed.
    kill_at : str or None
        The process is killed just before the first SQL statement that begins like this.
    """

    project: str
    output: str
    kill_at: str | None = None


def run(job: Job) -> None:
    """Be that process."""
    target = os.open(job.output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(target, stream)
    os.chdir(job.project)
    for name in [name for name in os.environ if name.startswith(NOT_INHERITED)]:
        del os.environ[name]
    os.environ |= {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
    sys.path.insert(0, job.project)
    obey_file_modes()
    if job.kill_at:
        kill_before(job.kill_at)
    sys.argv = [str(Path(job.project, "flights", "pipeline.py"))]
    runpy.run_module("flights.pipeline", run_name="__main__", alter_sys=True)


def obey_file_modes() -> None:
    """Let what is read-only be read-only, even if the tests run as root."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    libc.capget(header, sets)
    sets[0] &= ~ABOVE_FILE_MODES
    if libc.capset(header, sets):
        raise OSError(ctypes.get_errno(), "capset")


def kill_before(beginning: str) -> None:
    """Kill this process before it executes an SQL statement that begins like this."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    @event.listens_for(Engine, "before_cursor_execute")
    def look(connection, cursor, statement, *_):
        if statement.startswith(beginning):
            os.kill(os.getpid(), KILL)
