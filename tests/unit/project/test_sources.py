"""What was found by trying to break it: sources that lie, cut off, or lead astray."""

import json
import shutil
import time
from pathlib import Path

import pytest

from tests.unit.project.teams import BEGIN, TESTS, Team, level_1_on_github, trained_by_ci
from widgets.evidence.mlflow_files import FilesSource
from widgets.evidence.mlflow_source import source_of
from widgets.maturity import State
from widgets.project.alerts import about_the_model, rules_in
from widgets.project.assess import Asked, assess_project
from widgets.project.exports import PastAlert, read_exports
from widgets.project.locks import gaps_of

STORES = Path(__file__).with_name("stores")


@pytest.fixture(params=["2.3.2", "2.22.0"])
def old_store(request, tmp_path):
    """Return the folder of a store that an older MLflow wrote (`stores/make_stores.py`)."""
    shutil.unpack_archive(STORES / f"mlflow_{request.param}.zip", tmp_path)
    return tmp_path


def test_stores_of_mlflow_2_are_read_as_database_and_as_files(old_store):
    database = source_of(f"sqlite:///{old_store.as_posix()}/mlflow.db").read("churn", "churn")
    files = FilesSource(old_store / "mlruns").read("churn", "churn")
    for seen in (database, files):
        assert [run.metrics["auc"] for run in seen.trainings()] == [0.7, 0.71, 0.72]
        assert [run.commit for run in seen.trainings()] == [f"{n:040x}" for n in (1, 2, 3)]
        assert [version.aliases for version in seen.versions] == [("Production",)]
        assert [run.params for run in seen.runs] == [{"depth": str(n)} for n in range(3)]
    assert [run.datasets for run in database.runs] == [run.datasets for run in files.runs]


def test_an_old_store_is_not_changed_by_looking(old_store):
    file = old_store / "mlflow.db"
    before = file.read_bytes()
    assess_project(Asked(old_store, tracking_uri=f"sqlite:///{file.as_posix()}"))
    assert file.read_bytes() == before
    assert sorted(path.name for path in old_store.iterdir()) == ["mlflow.db", "mlruns"]


def test_a_database_and_a_folder_may_be_named_without_a_scheme(old_store, monkeypatch):
    (old_store / "elsewhere").mkdir()
    monkeypatch.chdir(old_store / "elsewhere")
    for uri in ("../mlflow.db", "../mlruns"):
        told = " ".join(assess_project(Asked(old_store, tracking_uri=uri)).looked_at)
        assert "experiment churn, model churn" in told


def test_a_run_id_that_is_a_path_is_not_followed(old_store, tmp_path):
    outside = tmp_path / "outside"
    (outside / "tags").mkdir(parents=True)
    (outside / "meta.yaml").write_text("run_name: evil\nstatus: 3\n")
    [meta] = (old_store / "mlruns" / "models").glob("churn/version-1/meta.yaml")
    text = meta.read_text().splitlines()
    changed = [f"run_id: {outside}" if line.startswith("run_id") else line for line in text]
    meta.write_text("\n".join(changed))
    seen = FilesSource(old_store / "mlruns").read("churn", "churn")
    assert "evil" not in {run.name for run in seen.origins.values()}


def test_a_date_of_the_year_1_is_counted_as_unreadable(tmp_path):
    run = {"headSha": "a", "headBranch": "b", "event": "push", "conclusion": "success"}
    run |= {"createdAt": "0001-01-01T00:00:00Z", "updatedAt": "0001-01-01T00:00:00Z"}
    (tmp_path / "ci-runs.json").write_text(json.dumps([{**run, "workflowName": "CI"}]))
    exports = read_exports(tmp_path)
    assert exports.ci_runs == ()
    assert "1 of 1 entries could not be read" in exports.notes[0]


