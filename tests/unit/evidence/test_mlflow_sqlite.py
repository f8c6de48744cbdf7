"""Reading MLflow's SQLite file: whole, old, damaged, locked or empty, and never written."""

import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from widgets.base.addresses import shown
from widgets.evidence.mlflow_runs import Tracking, UnseenError, at, named
from widgets.evidence.mlflow_source import source_of
from widgets.evidence.mlflow_sqlite import SqliteSource
from widgets.maturity import State

NAME = "late-flights"


def read(lab) -> Tracking:
    return SqliteSource(lab.layout.mlflow_db).read(NAME, NAME)


def unseen(file: Path) -> UnseenError:
    before = listing(file.parent)
    with pytest.raises(UnseenError) as caught:
        SqliteSource(file).read(NAME, NAME)
    assert listing(file.parent) == before
    assert caught.value.where == f"{file.parent.name}/{file.name}"
    assert caught.value.mend
    return caught.value


def listing(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        path.name: (path.stat().st_mtime_ns, path.stat().st_size)
        for path in [folder, *folder.iterdir()]
    }


def test_a_run_is_read_as_mlflow_wrote_it(lab):
    tracking = read(lab)
    assert [run.id for run in tracking.runs] == lab.runs
    client, run = lab.client, tracking.runs[0]
    asked = client.get_run(run.id)
    assert run.params == asked.data.params
    assert run.metrics == asked.data.metrics
    assert run.tags == asked.data.tags
    assert run.name == asked.info.run_name
    assert run.started_at == at(asked.info.start_time)
    assert run.finished_at == at(asked.info.end_time)
    told = [(d.dataset.name, d.dataset.digest) for d in asked.inputs.dataset_inputs]
    assert sorted((data.name, data.digest) for data in run.datasets) == sorted(told)
    assert {data.context for data in run.datasets} == {"training", "judging"}


def test_a_version_is_read_as_mlflow_wrote_it(lab):
    version = read(lab).versions[0]
    asked = lab.client.get_model_version(NAME, "1")
    assert (version.version, version.run_id, version.tags) == (1, asked.run_id, asked.tags)
    assert list(version.aliases) == asked.aliases == ["champion"]
    assert version.created_at == at(asked.creation_timestamp)
    assert (version.made_by, version.files) == (asked.run_id, True)


def test_a_file_that_is_not_there_is_missing_and_not_made(tmp_path):
    assert unseen(tmp_path / "mlflow.db").state is State.MISSING
    with pytest.raises(UnseenError):
        SqliteSource(tmp_path / "no" / "mlflow.db").read(NAME, NAME)
    assert not (tmp_path / "no").exists()


def test_an_empty_file_is_missing(tmp_path):
    (tmp_path / "mlflow.db").touch()
    error = unseen(tmp_path / "mlflow.db")
    assert (error.state, error.what) == (State.MISSING, "an empty file")


def test_a_new_database_has_nothing_finished(fresh):
    tracking = read(fresh)
    assert (tracking.runs, tracking.versions) == ((), ())
    assert NAME in tracking.experiments


@pytest.mark.parametrize("damage", ["text", "head", "half", "middle", "short"])
def test_a_damaged_file_is_hidden_and_says_so(lab, damage):
    file = lab.layout.mlflow_db
    good = file.read_bytes()
    bad = {
        "text": b"this was never a database\n" * 100,
        "head": b"\0" * 100 + good[100:],
        "half": good[: len(good) // 2],
        "middle": good[:8192] + b"\xff" * (len(good) - 8192),
        "short": good[:10],
    }[damage]
    file.write_bytes(bad)
    error = unseen(file)
    assert error.state is State.HIDDEN
    assert "not a database that can be read" in error.what


def test_a_folder_in_its_place_is_hidden(tmp_path):
    (tmp_path / "mlflow.db").mkdir()
    assert unseen(tmp_path / "mlflow.db").state is State.HIDDEN


def test_another_programs_database_is_hidden(tmp_path):
    file = tmp_path / "mlflow.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE runs (id INTEGER)")
    error = unseen(file)
    assert error.state is State.HIDDEN
    assert "not a schema of MLflow" in error.what


