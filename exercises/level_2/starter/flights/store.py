"""Opens MLflow's store: one database for runs and registry, made once, by one process."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import mlflow
from filelock import FileLock, Timeout
from mlflow.entities import ViewType
from mlflow.exceptions import MlflowException

from flights.settings import Settings

WAIT = timedelta(minutes=10)


class StoreError(Exception):
    """MLflow's store cannot be used; the message says why, and what to do."""


def connect(settings: Settings) -> str:
    """Point MLflow at the project's store, make what is not there yet, return the experiment's id.

    Raises
    ------
    StoreError
        If the database is locked, read-only, damaged or of another version of MLflow, or if
        its artifacts lie elsewhere (the workspace was moved).
    """
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.WARNING)
    mlflow.set_tracking_uri(settings.tracking_uri)
    local = settings.tracking_uri.startswith("sqlite:///")
    try:
        if local:
            database = Path(settings.tracking_uri.removeprefix("sqlite:///"))
            database.parent.mkdir(parents=True, exist_ok=True)
            check_writable(database)
            # The first opening makes the schema: two processes at once would both fail.
            with FileLock(database.with_suffix(".lock"), timeout=WAIT.total_seconds()):
                experiment = open_experiment(settings, settings.artifacts.as_uri())
        else:
            experiment = open_experiment(settings, None)
    except (OSError, sqlite3.Error, MlflowException, Timeout) as error:
        raise StoreError(f"{settings.tracking_uri} cannot be used: {error}") from error
    mlflow.set_experiment(experiment_id=experiment)
    return experiment


def check_writable(database: Path) -> None:
    """Open an existing SQLite database for writing and leave it as it is.

    Raises
    ------
    sqlite3.Error
        At once and in a few words; MLflow would try for a minute and end in a long traceback.
    """
    if database.exists() and database.stat().st_size:
        with closing(sqlite3.connect(database, timeout=20)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("SELECT count(*) FROM sqlite_master")
            connection.rollback()


def open_experiment(settings: Settings, artifacts: str | None) -> str:
    """Return the id of the project's experiment; make it if it is new.

    Raises
    ------
    StoreError
        If the experiment keeps its artifacts in another place than the settings say.
    """
    found = mlflow.get_experiment_by_name(settings.experiment)
    if found is None:
        return str(mlflow.create_experiment(settings.experiment, artifact_location=artifacts))
    if artifacts is not None and found.artifact_location != artifacts:
        raise StoreError(
            f"the models of {settings.experiment} lie in {found.artifact_location}, but this "
            f"workspace expects them in {artifacts}. MLflow keeps whole addresses: move the "
            "workspace back, or move its folder mlflow/ away and start a new one."
        )
    return str(found.experiment_id)


@contextmanager
def one_at_a_time(settings: Settings) -> Iterator[None]:
    """Wait until no other training runs on these artifacts, and keep others out meanwhile.

    A run that a killed training has left open is ended (KILLED): nobody else can be at work.
    """
    settings.artifacts.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.artifacts.parent / "training.lock", timeout=WAIT.total_seconds())
    try:
        lock.acquire(timeout=0)
    except Timeout:
        print("another training is running: waiting for its end", flush=True)
        lock.acquire()
    try:
        end_interrupted(connect(settings))
        yield
    finally:
        lock.release()


def end_interrupted(experiment: str) -> None:
    """End the runs that are still open, although nothing is at work."""
    client = mlflow.MlflowClient()
    for run in client.search_runs(
        [experiment], "attributes.status = 'RUNNING'", ViewType.ACTIVE_ONLY
    ):
        client.set_terminated(run.info.run_id, status="KILLED")