@pytest.mark.parametrize(
    ("name", "mine"),
    [
        ("ModelLossTooHigh", True),
        ("data_drift", True),
        ("PredictionsOutOfRange", True),
        ("NodeClockSkewDetected", False),
        ("FilesystemIsPredictedToFillUp", False),
        ("packet loss", False),
        ("ConfigDrift", False),
        ("Watchdog", False),
    ],
)
def test_which_alerts_are_about_a_model(name, mine):
    assert about_the_model(PastAlert(name, BEGIN, None, "")) is mine


def test_many_empty_lines_are_read_in_no_time():
    began = time.monotonic()
    assert rules_in({"a.yml": "\n" * 100_000 + "- alert: A\n"}) == {"A": "a.yml:100001"}
    assert time.monotonic() - began < 30


class Files(dict[str, str]):
    def read(self, path: str) -> str | None:
        return self.get(path)


@pytest.mark.parametrize(
    ("text", "gap"),
    [
        ("a==1 \\\n    --hash=sha256:0a\n", None),
        ("-r base.txt\n", None),
        ("a==1\n-r loose.txt\n", "b>=1"),
        ("-e git+https://example.org/x\na==1\n", "git+"),
        ("--index-url x\n", "nothing is pinned"),
        ("-r self.txt\n" * 200, None),
    ],
)
def test_what_a_requirements_file_leaves_open(text, gap):
    files = Files({"self.txt": text, "base.txt": "c==2\n", "loose.txt": "b>=1\n"})
    gaps = list(gaps_of("self.txt", files))
    assert (gap in gaps[0]) if gap else gaps == []


def test_a_strange_tests_file_stops_nothing(tmp_path):
    team = Team(tmp_path, tmp_path)
    level_1_on_github(team)
    team.commit(
        {"tests/test_b.py": "x=" + "-" * 20_000 + "1", "tests/test_c.py": "a" + ".b" * 60_000}
    )
    found = assess_project(Asked(team.repo)).assessment
    assert found.of("automated-tests").state is State.CLAIMED


def test_a_branch_is_held_against_main(tmp_path):
    team = Team(tmp_path, tmp_path)
    level_1_on_github(team)
    team.ci("1" * 40, "failure", headBranch="main")
    team.git("switch", "--quiet", "--create", "try")
    found = assess_project(team.asked()).assessment
    assert found.of("ci-for-code").state is State.CLAIMED
    assert "1 red (11111111)" in found.of("ci-for-code").reason


def test_a_workflow_of_another_project_of_the_repository_proves_nothing(tmp_path):
    team = Team(tmp_path, tmp_path)
    level_1_on_github(team)
    files = {"requirements.txt": "a==1\n", "pyproject.toml": "", "test_a.py": TESTS}
    team.commit({f"services/late/{name}": text for name, text in files.items()}, 8)
    team.ci(team.commits[-1])
    team.exports["ci-runs.json"][0]["workflowName"] = "CI"
    asked = team.asked()
    found = assess_project(Asked(team.repo / "services" / "late", exports=asked.exports))
    states = {row.practice.id: row.state for row in found.assessment.practices}
    assert State.PROVED not in {
        states[name] for name in ("automated-tests", "standard-environment")
    }


def test_a_control_sign_in_a_file_name_does_not_reach_the_terminal(tmp_path):
    from widgets.project.report import report_of
    from widgets.project.written import as_text

    team = Team(tmp_path, tmp_path)
    level_1_on_github(team)
    team.commit({"requirements-\x1b]0;x\x07.txt": "pandas\n", "requirements.txt": "a\n"})
    lines = as_text(report_of(assess_project(Asked(team.repo)), {}))
    assert all(line.isprintable() for line in lines)


def test_a_run_that_waited_for_days_did_not_train_all_that_while(tmp_path, database):
    team = Team(tmp_path, database)
    trained_by_ci(team)
    for run in team.exports["ci-runs.json"]:
        run["updatedAt"] = "2026-04-30T00:00:00Z"
    found = assess_project(team.asked()).assessment
    assert found.of("automated-training").state is not State.PROVED
