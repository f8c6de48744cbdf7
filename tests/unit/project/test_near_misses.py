"""Projects that nearly have a practice: what only looks like one is never called proved."""

import os

import pytest

from tests.unit.project.teams import BEGIN, BUILD, GITHUB, GITLAB, LOCK, TESTS, Team
from widgets.base.errors import KitError
from widgets.maturity import State
from widgets.project.answers import read_answers
from widgets.project.assess import assess_project

CI = ".github/workflows/ci.yml"
ALL_OF_CI = ("standard-environment", "automated-tests", "ci-for-code")
NIGHTLY_TRAINING = """name: n
on: {schedule: [{cron: "0 3 * * *"}]}
jobs: {t: {steps: [{run: make train}]}}
"""
WEB = GITHUB.replace("pip install", "cd web\n      - run: pip install")


def found(team, *practices):
    """Return the states of practices."""
    result = assess_project(team.asked()).assessment
    return {practice: result.of(practice).state for practice in practices}


@pytest.fixture
def begun(tmp_path, database):
    """Return a team with some days of history, and a function that gives it a CI that is green."""
    team = Team(tmp_path, database)
    team.begin()
    team.history()

    def finish(**files):
        usual = {
            "requirements.txt": LOCK, "pyproject.toml": BUILD, "tests/test_a.py": TESTS, CI: GITHUB
        }  # fmt: skip
        told = {name.replace("__", "/"): text for name, text in files.items()}
        team.commit({**usual, **told}, 7)
        team.ci("0" * 40, "failure")
        team.ci(team.commits[-1])
        return team

    return finish


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    runs-on: ubuntu-latest\n", "    if: github.event_name == 'workflow_dispatch'\n"),
        ("    runs-on: ubuntu-latest\n", "    continue-on-error: ${{ true }}\n"),
        ("python -m pytest -q", "python -m unittest"),
        ("python -m pytest -q", "tox -e lint"),
        ("python -m pytest -q", "make check"),
        ("python -m pytest -q", "pytest && echo good || echo bad"),
    ],
)
def test_a_job_that_may_not_run_or_may_fail_proves_no_tests(begun, old, new):
    assert old in GITHUB
    team = begun(**{CI: GITHUB.replace(old, new)})
    assert State.PROVED not in found(team, "automated-tests").values()


@pytest.mark.parametrize(
    "part",
    [
        "  allow_failure: {exit_codes: [1]}\n",
        "  only: [tags]\n",
        "  rules: [{if: $CI_COMMIT_TAG}]\n",
        "  extends: .soft\n",
        "  when: manual\n",
    ],
)
def test_a_gitlab_job_with_a_condition_proves_nothing(tmp_path, database, part):
    team = Team(tmp_path, database)
    team.begin()
    team.history()
    files = {"poetry.lock": "[[package]]\n", "pyproject.toml": BUILD, "tests/test_a.py": TESTS}
    team.commit({**files, ".gitlab-ci.yml": f"{GITLAB}{part}.soft: {{allow_failure: true}}\n"}, 7)
    for commit, ref, status in (("0" * 40, "try", "failed"), (team.commits[-1], "main", "success")):
        times = {"created_at": "2026-03-09T12:00:00Z", "updated_at": "2026-03-09T12:05:00Z"}
        run = {"sha": commit, "ref": ref, "status": status, "source": "push", **times}
        team.exports.setdefault("ci-runs.json", []).append(run)
    assert State.PROVED not in found(team, *ALL_OF_CI).values()


def test_gitlabs_own_tag_and_a_shared_before_script_are_read(tmp_path, database):
    team = Team(tmp_path, database)
    team.begin()
    team.history()
    files = {"poetry.lock": "[[package]]\n", "pyproject.toml": BUILD, "tests/test_a.py": TESTS}
    ci = "default: {before_script: [poetry install]}\ntest:\n  script:\n"
    ci += "    - !reference [.setup, script]\n    - poetry run pytest\n"
    team.commit({**files, ".gitlab-ci.yml": ci}, 7)
    result = assess_project(team.asked()).assessment
    assert "the CI runs tests" in result.of("automated-tests").reason
    assert "the CI installs from the lock" in result.of("standard-environment").reason


