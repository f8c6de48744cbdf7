"""An MLflow store for a test: its tables take seconds to make, so all tests copy the same ones."""

import os
from functools import cache
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

import mlflow


@cache
def empty_database() -> bytes:
    """Return an SQLite file with MLflow's tables and nothing in them.

    A CI that keeps a folder between its runs keeps it there; the folder's variable is GitHub's.
    """
    with TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        folder = Path(os.environ.get("RUNNER_TOOL_CACHE", scratch))
        kept = folder / f"mlflow-{mlflow.__version__}.db"
        if not kept.exists():
            made = Path(scratch) / "made.db"
            mlflow.MlflowClient(f"sqlite:///{made.as_posix()}").search_experiments()
            folder.mkdir(parents=True, exist_ok=True)
            draft = kept.with_suffix(f".{os.getpid()}")  # another run may look for it now
            copyfile(made, draft)
            draft.replace(kept)
        return kept.read_bytes()


def make_store(workspace: Path) -> None:
    """Put an empty database where a project in `workspace` expects MLflow's."""
    (workspace / "mlflow").mkdir()
    (workspace / "mlflow" / "mlflow.db").write_bytes(empty_database())
