"""What the learner's pipeline says and leaves when months, MLflow's store or its own end are bad.

Real files, real processes, real MLflow. Every test begins with the same workspace, at the same
place (MLflow keeps whole addresses): January is trained, registered as version 1, the champion.
"""

import multiprocessing
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from tests.exercises.level_2_process import KILL, Job, run
from widgets.base.paths import Layout
from widgets.exercise.checker import FLIGHTS
from widgets.mlflow_ui.store import ensure_store

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
EVERY = 8  # of the flights: a fit takes a tenth of a second
A_FEW_SECONDS = 20  # on a busy machine; MLflow alone would try a locked database for a minute
SLOW_IMPORTS = [
    *("mlflow.sklearn", "mlflow.store.tracking.sqlalchemy_store", "pandera.pandas"),
    *("pyarrow.parquet", "skops.io", "sklearn.linear_model", "sklearn.compose", "joblib"),
]
FORKED = "forkserver" in multiprocessing.get_all_start_methods()
PROCESSES = multiprocessing.get_context("forkserver" if FORKED else "spawn")


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    code: int | None
    said: str
    seconds: float


@dataclass(frozen=True)
class Workspace:
    """A workspace with the solved project, one version, and ways to spoil and to read it."""

    root: Path

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def database(self) -> Path:
        return self.root / "mlflow" / "mlflow.db"

    @property
    def artifacts(self) -> Path:
        return self.root / "mlflow" / "artifacts"

    def land(self, month: str, flights: pd.DataFrame | None = None) -> Path:
        """Write a month: these flights, or those of February."""
        file = self.data / f"{month}.parquet"
        (some("2013-02") if flights is None else flights).to_parquet(file)
        return file

    def sql(self, *statements: str) -> list[tuple]:
        """Execute statements on the database, return the rows of the last one."""
        with closing(sqlite3.connect(self.database)) as opened, opened:
            return [opened.execute(statement).fetchall() for statement in statements][-1]

    def overwrite(self, start: int, count: int) -> None:
        """Spoil bytes of the database."""
        with self.database.open("r+b") as file:
            file.seek(start)
            file.write(b"\xff" * count)

    def start(self, kill_at: str | None = None, name: str = "out") -> "Running":
        """Start `python -m flights.pipeline`."""
        output = self.root / f"{name}.txt"
        job = Job(str(self.root / "project"), str(output), kill_at)
        process = PROCESSES.Process(target=run, args=(job,))
        process.start()
        return Running(process, output, time.monotonic())

    def pipeline(self, kill_at: str | None = None) -> Ended:
        """Run `python -m flights.pipeline` to its end."""
        return self.start(kill_at).end()

    def tables(self) -> dict[str, set[tuple]]:
        """Return all rows of all tables."""
        names = self.sql("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {name: set(self.sql(f"SELECT * FROM {name}")) for (name,) in names}

    def bytes(self, but: Path | None = None) -> dict[str, bytes | None]:
        """Return the bytes of all files of data/ and mlflow/ that may be read, but of locks."""
        files = [*self.data.rglob("*"), *self.database.parent.rglob("*")]
        return {
            str(file.relative_to(self.root)): file.read_bytes() if may_read(file) else None
            for file in files
            if file.is_file() and file.suffix != ".lock" and file != but
        }

    def statuses(self) -> list[str]:
        """Return the status of each run, the oldest first."""
        return [status for (status,) in self.sql("SELECT status FROM runs ORDER BY rowid")]

    def versions(self) -> list[int]:
        """Return the numbers of the versions."""
        return [number for (number,) in self.sql("SELECT version FROM model_versions ORDER BY 1")]

    def aliases(self) -> dict[str, int]:
        """Return the number behind each alias."""
        return dict(self.sql("SELECT alias, version FROM registered_model_aliases"))


@dataclass(frozen=True)
class Running:
    """A pipeline on its way."""

    process: multiprocessing.process.BaseProcess
    output: Path
    began: float

    def end(self) -> Ended:
        """Wait for its end."""
        self.process.join(60)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        said = self.output.read_text(encoding="utf-8") if self.output.exists() else ""
        return Ended(self.process.exitcode, said, time.monotonic() - self.began)


def may_read(file: Path) -> bool:
    """Return whether the file's mode lets its owner read it; root could anyway."""
    return bool(file.stat().st_mode & 0o400)


def some(month: str) -> pd.DataFrame:
    """Return every eighth flight of a month."""
    return pd.read_parquet(FLIGHTS / f"{month}.parquet").iloc[::EVERY]


def git(place: Path, *words: str) -> None:
    who = ["-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgSign=false"]
    subprocess.run(["git", *who, *words], cwd=place, check=True, capture_output=True)


@pytest.fixture(scope="session")
def trained(tmp_path_factory) -> tuple[Path, Path]:
    """Return the place of the workspace, and a copy of what stands there at the beginning."""
    root = tmp_path_factory.mktemp("faults") / "a workspace é"
    for level in ("level_1", "level_2"):
        shutil.copytree(
            ROOT / "solutions" / level,
            root / "project",
            dirs_exist_ok=True,
            ignore=shutil.ignore_patterns("__pycache__", ".mypy_cache", "play"),
        )
    (root / "project" / ".gitignore").write_text("__pycache__/\n", encoding="utf-8")
    for words in (["init", "-q", "-b", "main"], ["add", "--all"], ["commit", "-qm", "Solved"]):
        git(root / "project", *words)
    workspace = Workspace(root)
    workspace.data.mkdir()
    ensure_store(Layout(root))  # copies MLflow's empty database, which is made once
    workspace.land("2013-01", some("2013-01"))
    clean = {n: v for n, v in os.environ.items() if not n.startswith(("FLIGHTS_", "MLFLOW_"))}
    subprocess.run(
        [sys.executable, "-m", "flights.pipeline"],
        cwd=root / "project",
        env=clean | {"MLFLOW_DISABLE_TELEMETRY": "true"},
        check=True,
    )
    workspace.sql(
        "INSERT INTO registered_model_aliases (workspace, name, alias, version) "
        "SELECT workspace, name, 'champion', version FROM model_versions"
    )
    assert workspace.aliases() == {"candidate": 1, "champion": 1}
    shutil.copytree(root, root.parent / "beginning")
    return root, root.parent / "beginning"


@pytest.fixture
def workspace(trained) -> Iterator[Workspace]:
    """Return the workspace as it was at the beginning."""
    root, beginning = trained
    shutil.rmtree(root)
    shutil.copytree(beginning, root)
    if FORKED:
        PROCESSES.set_forkserver_preload(SLOW_IMPORTS)
    yield Workspace(root)
    for folder in (root, *(place for place in root.rglob("*") if place.is_dir())):
        folder.chmod(0o755)


def renamed(workspace: Workspace) -> None:
    workspace.land("2013-02", some("2013-02").rename(columns={"temp": "temperature"}))


def duplicated(workspace: Workspace) -> None:
    february = some("2013-02")
    workspace.land("2013-02", pd.concat([february, february.head(5)]))


def truncated(workspace: Workspace) -> None:
    file = workspace.land("2013-02")
    file.write_bytes(file.read_bytes()[:-1000])


DATA = {
    "no month at all": (
        lambda it: (it.data / "2013-01.parquet").unlink(),
        ("ingest", "no month (YYYY-MM.parquet) in", "data"),
    ),
    "no folder of data": (lambda it: shutil.rmtree(it.data), ("ingest", "no month")),
    "a month missing between two": (
        lambda it: it.land("2013-03", some("2013-03")),
        ("validate", "missing between 2013-01 and 2013-03"),
    ),
    "a file of no bytes": (
        lambda it: (it.data / "2013-02.parquet").write_bytes(b""),
        ("ingest", "2013-02.parquet: cannot be read as Parquet", "0 bytes"),
    ),
    "a truncated file": (truncated, ("ingest", "2013-02.parquet: cannot be read as Parquet")),
    "a file that may not be read": (
        lambda it: it.land("2013-02").chmod(0),
        ("ingest", "2013-02.parquet: cannot be read", "Permission denied"),
    ),
    "a month without rows": (
        lambda it: it.land("2013-02", some("2013-02").head(0)),
        ("validate", "2013-02: it has no rows"),
    ),
    "a renamed column": (renamed, ("validate", "2013-02: temp: the column is missing")),
    "duplicates": (duplicated, ("validate", "2013-02: flight_id: breaks field_uniqueness")),
    "a month twice": (
        lambda it: it.land("2013-02", some("2013-01")),
        ("validate", "2013-02: scheduled_at: 3376 flights are not of 2013-02"),
    ),
    "a month from the future": (
        lambda it: it.land("2099-01"),
        ("validate", "2099-01: the month is in the future"),
    ),
    "a month that is none": (
        lambda it: it.land("2013-13"),
        ("validate", "2013-13: there is no such month", "flights are not of 2013-13"),
    ),
}


@pytest.mark.parametrize("fault", DATA)
def test_bad_data_leave_one_failed_run_that_names_the_step(workspace: Workspace, fault: str):
    spoil, (step, *said) = DATA[fault]
    spoil(workspace)
    tables, files = workspace.tables(), workspace.bytes(but=workspace.database)
    ended = workspace.pipeline()
    assert_told(ended, f"step {step} failed", "nothing was registered", "Put the months", *said)
    assert workspace.bytes(but=workspace.database) == files
    assert_one_failed_run(workspace, tables, step)


def assert_told(ended: Ended, *said: str) -> None:
    """Assert that a person was told: these words, no traceback, soon, exit code 1."""
    assert ended.code == 1, ended.said
    for words in said:
        assert words in ended.said
    assert "Traceback" not in ended.said
    assert "[SQL:" not in ended.said
    assert ended.seconds < A_FEW_SECONDS


def assert_one_failed_run(workspace: Workspace, before: dict[str, set], step: str) -> None:
    """Assert that the store holds what it held, and one run more, which failed at `step`."""
    after = workspace.tables()
    assert {name for name in after if after[name] != before[name]} == {"runs", "tags"}
    assert all(before[name] <= after[name] for name in after)
    assert workspace.statuses() == ["FINISHED", "FAILED"]
    told = workspace.sql("SELECT value FROM tags WHERE key = 'failed_step'")
    assert told == [(step,)]


def test_a_failure_while_tracking_leaves_one_failed_run_that_names_the_step(workspace: Workspace):
    workspace.land("2013-02")
    (workspace.root / "project" / "requirements.txt").unlink()
    assert_told(workspace.pipeline(), "step track failed", "requirements.txt")
    assert workspace.statuses() == ["FINISHED", "FAILED"]
    assert workspace.sql("SELECT value FROM tags WHERE key = 'failed_step'") == [("track",)]
    assert workspace.versions() == [1]


def test_a_failure_between_version_and_alias_is_ended_by_the_next_run(workspace: Workspace):
    workspace.land("2013-02")
    refusal = "SELECT RAISE(ABORT, 'no more aliases')"
    workspace.sql(
        f"CREATE TRIGGER no BEFORE UPDATE ON registered_model_aliases BEGIN {refusal}; END"
    )
    assert_told(
        workspace.pipeline(), "step register failed, run this again to end it", "no more aliases"
    )
    assert (workspace.versions(), workspace.aliases()["candidate"]) == ([1, 2], 1)
    workspace.sql("DROP TRIGGER no")
    ended = workspace.pipeline()
    assert "version 2 is this commit on these data already" in ended.said
    assert (workspace.versions(), workspace.aliases()["candidate"]) == ([1, 2], 2)


def older(workspace: Workspace) -> None:
    """Take away what MLflow's last migration brought: such a database it would rebuild."""
    workspace.sql(
        "DROP TABLE job_locks",
        "DROP TABLE scheduler_leases",
        "UPDATE alembic_version SET version_num = '75868b020152'",
    )


def sealed_folder(workspace: Workspace) -> None:
    for lock in workspace.database.parent.glob("*.lock"):
        lock.unlink()
    workspace.database.parent.chmod(0o555)


STORE: dict[str, tuple[Callable[[Workspace], object], tuple[str, ...]]] = {
    "read-only": (
        lambda it: it.database.chmod(0o444),
        ("mlflow.db cannot be used", "readonly database", "chmod u+w"),
    ),
    "in a read-only folder": (
        lambda it: it.database.parent.chmod(0o555),
        ("mlflow.db cannot be used", "readonly database", "chmod u+w"),
    ),
    "in a read-only folder without locks": (
        sealed_folder,
        ("no training can begin", "Permission denied", "writable"),
    ),
    "of an older schema": (older, ("another version of MLflow", "mlflow db upgrade")),
    "of an older schema by name": (
        lambda it: it.sql("UPDATE alembic_version SET version_num = 'bd07f7e963c5'"),
        ("another version of MLflow: its schema is bd07f7e963c5", "mlflow db upgrade"),
    ),
    "of a schema without a name": (
        lambda it: it.sql("DELETE FROM alembic_version"),
        ("another version of MLflow: its schema is None",),
    ),
    "damaged in its head": (
        lambda it: it.overwrite(0, 100),
        ("mlflow.db cannot be used: file is not a database", "take it from a backup"),
    ),
    "damaged in one page": (
        lambda it: it.overwrite(4096, 4096),
        ("mlflow.db is damaged", "take it from a backup"),
    ),
    "damaged in the middle": (
        lambda it: it.overwrite(it.database.stat().st_size // 2, 40_000),
        ("mlflow.db", "take it from a backup"),
    ),
    "cut in half": (
        lambda it: os.truncate(it.database, it.database.stat().st_size // 2),
        ("mlflow.db cannot be used", "malformed", "take it from a backup"),
    ),
    "of no bytes, though there are models": (
        lambda it: os.truncate(it.database, 0),
        ("mlflow.db is empty, but there are models of it", "take it from a backup"),
    ),
    "without its artifacts": (
        lambda it: shutil.rmtree(it.artifacts),
        ("the models of late-flights are gone", "artifacts", "from a backup"),
    ),
    "whose experiment was deleted": (
        lambda it: it.sql("UPDATE experiments SET lifecycle_stage = 'deleted' WHERE name != ''"),
        ("deleted experiment 'late-flights'", "You can restore"),
    ),
}


@pytest.mark.parametrize("fault", STORE)
def test_a_store_that_cannot_be_used_stays_as_it_is(workspace: Workspace, fault: str):
    spoil, said = STORE[fault]
    workspace.land("2013-02")
    spoil(workspace)
    before = workspace.bytes()
    assert_told(workspace.pipeline(), *said)
    assert workspace.bytes() == before


def test_a_locked_database_is_told_within_seconds_and_stays_as_it_is(workspace: Workspace):
    workspace.land("2013-02")
    before = workspace.bytes()
    with closing(sqlite3.connect(workspace.database)) as other:
        other.execute("BEGIN IMMEDIATE")
        ended = workspace.pipeline()
    assert_told(ended, "mlflow.db cannot be used: database is locked", "another program is writing")
    assert workspace.bytes() == before


def test_a_moved_workspace_is_told_and_stays_as_it_is(workspace: Workspace):
    moved = Workspace(workspace.root.with_name("moved é"))
    shutil.copytree(workspace.root, moved.root)
    moved.land("2013-02")
    before = moved.bytes()
    ended = moved.pipeline()
    assert_told(ended, "the models of late-flights lie in", "expects them in", "move the workspace")
    assert moved.bytes() == before


def test_an_empty_database_without_models_is_a_new_one(workspace: Workspace):
    shutil.rmtree(workspace.artifacts)
    os.truncate(workspace.database, 0)
    ended = workspace.pipeline()
    assert ended.code == 0, ended.said
    assert workspace.versions() == [1]


KILLS = {
    "before the run begins": ("INSERT INTO runs", ["FINISHED"]),
    "within the parameters": ("INSERT INTO params", ["FINISHED", "KILLED"]),
    "within the model": ("UPDATE logged_models", ["FINISHED", "KILLED"]),
    "before the run ends": ("UPDATE runs", ["FINISHED", "KILLED"]),
    "before the version": ("INSERT INTO model_versions", ["FINISHED", "FINISHED"]),
    "within the version": ("INSERT INTO model_version_tags", ["FINISHED", "FINISHED"]),
}


@pytest.mark.parametrize("point", KILLS)
def test_after_a_kill_the_next_run_cleans_up_and_completes(workspace: Workspace, point: str):
    statement, left = KILLS[point]
    workspace.land("2013-02")
    killed = workspace.pipeline(kill_at=statement)
    assert killed.code == -KILL, killed.said
    assert (workspace.versions(), workspace.aliases()["candidate"]) == ([1], 1)
    ended = workspace.pipeline()
    assert ended.code == 0, ended.said
    assert workspace.statuses() == [*left, "FINISHED"]
    assert workspace.versions() == [1, 2]
    assert workspace.aliases() == {"candidate": 2, "champion": 1}


def test_after_a_kill_between_version_and_alias_the_next_run_makes_the_candidate(
    workspace: Workspace,
):
    workspace.land("2013-02")
    killed = workspace.pipeline(kill_at="UPDATE registered_model_aliases")
    assert killed.code == -KILL, killed.said
    assert (workspace.versions(), workspace.aliases()["candidate"]) == ([1, 2], 1)
    ended = workspace.pipeline()
    assert (ended.code, "version 2 is this commit on these data already" in ended.said) == (0, True)
    assert (workspace.versions(), workspace.aliases()["candidate"]) == ([1, 2], 2)
    assert workspace.statuses() == ["FINISHED", "FINISHED"]


def test_two_at_once_wait_for_one_another_and_make_one_version(workspace: Workspace):
    workspace.land("2013-02")
    both = [workspace.start(name=name) for name in ("one", "two")]
    ended = [each.end() for each in both]
    assert [each.code for each in ended] == [0, 0], ended
    said = "".join(each.said for each in ended)
    assert said.count("another training is running: waiting") == 1
    assert said.count("registered as version 2") == 1
    assert said.count("version 2 is this commit on these data already") == 1
    assert workspace.versions() == [1, 2]
    assert workspace.statuses() == ["FINISHED", "FINISHED"]
