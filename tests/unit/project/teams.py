"""Teams as there are: a real git history, a real MLflow store, exports as the forges write them.

Each says what an honest look has to find. What is not named in `expected` must be missing or
cannot be seen: `found` never holds a "proved" that is not expected.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from widgets.project.answers import Word
from widgets.project.assess import Asked

BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)
TESTS = "\n".join(f"def test_{n}():\n    assert len(str({n})) == 1\n" for n in range(4))
LOCK = "mlflow==3.14.0\npandas==3.1.1\n"
BUILD = "[project]\nname = 'churn'\n"
GITHUB = """
name: CI
on: [push]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: pip install -r requirements.txt
      - run: python -m pytest -q
"""
NIGHTLY = """
name: train
on:
  schedule: [{cron: "0 3 * * *"}]
  push:
jobs:
  train:
    steps:
      - run: pip install -r requirements.txt
      - run: python -m churn.train
"""
GITLAB = """
test:
  script:
    - poetry install
    - poetry run pytest
"""
RULES = "groups:\n- rules:\n  - alert: ModelLossTooHigh\n    expr: loss > 0.5\n"
LEVEL_1 = ("version-control", "standard-environment", "automated-tests", "ci-for-code")
LEVEL_2 = ("automated-training", "experiment-tracking", "systematic-metrics", "model-registry")


@dataclass
class Team:
    """A project in a folder, and what is known of it outside the folder."""

    root: Path
    database: Path
    commits: list[str] = field(default_factory=list)
    exports: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    answers: dict[str, dict[str, Word]] = field(default_factory=dict)
    serving_url: str = ""
    tracked: bool = False
    runs: int = 0

    def git(self, *words: str, at: datetime = BEGIN) -> str:
        """Run git in the project."""
        clean = {key: value for key, value in os.environ.items() if key[:4] != "GIT_"}
        env = clean | {"GIT_AUTHOR_DATE": at.isoformat(), "GIT_COMMITTER_DATE": at.isoformat()}
        who = ("-c", "user.name=ada", "-c", "user.email=ada@example.org")
        return subprocess.check_output(["git", *who, *words], cwd=self.repo, env=env, text=True)

    @property
    def repo(self) -> Path:
        """The project's folder."""
        return self.root / "churn"

    def begin(self) -> None:
        """Make the repository."""
        self.repo.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def commit(self, files: Mapping[str, str], day: int = 0) -> str:
        """Write files and commit them on a day."""
        for name, text in files.items():
            path = self.repo / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "work", at=BEGIN + timedelta(days=day))
        self.commits.append(self.git("rev-parse", "HEAD").strip())
        return self.commits[-1]

    def history(self, days: int = 6) -> None:
        """Work on several days."""
        for day in range(days):
            self.commit({"notes.txt": f"{day}\n"}, day)

    def ci(self, commit: str, result: str = "success", **changes: str) -> None:
        """Let the forge remember a run of the CI."""
        runs = self.exports.setdefault("ci-runs.json", [])
        at = BEGIN + timedelta(days=10, hours=len(runs))
        run = {
            "headSha": commit,
            "headBranch": "main" if result == "success" else "try",
            "event": "push",
            "conclusion": result,
            "createdAt": at.isoformat(),
            "updatedAt": (at + timedelta(minutes=5)).isoformat(),
            "workflowName": "CI",
        }
        runs.append(run | changes)

    def client(self) -> Any:
        """Return MLflow's client for the team's own database."""
        from mlflow import MlflowClient

        self.tracked = True
        store = self.root / "mlflow"
        if not store.exists():
            store.mkdir()
            shutil.copy(self.database, store / "mlflow.db")
        uri = f"sqlite:///{(store / 'mlflow.db').as_posix()}"
        return MlflowClient(uri, uri)

    def train(
        self,
        commit: str,
        at: datetime,
        *,
        tags: Mapping[str, str] | None = None,
        metrics: Mapping[str, float] | None = None,
        register: bool = False,
    ) -> None:
        """Log a run as a program would, and register its model if asked."""
        from mlflow import entities

        client = self.client()
        known = client.get_experiment_by_name("churn")
        place = (self.root / "mlflow" / "files").as_uri()
        number = known.experiment_id if known else client.create_experiment("churn", place)
        start, self.runs = int(at.timestamp() * 1000), self.runs + 1
        told = {"mlflow.source.git.commit": commit, **(tags or {})}
        run = client.create_run(number, start, told, f"run-{self.runs}").info
        scores = metrics or {"auc": 0.8, "log_loss": 0.4}
        client.log_batch(
            run.run_id,
            metrics=[entities.Metric(key, value, start, 0) for key, value in scores.items()],
            params=[entities.Param("depth", "3")],
        )
        inputs = [
            entities.DatasetInput(
                entities.Dataset(context, f"{context[:5]}{self.runs}", "local", "{}", "{}", "{}"),
                [entities.InputTag("mlflow.data.context", context)],
            )
            for context in ("training", "judging")
        ]
        client.log_inputs(run.run_id, inputs)
        client.set_terminated(run.run_id, "FINISHED", start + 5000)
        if register:
            model = self.root / "mlflow" / "files" / run.run_id / "artifacts" / "model"
            model.mkdir(parents=True)
            (model / "MLmodel").write_text("flavors: {}\n")
            (model / "model.skops").write_bytes(b"weights")
            if not client.search_registered_models():
                client.create_registered_model("churn")
            made = client.create_model_version("churn", model.as_uri(), run.run_id)
            client.set_registered_model_alias("churn", "champion", made.version)

    def asked(self) -> Asked:
        """Return the question that the team puts to the kit."""
        folder = self.root / "exports"
        for name, entries in self.exports.items():
            folder.mkdir(exist_ok=True)
            (folder / name).write_text(json.dumps(entries), encoding="utf-8")
        return Asked(
            self.repo,
            f"sqlite:///{(self.root / 'mlflow' / 'mlflow.db').as_posix()}" if self.tracked else "",
            self.serving_url,
            folder if self.exports else None,
            self.answers,
        )