@pytest.mark.parametrize(
    "mark",
    [
        "pytestmark = pytest.mark.skip('later')\n",
        "@pytest.mark.skipif(True)\n",
        "@pytest.mark.xfail\n",
    ],
)
def test_tests_that_never_run_are_not_counted(begun, mark):
    text = f"{mark}{TESTS}" if mark.startswith("pytestmark") else TESTS.replace("def", f"{mark}def")
    team = begun(**{"tests/test_a.py": f"import pytest\n{text}"})
    states = {"automated-tests": State.MISSING, "ci-for-code": State.CLAIMED}
    assert found(team, *states) == states


BOTH = "-r requirements.txt -r requirements-dev.txt"
UPGRADED = "-r requirements.txt\n      - run: pip install -U pandas"
IMAGE = "FROM python:3.12\nRUN pip install --no-cache-dir \\\n    fastapi uvicorn\n"


@pytest.mark.parametrize(
    "files",
    [
        {"requirements.txt": "mlflow==3.14.0\npytest==9.0.0\n"},
        {
            "requirements.txt": "pandas\n",
            "requirements-dev.txt": LOCK,
            CI: GITHUB.replace("-r requirements.txt", BOTH),
        },
        {CI: GITHUB.replace("-r requirements.txt", UPGRADED)},
        {"Dockerfile": IMAGE},
        {"pyproject.toml": "[tool.ruff]\nline-length = 99\n"},
    ],
)
def test_what_leaves_a_version_open_is_no_standard_environment(begun, files):
    assert found(begun(**files), "standard-environment") == {"standard-environment": State.CLAIMED}


@pytest.mark.parametrize("folder", ["ml", "we"])
def test_anothers_ci_in_the_same_repository_proves_nothing_of_mine(begun, folder):
    mine = {f"{folder}/requirements.txt": LOCK, f"{folder}/pyproject.toml": BUILD}
    mine |= {f"{folder}/tests/test_a.py": TESTS, CI: WEB + "# ml/ and web.yml\n"}
    team = begun(**mine)
    asked = team.asked()
    result = assess_project(type(asked)(team.repo / folder, exports=asked.exports)).assessment
    assert State.PROVED not in {result.of(practice).state for practice in ALL_OF_CI}


def test_workflows_of_one_name_prove_nothing(begun):
    other = GITHUB.replace("python -m pytest -q", "echo nothing")
    team = begun(**{".github/workflows/another.yml": other})
    assert State.PROVED not in found(team, *ALL_OF_CI).values()


def test_a_service_of_a_monorepo_that_its_workflow_enters_is_proved(begun):
    mine = {"ml/requirements.txt": LOCK, "ml/pyproject.toml": BUILD, "ml/tests/test_a.py": TESTS}
    inside = GITHUB.replace(
        "    steps:", "    defaults: {run: {working-directory: ml}}\n    steps:"
    )
    team = begun(**mine, **{CI: inside})
    team.commit({"ml/late.py": "a = 1\n"}, 8)
    team.commit({"ml/late.py": "a = 2\n"}, 9)
    team.ci(team.commits[-1])
    asked = team.asked()
    result = assess_project(type(asked)(team.repo / "ml", exports=asked.exports)).assessment
    assert {result.of(practice).state for practice in ALL_OF_CI} == {State.PROVED}


@pytest.mark.parametrize("started", ["pytest tests/test_train.py", "ruff check train.py"])
def test_a_training_by_hand_while_the_ci_tests_is_no_automated_one(begun, started):
    team = begun(**{CI: GITHUB.replace("python -m pytest -q", started)})
    for _ in range(2):
        run = team.exports["ci-runs.json"][-1]
        team.train(team.commits[-1], BEGIN.fromisoformat(run["createdAt"]))
        team.ci(team.commits[-1])
    assert found(team, "automated-training") == {"automated-training": State.MISSING}


def test_a_workflow_that_trains_each_night_is_a_claim_without_any_tracking(begun):
    team = begun(**{".github/workflows/nightly.yml": NIGHTLY_TRAINING})
    result = assess_project(team.asked()).assessment
    for practice in ("automated-training", "continuous-training"):
        assert result.of(practice).state is State.CLAIMED
        assert ".github/workflows/nightly.yml:3" in result.of(practice).reason


