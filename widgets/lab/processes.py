"""Starts other programs for `lab.py`: with the kit's environment, a log, and a sign of life."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from widgets.base.errors import KitError

# Nothing that is started here reports anything to anybody, and imports get faster by themselves.
QUIET = {
    "DO_NOT_TRACK": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_INPUT": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "PYTHONUTF8": "1",
}
# Large blocks go back to the system as soon as they are free: Arrow and glibc would keep them.
FRUGAL = {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_MMAP_THRESHOLD_": str(2**20)}
REMOVED = ("PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__")
SIGN_OF_LIFE = 10.0  # seconds between two lines where a line cannot be written again


class ToolError(KitError):
    """A program that was started here ended with an error.

    Attributes
    ----------
    output : str
        All that it wrote.
    """

    def __init__(self, message: str, output: str) -> None:
        super().__init__(message)
        self.output = output


def environment_for(python: Path, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment in which the kit's programs run with the interpreter `python`."""
    given = os.environ if base is None else base
    found = {name: value for name, value in given.items() if name not in REMOVED}
    path = os.pathsep.join([str(python.parent), *filter(None, [found.get("PATH")])])
    return {**found, **QUIET, **FRUGAL, "PATH": path, "VIRTUAL_ENV": str(python.parent.parent)}


class Steps:
    """Tells a person what is going on: a line for each step, with the seconds since the start."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def say(self, text: str) -> None:
        """Print one line."""
        print(f"[{time.monotonic() - self._began:4.0f} s] {text}", flush=True)

    def run(
        self, words: Sequence[str | Path], log: Path, env: Mapping[str, str], cwd: Path
    ) -> None:
        """Run a program; its output goes to `log`, its newest line is shown as a sign of life.

        Raises
        ------
        ToolError
            If it ends with an error; `output` is what it wrote.
        """
        command = [str(word) for word in words]
        with log.open("ab") as out:
            out.write(f"\n$ {' '.join(command)}\n".encode())
            out.flush()
            start = out.tell()
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env, cwd=cwd
            )
            try:
                self._watch(process, log)
            except BaseException:
                stop(process)
                raise
        if process.returncode:
            output = log.read_bytes()[start:].decode(errors="replace")
            raise ToolError(f"{Path(command[0]).name} failed.", output)

    def _watch(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        shown, before = time.monotonic(), ""
        while True:
            try:
                process.wait(0.5)
                break
            except subprocess.TimeoutExpired:
                pass
            seconds = time.monotonic() - self._began
            newest = last_line(log)
            line = f"[{seconds:4.0f} s]   … {newest if newest != before else 'still at work'}"
            if sys.stdout.isatty():
                print(f"\r{line[:78]:78}", end="", flush=True)
            elif time.monotonic() - shown > SIGN_OF_LIFE:
                print(line[:110], flush=True)
                shown, before = time.monotonic(), newest
        if sys.stdout.isatty():
            print(f"\r{'':78}\r", end="", flush=True)


def last_line(log: Path) -> str:
    """Return the newest line of a log that says something."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 2000))
        lines = file.read().decode(errors="replace").replace("\r", "\n").splitlines()
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def stop(process: "subprocess.Popen[bytes]", seconds: float = 10) -> None:
    """End a process that was started here: politely, then not."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