@pytest.mark.parametrize("table", ["experiments", "runs", "params", "tags", "latest_metrics"])
def test_a_table_that_is_needed_and_lacking_is_named(lab, table):
    lab.sql("PRAGMA foreign_keys = 0", f"DROP TABLE {table}")
    assert table in unseen(lab.layout.mlflow_db).what


def test_a_column_that_is_needed_and_lacking_is_a_schema_of_the_future(lab):
    lab.sql("ALTER TABLE tags RENAME COLUMN run_uuid TO run_id")
    assert "tags" in unseen(lab.layout.mlflow_db).what
    lab.sql("ALTER TABLE tags RENAME COLUMN run_id TO run_uuid")
    lab.sql("ALTER TABLE datasets RENAME COLUMN digest TO fingerprint")
    assert "no such column" in unseen(lab.layout.mlflow_db).what


def test_an_older_schema_is_read_as_far_as_it_goes(lab):
    """As MLflow 1.30 had it: no datasets, aliases, logged models, workspaces, or run names."""
    lab.sql(
        "PRAGMA foreign_keys = 0",
        *(f"DROP TABLE {name}" for name in ("input_tags", "inputs", "datasets")),
        *(f"DROP TABLE {name}" for name in ("registered_model_aliases", "logged_models")),
        "ALTER TABLE runs DROP COLUMN name",
        "ALTER TABLE model_versions DROP COLUMN storage_location",
        f"UPDATE model_versions SET source = '{lab.layout.mlflow_artifacts.as_uri()}/gone'",
    )
    tracking = read(lab)
    assert [run.name for run in tracking.runs] == [f"run-{number}" for number in range(6)]
    assert {run.datasets for run in tracking.runs} == {()}
    assert [version.files for version in tracking.versions] == [False, False]
    found = lab.findings()
    assert "6 of 6 have no dataset" in found["experiment-tracking"].what
    assert found["automated-training"].state is State.PROVED
    assert found["model-registry"].state is State.MISSING


def test_a_database_without_a_registry_has_no_versions(lab):
    lab.sql(
        "PRAGMA foreign_keys = 0",
        *(
            f"DROP TABLE {name}"
            for name in (
                "registered_model_aliases",
                "model_version_tags",
                "registered_model_tags",
                "model_versions",
                "registered_models",
            )
        ),
    )
    found = lab.findings()
    assert "no version of late-flights" in found["model-registry"].what
    assert found["experiment-tracking"].state is State.PROVED


def test_values_of_the_wrong_kind_do_not_stop_the_reading(lab):
    run = lab.runs[0]
    lab.sql(
        f"UPDATE tags SET value = NULL WHERE run_uuid = '{run}'",
        f"UPDATE runs SET start_time = NULL, end_time = NULL WHERE run_uuid = '{run}'",
        f"UPDATE runs SET start_time = 9e18 WHERE run_uuid = '{lab.runs[1]}'",
        f"UPDATE params SET value = x'ff00' WHERE run_uuid = '{run}'",
        "UPDATE model_versions SET source = NULL, creation_time = 'yesterday'",
    )
    assert len(read(lab).runs) == 6
    assert len(lab.findings()) == 5


