"""Runs one step's script: streams what it prints, and stops it with all its children in time."""

import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from widgets.base.processes import OWN_GROUP, end_family

LAST_WORDS_SECONDS = 2.0


@dataclass(frozen=True)
class Ended:
    """How a script ended: its exit code, or None if it was stopped at its time limit."""

    code: int | None


def run_script(
    script: Path, folder: Path, env: Mapping[str, str], seconds: float, say: Callable[[str], None]
) -> Ended:
    """Run `script` with sh in `folder` and hand each line that it prints to `say`.

    The shell is `sh -e`, as GitHub's is: the first command that fails ends the step. Git brings
    an sh along on Windows too. Whatever ends this function ends the script's processes.
    """
    process = subprocess.Popen(
        ["sh", "-e", str(script)],
        cwd=folder,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=OWN_GROUP,
    )
    reader = threading.Thread(target=_read, args=(process, say), daemon=True)
    reader.start()
    try:
        code: int | None = process.wait(timeout=max(seconds, 0.0))
    except subprocess.TimeoutExpired:
        code = None
    finally:
        end_family(process)  # also what a step has left in the background
    reader.join(LAST_WORDS_SECONDS)  # a stray child may hold the pipe open
    return Ended(code)


def _read(process: "subprocess.Popen[bytes]", say: Callable[[str], None]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        say(line.decode("utf-8", errors="replace").rstrip("\r\n"))