def notebook_only(team: Team) -> dict[str, str]:
    """One afternoon, one notebook, versions as they come."""
    team.begin()
    team.commit({"churn.ipynb": "{}", "requirements.txt": "pandas\n"})
    return {"version-control": "missing", "standard-environment": "missing"}


def level_1_on_github(team: Team) -> dict[str, str]:
    """Locked, tested, and seen red once."""
    team.begin()
    team.history()
    files = {"requirements.txt": LOCK, "pyproject.toml": BUILD, "tests/test_a.py": TESTS}
    team.commit({**files, ".github/workflows/ci.yml": GITHUB}, 7)
    team.ci("0" * 40, "failure")
    team.ci(team.commits[-1])
    return dict.fromkeys(LEVEL_1, "proved")


def level_1_on_gitlab(team: Team) -> dict[str, str]:
    """The same with Poetry, and with what GitLab exports."""
    team.begin()
    team.history()
    files = {"poetry.lock": "[[package]]\n", "pyproject.toml": BUILD, "tests/test_a.py": TESTS}
    team.commit({**files, ".gitlab-ci.yml": GITLAB}, 7)
    for commit, ref, status in (("0" * 40, "try", "failed"), (team.commits[-1], "main", "success")):
        times = {"created_at": "2026-03-09T12:00:00Z", "updated_at": "2026-03-09T12:05:00Z"}
        run = {"sha": commit, "ref": ref, "status": status, "source": "push", **times}
        team.exports.setdefault("ci-runs.json", []).append(run)
    return dict.fromkeys(LEVEL_1, "proved")


def a_linter_is_green(team: Team) -> dict[str, str]:
    """Everything lies there, and the only workflow lints."""
    team.begin()
    team.history()
    lint = GITHUB.replace("python -m pytest -q", "pip install pytest ruff && ruff check .")
    files = {"requirements.txt": "pandas>=1\n", "docs/requirements.txt": LOCK}
    skipped = TESTS.replace("def test", "@pytest.mark.skip\ndef test")
    files |= {"pyproject.toml": BUILD, "tests/test_a.py": f"import pytest\n{skipped}"}
    team.commit({**files, ".github/workflows/lint.yml": lint}, 7)
    team.ci("0" * 40, "failure", workflowName="Stale issues")
    team.ci(team.commits[-1])
    return {
        "version-control": "proved",
        "standard-environment": "missing",
        "automated-tests": "missing",
        "ci-for-code": "claimed",
    }


def other_tools(team: Team) -> dict[str, str]:
    """Jenkins, Airflow, Weights & Biases: only traces are seen."""
    team.begin()
    team.history()
    files = {"Jenkinsfile": "pipeline {}\n", "dags/a.py": "from airflow import DAG\n"}
    files |= {"train.py": "import wandb\nwandb.init()\n", "test_a.py": TESTS}
    team.commit(files, 7)
    return {
        "version-control": "proved",
        "automated-tests": "claimed",
        "ci-for-code": "claimed",
        "automated-training": "claimed",
        "experiment-tracking": "claimed",
    }