def test_a_writer_that_keeps_the_file_is_waited_for_and_then_named(lab, monkeypatch):
    monkeypatch.setattr("widgets.evidence.sqlite_file.SECONDS", 0.2)
    with closing(sqlite3.connect(lab.layout.mlflow_db, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        start = time.perf_counter()
        with pytest.raises(UnseenError) as caught:
            read(lab)
        assert time.perf_counter() - start < 12
        writer.execute("ROLLBACK")
    assert (caught.value.state, caught.value.what) == (State.HIDDEN, "another program is writing")
    assert len(read(lab).runs) == 6


def test_a_writer_in_the_middle_of_its_work_does_not_disturb(lab):
    with closing(sqlite3.connect(lab.layout.mlflow_db, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM latest_metrics")
        assert all(run.metrics for run in read(lab).runs)
        writer.execute("ROLLBACK")


def test_a_write_ahead_log_in_use_is_read_and_left_alone(lab):
    lab.sql("PRAGMA journal_mode = WAL")
    with closing(sqlite3.connect(lab.layout.mlflow_db)) as writer:
        writer.execute("UPDATE runs SET name = 'new'")
        writer.commit()
        names = sorted(path.name for path in lab.layout.mlflow.iterdir())
        assert "mlflow.db-wal" in names
        assert {run.name for run in read(lab).runs} == {"new"}
        assert sorted(path.name for path in lab.layout.mlflow.iterdir()) == names


def test_a_finished_write_ahead_log_makes_no_files(lab):
    lab.sql("PRAGMA journal_mode = WAL")
    before = listing(lab.layout.mlflow)
    assert len(read(lab).runs) == 6
    assert listing(lab.layout.mlflow) == before


def test_a_write_ahead_log_that_a_killed_writer_left_is_hidden(lab, tmp_path):
    lab.sql("PRAGMA journal_mode = WAL")
    left = tmp_path / "left"
    left.mkdir()
    with closing(sqlite3.connect(lab.layout.mlflow_db)) as writer:
        writer.execute("UPDATE runs SET name = 'new'")
        writer.commit()
        for end in ("", "-wal"):
            shutil.copy(f"{lab.layout.mlflow_db}{end}", left / f"mlflow.db{end}")
    error = unseen(left / "mlflow.db")
    assert error.state is State.HIDDEN
    assert "its writer was killed" in error.what


def test_a_read_only_folder_is_enough(lab):
    lab.sql("PRAGMA journal_mode = WAL")
    lab.layout.mlflow_db.chmod(0o444)
    lab.layout.mlflow.chmod(0o555)
    try:
        assert len(read(lab).runs) == 6
    finally:
        lab.layout.mlflow.chmod(0o755)


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("sqlite://", "only SQLite"),
        ("sqlite:///:memory:", "only SQLite"),
        ("./mlruns", "only SQLite"),
        ("file://elsewhere/mlruns", "only SQLite"),
        ("databricks", "only SQLite"),
        ("http://", "only SQLite"),
        ("http://[::1", "only SQLite"),
        ("mysql+pymysql://me:secret@host:3306/db?password=secret", "only SQLite"),
        ("postgresql://me:secret@[host/db", "only SQLite"),
    ],
)
def test_other_stores_are_hidden_and_no_password_is_shown(uri, said):
    with pytest.raises(UnseenError) as caught:
        source_of(uri).read(NAME, NAME)
    assert caught.value.state is State.HIDDEN
    assert said in caught.value.what
    assert "mlflow server" in caught.value.mend
    assert "secret" not in caught.value.where


@pytest.mark.parametrize("uri", ["sqlite:///{}", "sqlite+pysqlite:///{}?timeout=20"])
def test_an_address_with_a_driver_or_a_question_is_the_same_file(lab, uri):
    plain = lab.root.parent / "plain"
    shutil.copytree(lab.layout.mlflow, plain)
    file = (plain / "mlflow.db").as_posix()
    assert len(source_of(uri.format(file)).read(NAME, NAME).runs) == 6


def test_names_from_elsewhere_are_shown_without_control_signs():
    assert named(["a\x1b[31m\n", "b\u202e"]) == "a?[31m?, b?"
    assert named(range(5)) == "0, 1, 2 and 2 more"
    assert shown("https://me:pw@host:8443/mlflow?x=1") == "https://host:8443/mlflow"


def test_a_write_that_was_killed_halfway_is_hidden_and_not_rolled_back(lab):
    half = (
        "import os, sqlite3, sys\n"
        "writer = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "for word in ('PRAGMA cache_size = 1', 'BEGIN IMMEDIATE'):\n"
        "    writer.execute(word)\n"
        "for table in ('tags', 'params'):\n"
        '    writer.execute(f"UPDATE {table} SET value = value || hex(zeroblob(2000))")\n'
        "os._exit(9)\n"
    )
    subprocess.run([sys.executable, "-c", half, str(lab.layout.mlflow_db)], check=False)
    journal = lab.layout.mlflow / "mlflow.db-journal"
    assert journal.stat().st_size
    error = unseen(lab.layout.mlflow_db)
    assert error.state is State.HIDDEN
    assert "cannot be opened" in error.what
    assert "mends what a killed writer left" in error.mend
    lab.client.search_experiments()  # as the mend says
    assert len(read(lab).runs) == 6