def test_a_ci_that_trains_into_the_void_is_told_where_to_log(begun):
    team = begun(**{".github/workflows/nightly.yml": NIGHTLY_TRAINING})
    team.ci(team.commits[-1], workflowName="n", event="schedule")
    team.train(team.commits[-1], BEGIN)
    row = assess_project(team.asked()).assessment.of("automated-training")
    assert row.state is State.CLAIMED
    assert "1 green runs of a workflow that trains left no run in this store" in row.reason


def test_deployments_without_a_registered_version_are_claimed_at_most(begun):
    team = begun()
    first, other = team.commits[-1], team.commits[-2]
    for commit in (first, other):
        team.train(commit, BEGIN)
    team.exports["deployments.json"] = [
        {
            "commitOid": commit,
            "environment": "production",
            "createdAt": team.exports["ci-runs.json"][-1]["createdAt"],
            "state": "INACTIVE",
            "creator": {"login": "bot", "__typename": "Bot"},
        }
        for commit in (first, other, first)
    ]
    assert found(team, "automated-deployment") == {"automated-deployment": State.CLAIMED}


@pytest.mark.parametrize("metrics", [{"n_rows": 9.0}, {"n_rows": 9.0, "learning_rate": 0.1}])
def test_counts_are_no_systematic_metrics(begun, metrics):
    team = begun()
    for _ in range(6):
        team.train(team.commits[-1], BEGIN, metrics=metrics)
    assert State.PROVED not in found(team, "systematic-metrics").values()


def test_runs_of_a_commit_that_nobody_can_reach_any_more_prove_nothing(begun):
    team = begun()
    team.git("commit", "--quiet", "--amend", "--message", "again")
    for number in range(6):
        team.train(team.commits[-1], BEGIN, tags={"dirty": "false"}, register=number > 2)
    practices = ("version-control", "experiment-tracking", "model-registry")
    assert State.PROVED not in found(team, *practices).values()


def test_six_commits_of_a_notes_file_are_no_version_control(tmp_path, database):
    team = Team(tmp_path, database)
    team.begin()
    team.history()
    assert found(team, "version-control") == {"version-control": State.MISSING}


def test_a_repository_that_leads_elsewhere_is_refused(begun, tmp_path):
    team = begun()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / ".git").symlink_to(team.repo / ".git")
    with pytest.raises(KitError, match="neither a folder nor a file"):
        assess_project(type(team.asked())(elsewhere))
    (team.repo / ".git" / "objects" / "info").mkdir(exist_ok=True)
    (team.repo / ".git" / "objects" / "info" / "alternates").write_text("/nowhere\n")
    with pytest.raises(KitError, match="borrows its objects"):
        assess_project(team.asked())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_in_the_place_of_a_repository_is_refused_at_once(tmp_path):
    (tmp_path / "odd").mkdir()
    os.mkfifo(tmp_path / "odd" / ".git")
    with pytest.raises(KitError, match="neither a folder nor a file"):
        assess_project(type(Team(tmp_path, tmp_path).asked())(tmp_path / "odd"))


def test_a_linked_working_tree_is_read_by_its_repository(begun, tmp_path):
    team = begun()
    team.git("worktree", "add", "--quiet", str(tmp_path / "linked"))
    asked = type(team.asked())(tmp_path / "linked")
    assert assess_project(asked).assessment.of("version-control").state is State.PROVED


@pytest.mark.parametrize("uri", ["sqlite:////nowhere/mlflow.db", "nowhere", "me:secret@host:5000"])
def test_a_tracking_that_is_not_there_is_an_error_and_shows_no_password(begun, uri):
    asked = begun().asked()
    with pytest.raises(KitError) as caught:
        assess_project(type(asked)(asked.repo, tracking_uri=uri))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 20_000,
        "a: !!bool x\n",
        "a: &a [x]\nb: [" + "*a," * 70 + "]\n",
        "\x1b[2J: {}\n",
        "- a\n",
    ],
)
def test_odd_answers_are_refused_in_no_time(tmp_path, text):
    file = tmp_path / "answers.yaml"
    file.write_text(text)
    with pytest.raises(KitError) as caught:
        read_answers([file])
    assert "\x1b" not in str(caught.value)
