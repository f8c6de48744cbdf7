"""Lets a person follow the trainings that main's moves have started."""

import time
from collections.abc import Callable
from pathlib import Path

from widgets.base.errors import KitError
from widgets.forge.record import COMMIT
from widgets.forge.training import FOLDER, log_path, read_trainings, running

LAST_LINES = 15


def wait_for_trainings(origin: Path, tick: Callable[[], None], seconds: float = 600.0) -> None:
    """Wait until no training runs; call `tick` twice a second meanwhile.

    Raises
    ------
    KitError
        If one still runs after `seconds`.
    """
    end = time.monotonic() + seconds
    while names := running(origin):
        if time.monotonic() > end:
            raise KitError(
                f"The training of {', '.join(name[:10] for name in names)} still runs after "
                f"{seconds:.0f} seconds. What it printed: {log_path(origin, names[0])}"
            )
        tick()
        time.sleep(0.5)


def describe_trainings(origin: Path, subject: Callable[[str], str]) -> list[str]:
    """Return what became of each training, the oldest first, with what its code printed last.

    Parameters
    ----------
    origin : Path
        The bare repository.
    subject : callable
        Returns what a commit is about.
    """
    now = running(origin)  # asked first: one that ends meanwhile has its record by then
    ended = read_trainings(origin)
    lines = []
    for training in ended:
        result = "done" if training.exit_code == 0 else "FAILED"
        said = _last_lines(log_path(origin, training.commit), 1 if result == "done" else LAST_LINES)
        lines += [f"{result:8} {subject(training.commit)}", *(f"         {line}" for line in said)]
    there = {training.commit for training in ended}
    for log in sorted((origin / FOLDER).glob("*.log")):
        if COMMIT.fullmatch(log.stem) and log.stem not in there:
            state = "running" if log.stem in now else "KILLED"
            said = _last_lines(log, LAST_LINES)
            lines += [f"{state:8} {subject(log.stem)}", *(f"         {line}" for line in said)]
    return lines


def has_failed(origin: Path, commit: str) -> bool:
    """Return whether the training of a commit has failed, or was killed; not if there is none."""
    if not log_path(origin, commit).exists() or commit in running(origin):
        return False
    return 0 not in [each.exit_code for each in read_trainings(origin) if each.commit == commit]


def _last_lines(log: Path, number: int) -> list[str]:
    if not log.is_file():
        return []
    return log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-number:]
