"""MLflow's database of a workspace, made once and before anybody opens it.

Three programs that open a database which does not exist yet make its tables at the same time, and
two of them fail. So it is made here, by one. An empty one is kept beside the environment, since
making it takes seconds and copying it none.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock

from widgets.base.errors import KitError
from widgets.base.paths import PREPARED, Layout

QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
MAKE_SECONDS = 300
ADDRESS = "MLFLOW_TRACKING_URI"


def ensure_store(layout: Layout) -> None:
    """Make the workspace's MLflow database if there is none; one that is there is left alone.

    Raises
    ------
    KitError
        If it cannot be made.
    """
    if layout.mlflow_db.exists():
        return
    layout.mlflow_artifacts.mkdir(parents=True, exist_ok=True)
    with FileLock(layout.mlflow / ".mlflow.db.lock"):
        if layout.mlflow_db.exists():
            return
        draft = layout.mlflow / f".mlflow.db.{os.getpid()}"
        try:
            copy_empty(draft)
            settle(draft, layout)
            place(draft, layout.mlflow_db)
        finally:
            draft.unlink(missing_ok=True)


def is_of_workspace(layout: Layout) -> bool:
    """Return whether MLflow keeps its notes in the workspace, not on a team's server."""
    return layout.tracking_uri == f"sqlite:///{layout.mlflow_db.as_posix()}"


@contextmanager
def own_address_aside(layout: Layout) -> Iterator[None]:
    """Forget for a while that MLflow has put this workspace's own address into the environment.

    It does so in a kernel that has once set it, and every program that is started there would
    take it for a wish.
    """
    told = os.environ.get(ADDRESS)
    own = told == f"sqlite:///{layout.mlflow_db.as_posix()}"
    if own:
        del os.environ[ADDRESS]
    try:
        yield
    finally:
        if own and told:
            os.environ.setdefault(ADDRESS, told)


def cached_empty() -> Path:
    """Return where this environment keeps an empty database of its version of MLflow."""
    return PREPARED / f"mlflow-{version('mlflow')}-empty.db"


def copy_empty(target: Path, make: "Callable[[Path], None] | None" = None) -> None:
    """Put an empty database at `target`: a copy of the cached one, which is made if need be."""
    make = make or make_empty
    cached = cached_empty()
    if not cached.exists():
        draft = cached.with_name(f"{cached.name}.{os.getpid()}")
        try:
            cached.parent.mkdir(parents=True, exist_ok=True)
            draft.touch()
        except OSError:  # an environment that belongs to somebody else
            make(target)
            return
        try:
            make(draft)
            draft.replace(cached)
        finally:
            draft.unlink(missing_ok=True)
    shutil.copyfile(cached, target)


def make_empty(target: Path) -> None:
    """Let MLflow make an empty database, in a process of its own: it takes much to import."""
    target.unlink(missing_ok=True)
    answer = subprocess.run(
        [sys.executable, "-m", "widgets.mlflow_ui.schema", str(target)],
        env=os.environ | QUIET,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        timeout=MAKE_SECONDS,
    )
    if answer.returncode:
        tail = "\n".join(f"  {line}" for line in answer.stderr.strip().splitlines()[-12:])
        raise KitError(f"{target.parent}: MLflow could not make its database there:\n{tail}")


def settle(database: Path, layout: Layout) -> None:
    """Name this workspace as the place of what is logged without an experiment."""
    where = (layout.mlflow_artifacts / "0").as_uri()
    with closing(sqlite3.connect(database)) as opened, opened:
        opened.execute(
            "UPDATE experiments SET artifact_location = ? WHERE experiment_id = 0", (where,)
        )


def place(draft: Path, target: Path) -> None:
    """Move a finished database to its place, unless somebody was faster."""
    try:
        os.link(draft, target)  # unlike a rename, it never replaces
    except FileExistsError:
        pass
    except OSError:  # a file system without links
        if not target.exists():
            draft.rename(target)


def main() -> int:
    """Make the cached database: `python -m widgets.mlflow_ui.store`, when the kit is set up."""
    cached = cached_empty()
    if not cached.exists():
        probe = cached.with_name(f"{cached.name}.probe.{os.getpid()}")
        try:
            probe.parent.mkdir(parents=True, exist_ok=True)
            copy_empty(probe)
        finally:
            probe.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
