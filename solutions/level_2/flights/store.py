"""Opens MLflow's store: one database for runs and registry, made once, by one process."""

import logging
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path

import mlflow
from alembic.script import ScriptDirectory
from filelock import FileLock, Timeout
from mlflow.entities import ViewType
from mlflow.exceptions import MlflowException
from sqlalchemy.exc import SQLAlchemyError

from flights.settings import Settings

WAIT = timedelta(minutes=10)  # for another training
WAIT_TO_WRITE = timedelta(seconds=5)  # for another program that is writing
START_ANEW = "take it from a backup, or move its folder away and start a new one"
MENDS = {
    sqlite3.SQLITE_BUSY: "another program is writing: let it end, or end it, and try again",
    sqlite3.SQLITE_READONLY: "give yourself the right to write there (chmod u+w)",
    sqlite3.SQLITE_CANTOPEN: "give yourself the right to read and write there (chmod u+rw)",
    sqlite3.SQLITE_FULL: "make room on the disk and try again",
    sqlite3.SQLITE_CORRUPT: START_ANEW,
    sqlite3.SQLITE_NOTADB: START_ANEW,
}


class StoreError(Exception):
    """MLflow's store cannot be used; the message says why, and what to do."""


def connect(settings: Settings) -> str:
    """Point MLflow at the project's store, make what is not there yet, return the experiment's id.

    Raises
    ------
    StoreError
        If the database is locked, read-only, damaged or of another version of MLflow, or if
        its artifacts lie elsewhere (the workspace was moved) or are gone.
    """
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)  # errors reach us
    mlflow.set_tracking_uri(settings.tracking_uri)
    local = settings.tracking_uri.startswith("sqlite:///")
    try:
        if local:
            database = Path(settings.tracking_uri.removeprefix("sqlite:///"))
            database.parent.mkdir(parents=True, exist_ok=True)
            # The first opening makes the schema: two processes at once would both fail.
            with FileLock(database.with_suffix(".lock"), timeout=WAIT.total_seconds()):
                check_database(database, settings.artifacts)
                experiment = open_experiment(settings, settings.artifacts.as_uri())
        else:
            experiment = open_experiment(settings, None)
        mlflow.set_experiment(experiment_id=experiment)
    except (OSError, sqlite3.Error, SQLAlchemyError, MlflowException) as error:
        said = f"{settings.tracking_uri} cannot be used: {explain(error)}"
        raise StoreError(without_password(said)) from error
    return experiment


def without_password(said: object) -> str:
    """Return a text without the names and passwords that addresses in it may hold."""
    return re.sub(r"://[^/\s]+@", "://…@", str(said))


def explain(error: BaseException) -> str:
    """Return an error in a line: SQLite's own words and a mend, if SQLite is at its bottom."""
    cause: BaseException | None = error
    while cause and not isinstance(cause, sqlite3.Error):
        cause = cause.__cause__
    if cause is None:
        return str(error)
    mend = MENDS.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)  # without SQLite's details
    return f"{cause}: {mend}" if mend else str(cause)


def check_database(database: Path, artifacts: Path) -> None:
    """Look at an SQLite database before MLflow does, and leave it as it is.

    MLflow would try a locked one for a minute, write on in a damaged one, rebuild an old one
    without a word, and take an empty one for new.

    Raises
    ------
    sqlite3.Error
        If it is locked, read-only or damaged.
    StoreError
        If it is of another version of MLflow, or empty although there are models.
    """
    if not database.exists():
        return
    if not database.stat().st_size:
        if artifacts.is_dir() and any(artifacts.iterdir()):
            raise StoreError(f"{database} is empty, but there are models of it: {START_ANEW}")
        return
    timeout = WAIT_TO_WRITE.total_seconds()
    with closing(sqlite3.connect(database, timeout=timeout)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("CREATE TABLE probe (x)")  # rolled back: may we write?
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise StoreError(f"{database} is damaged: {START_ANEW}")
        (schema,) = connection.execute("SELECT max(version_num) FROM alembic_version").fetchone()
        connection.rollback()
    if schema != newest_schema():
        raise StoreError(
            f"{database} is of another version of MLflow: its schema is {schema}, that of MLflow "
            f"{mlflow.__version__} is {newest_schema()}. Install the version that made it; or, if "
            f'it is older, copy the file and run: mlflow db upgrade "sqlite:///{database}"'
        )


@cache
def newest_schema() -> str | None:
    """Return the name of the schema that the installed MLflow works with."""
    migrations = Path(mlflow.__file__).parent / "store" / "db_migrations"
    return ScriptDirectory(str(migrations)).get_current_head()


def open_experiment(settings: Settings, artifacts: str | None) -> str:
    """Return the id of the project's experiment; make it if it is new.

    Raises
    ------
    StoreError
        If the experiment keeps its artifacts in another place than the settings say, or they
        are gone.
    """
    found = mlflow.get_experiment_by_name(settings.experiment)
    if found is None:
        if artifacts is not None:
            settings.artifacts.mkdir(parents=True, exist_ok=True)
        return str(mlflow.create_experiment(settings.experiment, artifact_location=artifacts))
    if artifacts is not None and found.artifact_location != artifacts:
        raise StoreError(
            f"the models of {settings.experiment} lie in {found.artifact_location}, but this "
            f"workspace expects them in {artifacts}. MLflow keeps whole addresses: move the "
            "workspace back, or move its folder mlflow/ away and start a new one."
        )
    if artifacts is not None and not settings.artifacts.is_dir():
        raise StoreError(
            f"the models of {settings.experiment} are gone: there is no {settings.artifacts}. Take "
            "it from a backup, or move the folder around it away and start a new one."
        )
    return str(found.experiment_id)


@contextmanager
def one_at_a_time(settings: Settings) -> Iterator[None]:
    """Wait until no other training runs on these artifacts, and keep others out meanwhile.

    A training's run that was left open is ended (KILLED): no other training can be at work. Runs
    that somebody else has opened stay open.

    Raises
    ------
    StoreError
        If the store cannot be used, or the other training does not end.
    """
    lock = FileLock(settings.artifacts.parent / "training.lock", timeout=WAIT.total_seconds())
    try:
        settings.artifacts.parent.mkdir(parents=True, exist_ok=True)
        wait_for_turn(lock)
    except OSError as error:  # a Timeout is one too
        mend = "make that folder writable, or end the other training"
        raise StoreError(f"no training can begin: {error}: {mend}") from error
    try:
        end_interrupted(connect(settings))
        yield
    finally:
        lock.release()


def wait_for_turn(lock: FileLock) -> None:
    """Take the lock; say so if that means to wait."""
    try:
        lock.acquire(timeout=0)
    except Timeout:
        print("another training is running: waiting for its end", flush=True)
        lock.acquire()


def end_interrupted(experiment: str) -> None:
    """End the trainings that are still open, although nothing is at work."""
    client = mlflow.MlflowClient()
    for run in client.search_runs(
        [experiment], "attributes.status = 'RUNNING'", ViewType.ACTIVE_ONLY
    ):
        if {"data_digest", "failed_step"} & set(run.data.tags):  # as our trainings have from birth
            client.set_terminated(run.info.run_id, status="KILLED")
