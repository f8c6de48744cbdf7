"""The way back from each registered version."""

import shutil
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest

from widgets.evidence.model_files import local_folder, model_files
from widgets.maturity import State

PRACTICE = "model-registry"


def folder_of(lab, number: int) -> Path:
    location = lab.client.get_model_version_download_uri("late-flights", str(number))
    return Path(url2pathname(urlsplit(location).path))


def test_versions_aliases_and_the_way_back_are_named(lab):
    what = lab.findings()[PRACTICE].what
    assert "2 of 2 versions lead back to run, data and commit" in what
    assert "candidate is version 2, champion is version 1" in what


def test_nothing_registered_names_what_there_is(lab):
    lab.client.rename_registered_model("late-flights", "another")
    finding = lab.findings()[PRACTICE]
    assert finding.state is State.MISSING
    assert "no version of late-flights; there is another" in finding.what
    assert "2.4" in finding.mend


def test_one_version_is_not_enough(lab):
    lab.client.delete_model_version("late-flights", "1")
    finding = lab.findings()[PRACTICE]
    assert "1 of 1 versions" in finding.what
    assert "2 versions are asked for" in finding.mend


def test_without_an_alias_nobody_knows_which_version_counts(lab):
    for alias in ("champion", "candidate"):
        lab.client.delete_registered_model_alias("late-flights", alias)
    finding = lab.findings()[PRACTICE]
    assert finding.state is State.MISSING
    assert "no alias" in finding.what and "2.4" in finding.mend


def test_an_alias_of_a_version_that_is_gone_does_not_count(lab):
    lab.sql("UPDATE registered_model_aliases SET version = 9")
    assert "no alias" in lab.findings()[PRACTICE].what


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE runs SET lifecycle_stage = 'deleted' WHERE run_uuid = '{run}'", "was deleted"),
        ("DELETE FROM runs WHERE run_uuid = '{run}'", "there is no run {run:.8}"),
        ("UPDATE runs SET status = 'FAILED' WHERE run_uuid = '{run}'", "failed"),
        ("UPDATE model_versions SET run_id = NULL WHERE version = 1", "it names no run"),
        (
            "UPDATE model_versions SET status = 'PENDING_REGISTRATION' WHERE version = 1",
            "it is pending registration",
        ),
        (
            "UPDATE logged_models SET source_run_id = '{other}' WHERE source_run_id = '{run}'",
            "its model was made by another run, {other:.8}",
        ),
        ("DELETE FROM inputs WHERE destination_id = '{run}'", "names no data"),
        ("DELETE FROM tags WHERE key = 'commit' AND run_uuid = '{run}'", "names no commit"),
        (
            "UPDATE tags SET value = '{none}' WHERE key = 'commit' AND run_uuid = '{run}'",
            "the repository has no commit cccccccc",
        ),
        (
            "UPDATE model_version_tags SET value = '{none}' WHERE key = 'commit' AND version = 1",
            "its commit is cccccccc, its run's",
        ),
        (
            "UPDATE model_version_tags SET value = 'x' WHERE key = 'data_digest' AND version = 1",
            "its data_digest is x, its run's 55555555",
        ),
    ],
)
def test_a_way_back_that_ends_too_early_is_named(lab, statement, said):
    words = {"run": lab.runs[3], "other": lab.runs[4], "none": "c" * 40}
    lab.sql(statement.format(**words))
    finding = lab.findings()[PRACTICE]
    assert finding.state is State.MISSING
    assert "1 of 2 versions lead back" in finding.what
    assert "version 1: " in finding.what
    assert said.format(**words) in finding.what
    assert "(2.3)" in finding.mend


def test_a_version_whose_run_was_deleted_in_mlflow_is_named(lab):
    lab.client.delete_run(lab.runs[3])
    assert "its run run-3 " in lab.findings()[PRACTICE].what


@pytest.mark.parametrize("rest", [(), ("MLmodel", "conda.yaml", "requirements.txt")])
def test_a_version_whose_model_is_gone_is_named(lab, rest):
    folder = folder_of(lab, 1)
    shutil.rmtree(folder)
    if rest:
        folder.mkdir()
    for name in rest:
        (folder / name).write_text("x")
    finding = lab.findings()[PRACTICE]
    assert finding.state is State.MISSING
    assert "version 1: the model's files are not where the registry says" in finding.what


def test_a_moved_workspace_is_guessed(lab, tmp_path):
    lab.layout.mlflow_artifacts.rename(tmp_path / "elsewhere")
    finding = lab.findings()[PRACTICE]
    assert finding.state is State.MISSING
    assert "was the folder moved?" in finding.what


def test_files_that_cannot_be_seen_prove_nothing(lab):
    lab.sql("UPDATE logged_models SET artifact_location = 's3://bucket/' || model_id")
    finding = lab.findings()[PRACTICE]
    assert finding.state is State.CLAIMED
    assert "the files of version 1, 2 cannot be seen from here" in finding.what


def test_a_run_of_another_experiment_is_found(lab):
    lab.sql(
        "INSERT INTO experiments (experiment_id, name, lifecycle_stage, workspace)"
        " VALUES (77, 'another', 'active', 'default')",
        f"UPDATE runs SET experiment_id = 77 WHERE run_uuid = '{lab.runs[3]}'",
    )
    assert lab.findings()[PRACTICE].state is State.PROVED


def test_the_kit_is_named_if_it_made_the_versions(lab):
    lab.client.set_tag(lab.runs[3], "actor", "kit")
    finding = lab.findings()[PRACTICE]
    assert finding.state is State.PROVED and finding.with_kit


@pytest.mark.parametrize(
    "location",
    [
        None,
        "",
        "s3://b/k",
        "mlflow-artifacts:/1/x",
        "runs:/1/model",
        "relative/folder",
        "file:x",
        "//host/share",
        "file://host/share",
        "http://[::1",
        "/a\0b",
        "\\\\host\\share",
    ],
)
def test_an_address_that_is_no_folder_here_is_not_opened(location):
    assert local_folder(location) is None
    assert model_files(location) is None


def test_a_folder_here_is_found_by_path_and_by_address(tmp_path):
    folder = tmp_path / "é #%"
    folder.mkdir()
    for name in ("MLmodel", "model.skops"):
        (folder / name).write_text("x")
    assert model_files(str(folder)) is model_files(folder.as_uri()) is True
    (folder / "model.skops").unlink()
    assert model_files(str(folder)) is False
