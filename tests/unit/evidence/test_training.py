"""What the tracking proves, all of it together: who is asked, and what if nothing can be read."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from widgets.base.paths import Layout
from widgets.evidence import assess, collect_workspace
from widgets.evidence.workspace import names_of
from widgets.maturity import State, load

LEVEL_2 = [practice.id for practice in load().practices_of(2)]


def test_a_project_that_does_it_all_has_level_2_proved(lab):
    found = lab.findings()
    proved = dict.fromkeys((*LEVEL_2, "version-control"), State.PROVED)
    assert {name: finding.state for name, finding in found.items()} == proved
    assert not any(finding.with_kit or finding.mend for finding in found.values())


def test_every_finding_says_since_when_it_counts(lab):
    found = lab.findings()
    for practice in LEVEL_2:
        assert "2026-" in found[practice].what


def test_what_the_kits_solution_ran_is_proved_with_the_kit(lab):
    lab.sql("UPDATE tags SET value = 'kit' WHERE key = 'actor'")
    found = lab.findings()
    assert all(found[name].state is State.PROVED and found[name].with_kit for name in LEVEL_2)


def test_a_workspace_without_mlflow_names_the_exercises(tmp_path):
    findings = collect_workspace(load(), Layout(tmp_path / "nowhere"), None)
    mends = {finding.practice: finding.mend for finding in findings}
    assert {f.state for f in findings if f.practice in LEVEL_2} == {State.MISSING}
    assert "2.1" in mends["experiment-tracking"]
    assert "2.6" in mends["systematic-metrics"]
    assert "2.4" in mends["model-registry"]
    assert "2.2, 2.3 and 2.5" in mends["automated-training"]
    assert not (tmp_path / "nowhere").exists()


def test_without_a_training_version_control_stands_on_its_history(fresh):
    assert "version-control" not in fresh.findings()


def test_what_cannot_be_read_is_not_held_against_level_1(lab, team):
    lab.layout.mlflow_db.write_bytes(b"not a database, but long enough to look like a file" * 9)
    assert "version-control" not in lab.findings()


def test_the_workspace_is_wired_to_its_database(lab):
    result = assess(load(), collect_workspace(load(), lab.layout, None))
    assert [result.of(name).state for name in LEVEL_2] == [State.PROVED] * 4


def test_a_server_that_the_environment_names_is_asked_instead(lab, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "postgresql://me:secret@host/db")
    findings = [f for f in collect_workspace(load(), lab.layout, None) if f.practice in LEVEL_2]
    assert {finding.state for finding in findings} == {State.HIDDEN}
    assert all("mlflow server" in finding.mend for finding in findings)
    assert "secret" not in repr(findings)


def test_the_projects_settings_name_the_experiment(lab, monkeypatch):
    assert names_of(lab.layout) == ("late-flights", "late-flights")
    settings = '[tool.flights]\nexperiment = "mine"\nmodel = "my-model"\n'
    lab.team.write("pyproject.toml", settings)
    assert names_of(lab.layout) == ("mine", "my-model")
    monkeypatch.setenv("FLIGHTS_MODEL", "theirs")
    assert names_of(lab.layout) == ("mine", "theirs")
    for broken in ("[tool.flights", "tool = 3", "[tool.flights]\nexperiment = 7"):
        lab.team.write("pyproject.toml", broken)
        assert all(isinstance(name, str) and name for name in names_of(lab.layout))


def test_another_experiment_than_the_projects_is_named(lab):
    lab.sql("UPDATE experiments SET name = 'tries\x1b[2J' WHERE name = 'late-flights'")
    finding = lab.findings()["experiment-tracking"]
    assert finding.state is State.MISSING
    assert "no finished run in experiment late-flights; there is tries?[2J" in finding.what


def test_looking_loads_neither_mlflow_nor_its_like():
    heavy = "{'mlflow', 'requests', 'sqlalchemy', 'pandas', 'sklearn'}"
    code = f"import sys, widgets.evidence; assert not {heavy} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_500_runs_are_read_at_once(lab):
    lab.sql(
        *(
            f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 499)"
            f" INSERT INTO {table} {query}"
            for table, query in (
                (
                    "runs (run_uuid, name, status, start_time, end_time, lifecycle_stage,"
                    " experiment_id)",
                    "SELECT printf('%032d', i), 'n', 'FINISHED', start_time - i * 1000,"
                    " end_time - i * 1000, 'active', experiment_id FROM runs, n"
                    f" WHERE run_uuid = '{lab.runs[0]}'",
                ),
                (
                    "params (key, value, run_uuid)",
                    "SELECT 'p' || (i % 20), 'x', printf('%032d', 1 + i / 20) FROM"
                    " (SELECT a.i * 499 + b.i AS i FROM n a, n b WHERE a.i < 20)",
                ),
                (
                    "latest_metrics (key, value, timestamp, step, is_nan, run_uuid)",
                    "SELECT 'm' || (i % 20), 0.5, 0, 0, 0, printf('%032d', 1 + i / 20) FROM"
                    " (SELECT a.i * 499 + b.i AS i FROM n a, n b WHERE a.i < 20)",
                ),
                (
                    "tags (key, value, run_uuid)",
                    f"SELECT key, value, printf('%032d', i) FROM tags, n WHERE run_uuid ="
                    f" '{lab.runs[0]}'",
                ),
            )
        )
    )
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        found = lab.findings()
        seconds.append(time.perf_counter() - start)
    assert "505 in all" in found["experiment-tracking"].what
    assert min(seconds) < 2


def listing(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.stat().st_size)
        for path in [folder, *folder.rglob("*")]
    }


def test_looking_changes_nothing(lab):
    before = listing(lab.root)
    collect_workspace(load(), lab.layout, None)
    assert listing(lab.root) == before


def test_git_is_asked_for_commits_alone(lab):
    blob = lab.team.git("rev-parse", "HEAD:README.md")
    lab.sql(f"UPDATE tags SET value = '{blob}' WHERE key = 'commit'")
    assert (
        "a commit that the repository does not have" in lab.findings()["experiment-tracking"].what
    )


def test_without_a_repository_no_commit_is_believed(lab):
    shutil.rmtree(lab.team.origin)
    shutil.rmtree(lab.team.project / ".git")
    found = lab.findings()
    assert found["experiment-tracking"].state is State.MISSING
    assert found["model-registry"].state is State.MISSING
    assert found["automated-training"].state is State.CLAIMED
    assert "no shared repository" in found["automated-training"].what


@pytest.mark.parametrize("where", ["origin", "project"])
def test_a_commit_may_lie_in_either_repository(lab, where):
    if where == "origin":
        shutil.rmtree(lab.team.project / ".git")
    else:
        shutil.rmtree(lab.team.origin)
    assert lab.findings()["experiment-tracking"].state is State.PROVED
