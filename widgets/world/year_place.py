"""Makes the place of the year: the project as it is at main, the first quarter's data, a champion.

A place is whole when its `year.json` is there. Without it, it is a half-made one and is made anew.
"""

import os
import shutil
import stat
import subprocess
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path

from widgets.base.errors import KitError
from widgets.base.paths import Layout
from widgets.world.world import World
from widgets.world.year_process import run_program

MAIN = "refs/heads/main"
NEEDED = {"pipeline": "2.3", "serve": "3.2", "loop": "4.3", "policies": "4.6"}
PIPELINE_SECONDS = 900.0
QUIET = ("-c", "core.hooksPath=", "-c", "core.autocrlf=false", "-c", "advice.detachedHead=false")


def main_commit(layout: Layout) -> str:
    """Return the commit at which the learner's main is.

    Raises
    ------
    KitError
        If there is no main, or a program is missing in it; the message names the exercise.
    """
    if not (layout.origin / "HEAD").is_file():
        raise KitError("The year runs what is at main, and there is no origin: exercise 1.4.")
    at = ("--git-dir", str(layout.origin))
    commit = _git(*at, "rev-parse", "--verify", "--quiet", f"{MAIN}^{{commit}}").strip()
    if not commit:
        raise KitError("The year runs what is at main, and nothing was pushed to it: exercise 1.4.")
    there = _git(*at, "ls-tree", "--name-only", commit, "flights/").splitlines()
    for name, exercise in NEEDED.items():
        if f"flights/{name}.py" not in there:
            raise KitError(
                f"The year cannot begin: flights/{name}.py is not at main. Exercise {exercise} "
                "makes it; push brings it there."
            )
    return commit


def moved_since(layout: Layout, commit: str) -> bool:
    """Return whether main is at another commit by now, ready to be run."""
    with suppress(KitError):
        return main_commit(layout) != commit
    return False


def make_place(
    layout: Layout,
    commit: str,
    first: date,
    ensure_store: Callable[[Layout], None],
    say: Callable[[str], None],
) -> None:
    """Make the year's workspace anew: clone, data until `first`, and a first training.

    Parameters
    ----------
    layout : Layout
        The learner's workspace.
    commit : str
        What is cloned.
    first : date
        The year's first day.
    ensure_store : callable
        Makes the MLflow database of a workspace.
    say : callable
        Told what is being done.

    Raises
    ------
    KitError
        If git refuses, or the pipeline fails.
    """
    year = layout.year
    remove(year.root)
    year.root.mkdir(parents=True)
    say(f"the project at main, {commit[:10]}, is cloned")
    source, target = str(layout.origin), str(year.project)
    _must(*QUIET, "clone", "--quiet", "--template=", "--no-checkout", source, target)
    _must(*QUIET, "-C", target, "checkout", "--quiet", "-B", "main", commit)
    World(year).advance_to(first)
    ensure_store(year)
    say("the first model is trained, judged and brought into service: flights.pipeline")
    run_program("flights.pipeline", year, PIPELINE_SECONDS)


def move_aside(year: Layout) -> None:
    """Keep the year that is there as `year.old`, in the place of the one that was kept before."""
    if year.root.exists():
        old = year.root.with_name("year.old")
        remove(old)
        year.root.rename(old)


def remove(folder: Path) -> None:
    """Remove a folder with all that is in it: git's files too, which are read-only."""
    if not folder.exists():
        return
    if os.name == "nt":  # only there it is the file's own mode that forbids it
        for path in folder.rglob("*"):
            path.chmod(stat.S_IWRITE | stat.S_IREAD)
    shutil.rmtree(folder)


def _must(*words: str) -> None:
    _git(*words, must=True)


def _git(*words: str, must: bool = False) -> str:
    # A hook or a shell may have set GIT_DIR and more: they would lead git elsewhere.
    kept = ("GIT_CONFIG", "GIT_EXEC_PATH", "GIT_CEILING_")
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_") or k.startswith(kept)}
    try:
        done = subprocess.run(
            ["git", *words],
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
        )
    except FileNotFoundError:
        raise KitError("git is not installed: install it and try again.") from None
    if must and done.returncode:
        raise KitError(f"The project could not be cloned: git said {done.stderr.strip()}")
    return done.stdout if not done.returncode else ""
