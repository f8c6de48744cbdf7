"""What a text names is found in the MLflow UI, without MLflow and without changing anything."""

import sqlite3
from contextlib import closing

import pytest

from widgets.base.errors import KitError
from widgets.mlflow_ui.store import ensure_store
from widgets.mlflow_ui.targets import Target, find, server

RUNS = ("a" * 32, "b" * 32)


@pytest.fixture
def filled(layout):
    """Return a workspace with an experiment, two runs, and a model of two versions."""
    ensure_store(layout)
    with closing(sqlite3.connect(layout.mlflow_db)) as opened, opened:
        opened.execute("INSERT INTO experiments (experiment_id, name) VALUES (7, 'late-flights')")
        for run in RUNS:
            opened.execute("INSERT INTO runs (run_uuid, experiment_id) VALUES (?, 7)", (run,))
        opened.execute("INSERT INTO registered_models (name) VALUES ('late-flights')")
        for version in (1, 2):
            opened.execute(
                "INSERT INTO model_versions (name, version) VALUES ('late-flights', ?)", (version,)
            )
        opened.execute(
            "INSERT INTO registered_model_aliases (name, alias, version)"
            " VALUES ('late-flights', 'champion', 2)"
        )
    return layout


@pytest.mark.parametrize(
    ("what", "address"),
    [
        ("", "#/experiments"),
        ("experiments/late-flights", "#/experiments/7"),
        (f"runs/{RUNS[0]}", f"#/experiments/7/runs/{RUNS[0]}"),
        ([RUNS[0]], f"#/experiments/7/runs/{RUNS[0]}"),
        ("models", "#/models"),
        ("models/late-flights", "#/models/late-flights"),
        ("models/late-flights/2", "#/models/late-flights/versions/2"),
        ("models/late-flights@champion", "#/models/late-flights/versions/2"),
        (
            [RUNS[1], RUNS[0]],
            f"#/compare-runs?runs=%5B%22{RUNS[1]}%22%2C%22{RUNS[0]}%22%5D&experiments=%5B%227%22%5D",
        ),
    ],
)
def test_what_is_there_is_found(filled, what, address):
    found = find(Target.parse(what), filled)
    assert (found.address, found.missing) == (address, "")


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("experiments/late-flights", "no experiment late-flights yet"),
        ("runs/unknown", "not in your workspace's MLflow"),
        ("models/late-flights", "no model late-flights yet"),
        ("models/late-flights/3", "no version 3 of late-flights yet"),
        ("models/late-flights@champion", "No version of late-flights is the champion yet"),
        (["one", "two"], "no two of these runs"),
    ],
)
@pytest.mark.parametrize("made", [False, True])
def test_what_is_not_there_yet_is_told(layout, what, told, made):
    if made:
        ensure_store(layout)
    found = find(Target.parse(what), layout)
    assert told in found.missing and not found.address
    assert layout.mlflow_db.exists() == made


def test_the_registry_can_be_opened_before_there_is_anything(layout):
    assert find(Target.parse("models"), layout).address == "#/models"


def test_a_damaged_database_is_told(layout):
    layout.mlflow.mkdir(parents=True)
    layout.mlflow_db.write_bytes(b"no database" * 100)
    assert "cannot be read" in find(Target.parse("models/late-flights"), layout).missing


def test_words_that_mean_nothing_are_answered_with_those_that_do():
    with pytest.raises(KitError, match="models/late-flights@champion"):
        Target.parse("the registry")


def test_a_teams_server_is_opened_without_a_look(layout, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://mlflow.example.org/")
    assert server(layout) == "https://mlflow.example.org/"
    assert find(Target.parse(f"runs/{RUNS[0]}"), layout).address == f"#/runs/{RUNS[0]}"
    assert find(Target.parse("models/m@champion"), layout).address == "#/models/m"
    assert find(Target.parse("experiments/e"), layout).address == "#/experiments"


def test_a_name_with_a_slash_or_space_stays_one_part_of_the_address(layout):
    ensure_store(layout)
    with closing(sqlite3.connect(layout.mlflow_db)) as opened, opened:
        opened.execute("INSERT INTO registered_models (name) VALUES ('late flights')")
    found = find(Target.parse("models/late flights"), layout)
    assert found.address == "#/models/late%20flights"
