"""An MLflow store for a test: its tables take seconds to make, so all tests copy the same ones."""

import os
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import mlflow


@cache
def empty_database() -> bytes:
    """Return an SQLite file with MLflow's tables and nothing in them.

    A CI's machine may have one prepared, among its tools.
    """
    prepared = Path(
        os.environ.get("RUNNER_TOOL_CACHE", ""), f"mlflow-{mlflow.__version__}-empty.db"
    )
    if prepared.is_file():
        return prepared.read_bytes()
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        file = Path(folder) / "mlflow.db"
        mlflow.MlflowClient(f"sqlite:///{file.as_posix()}").search_experiments()
        return file.read_bytes()


def make_store(workspace: Path) -> None:
    """Put an empty database where a project in `workspace` expects MLflow's."""
    (workspace / "mlflow").mkdir()
    (workspace / "mlflow" / "mlflow.db").write_bytes(empty_database())
