"""A workspace's MLflow database is made once, whole, and never again."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from widgets.base.errors import KitError
from widgets.mlflow_ui import store
from widgets.mlflow_ui.store import cached_empty, copy_empty, ensure_store, make_empty


def rows(database, question):
    with closing(sqlite3.connect(database)) as opened:
        return opened.execute(question).fetchall()


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    """Return a folder that stands for an environment which has no empty database yet."""
    monkeypatch.setattr(store, "PREPARED", tmp_path / "environment" / "share" / "maturity")
    return tmp_path / "environment"


@pytest.fixture
def made(monkeypatch):
    """Return a list that grows when a database is made; it is a small stand-in."""
    calls = []

    def make(target):
        calls.append(target)
        target.unlink(missing_ok=True)
        with closing(sqlite3.connect(target)) as opened, opened:
            opened.execute("CREATE TABLE experiments (experiment_id, artifact_location)")
            opened.execute("INSERT INTO experiments VALUES (0, 'nowhere')")

    monkeypatch.setattr(store, "make_empty", make)
    return calls


def test_the_database_has_mlflows_tables_and_knows_its_own_workspace(layout):
    ensure_store(layout)
    place = (layout.mlflow_artifacts / "0").as_uri()
    assert rows(layout.mlflow_db, "SELECT name, artifact_location FROM experiments") == [
        ("Default", place)
    ]
    assert rows(layout.mlflow_db, "SELECT count(*) FROM registered_models") == [(0,)]
    assert layout.mlflow_artifacts.is_dir()


def test_one_that_is_there_is_left_alone(layout):
    layout.mlflow.mkdir(parents=True)
    layout.mlflow_db.write_bytes(b"somebody's years of work")
    ensure_store(layout)
    assert layout.mlflow_db.read_bytes() == b"somebody's years of work"


def test_many_at_once_make_it_once(layout, own_cache, made):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ensure_store, [layout] * 8))
    assert len(made) == 1
    assert rows(layout.mlflow_db, "SELECT count(*) FROM experiments") == [(1,)]
    left = {path.name for path in layout.mlflow.iterdir()} - {".mlflow.db.lock"}
    assert left == {"mlflow.db", "artifacts"}


def test_one_that_somebody_else_made_meanwhile_wins(layout, own_cache, made, monkeypatch):
    monkeypatch.setattr(
        store, "settle", lambda draft, layout: layout.mlflow_db.write_bytes(b"faster")
    )
    ensure_store(layout)
    assert layout.mlflow_db.read_bytes() == b"faster"


def test_the_empty_one_is_made_once_for_all_workspaces(tmp_path, own_cache, made):
    for name in ("first", "second"):
        copy_empty(tmp_path / name)
    assert len(made) == 1 and cached_empty().is_relative_to(own_cache)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()
    assert list(cached_empty().parent.iterdir()) == [cached_empty()]


def test_an_environment_that_cannot_be_written_is_no_hindrance(tmp_path, own_cache, made):
    own_cache.write_text("a file where the environment's folder should be")
    copy_empty(tmp_path / "copy")
    assert made == [tmp_path / "copy"]


def test_a_database_that_cannot_be_made_is_told_in_mlflows_words(layout, own_cache, monkeypatch):
    monkeypatch.setattr(store.sys, "executable", str(_failing(own_cache)))
    with pytest.raises(KitError, match=r"could not make its database(.|\n)*no such module"):
        make_empty(layout.root / "draft")


def _failing(folder):
    folder.mkdir()
    program = folder / "python"
    program.write_text("#!/bin/sh\necho no such module >&2\nexit 1\n")
    program.chmod(0o755)
    return program