def trained_on_a_laptop(team: Team) -> dict[str, str]:
    """Well tracked, by hand, while a linter happens to run on the same commit."""
    expected = level_1_on_github(team)
    commit = team.commits[-1]
    team.ci(commit, workflowName="lint")
    for number in range(6):
        at = BEGIN + timedelta(days=10, hours=2, seconds=20 * number)
        team.train(commit, at, register=number > 2)
    claimed = {"version-control": "claimed", "automated-training": "missing"}
    found = ("experiment-tracking", "systematic-metrics", "model-registry")
    return expected | claimed | dict.fromkeys(found, "proved")


def noisy_metrics(team: Team) -> dict[str, str]:
    """The only thing that is measured is how long it took, and no run names a commit."""
    expected = level_1_on_github(team)
    for number in range(6):
        at = BEGIN + timedelta(days=20 + number)
        team.train("", at, metrics={"duration_seconds": 4.0})
    return expected | {"version-control": "missing"}


def trained_by_ci(team: Team) -> dict[str, str]:
    """A clock and pushes train; alerts call; deployments go out and back."""
    team.begin()
    team.history()
    files = {"requirements.txt": LOCK, "pyproject.toml": BUILD, "tests/test_a.py": TESTS}
    files |= {".github/workflows/ci.yml": GITHUB, ".github/workflows/train.yml": NIGHTLY}
    team.commit({**files, "alerts/rules.yml": RULES}, 7)
    commit = team.commits[-1]
    team.ci("0" * 40, "failure")
    team.ci(commit)
    team.exports["alerts.json"] = [
        {
            "labels": {"alertname": "ModelLossTooHigh"},
            "annotations": {"summary": "the model's loss is too high"},
            "startsAt": (BEGIN + timedelta(days=12)).isoformat(),
            "endsAt": (BEGIN + timedelta(days=13, hours=20)).isoformat(),
            "status": {"state": "resolved"},
        }
    ]
    for number in range(6):
        at = BEGIN + timedelta(days=13, hours=number)
        times = {"createdAt": at.isoformat(), "updatedAt": (at + timedelta(minutes=9)).isoformat()}
        team.ci(commit, workflowName="train", event="schedule", **times)
        tags = {"trigger": "alert:ModelLossTooHigh"} if number == 3 else {}
        team.train(commit, at + timedelta(minutes=2), tags=tags, register=True)
    proved = (*LEVEL_1, *LEVEL_2, "monitoring-with-alerts", "feedback-loop", "continuous-training")
    return dict.fromkeys(proved, "proved")


def trained_and_deployed(team: Team) -> dict[str, str]:
    """The same, and three deployments by a program: the last leads back."""
    expected = trained_by_ci(team)
    first, other = team.commits[-1], team.commits[-2]
    team.train(other, BEGIN + timedelta(days=14), register=True, tags={"dirty": "false"})
    team.exports["deployments.json"] = [
        {
            "commitOid": commit,
            "environment": "production",
            "createdAt": (BEGIN + timedelta(days=15, hours=hour)).isoformat(),
            "state": "INACTIVE",
            "creator": {"login": "github-actions", "__typename": "Bot"},
        }
        for hour, commit in enumerate((first, other, first))
    ]
    return expected | {"automated-deployment": "proved", "continuous-training": "claimed"}


def somebody_watches_machines(team: Team) -> dict[str, str]:
    """Alerts there are, of clocks and disks, and one that still lasts; people say yes to all."""
    expected = level_1_on_github(team)
    alert = {"annotations": {}, "startsAt": "2026-03-02T00:00:00Z"}
    lasts = {"endsAt": "2026-03-02T00:04:00Z", "status": {"state": "active"}}
    over = {"endsAt": "2026-03-03T00:00:00Z", "status": {"state": "resolved"}}
    team.exports["alerts.json"] = [
        {**alert, "labels": {"alertname": "NodeClockSkewDetected"}, **over},
        {**alert, "labels": {"alertname": "FilesystemPredictedFull"}, **over},
        {**alert, "labels": {"alertname": "ModelLossTooHigh"}, **lasts},
    ]
    team.answers = {"ada": {"governance": Word.YES}, "bo": {"governance": Word.UNKNOWN}}
    return expected | {"monitoring-with-alerts": "claimed", "governance": "claimed"}


TEAMS: tuple[Callable[[Team], dict[str, str]], ...] = (
    notebook_only,
    level_1_on_github,
    level_1_on_gitlab,
    a_linter_is_green,
    other_tools,
    trained_on_a_laptop,
    noisy_metrics,
    trained_by_ci,
    trained_and_deployed,
    somebody_watches_machines,
)
