"""A project with a real history, its bare remote, its CI records, and trainings in real MLflow."""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from widgets.base.paths import Layout
from widgets.evidence.code import CodeCollector
from widgets.evidence.finding import Finding
from widgets.evidence.mlflow_runs import Run, Tracking, TrackingSource, Version
from widgets.evidence.mlflow_source import source_of
from widgets.evidence.repository import Repository
from widgets.evidence.service import Service
from widgets.evidence.training import TrainingCollector
from widgets.maturity import load
from widgets.mlflow_ui.store import copy_empty

WORKFLOW = ".github/workflows/ci.yml"
FILES = {
    "requirements.txt": "pandas==3.1.1\npytest==9.2.0\n",
    "pyproject.toml": '[build-system]\nbuild-backend = "setuptools.build_meta"\n'
    '[project]\nname = "flights"\n',
    WORKFLOW: "on: push\njobs: {}\n",
    "tests/test_one.py": "def test_a():\n    assert len('ab') == 2\n\n"
    "def test_b():\n    assert list('') == []\n\ndef test_c():\n    assert dict() == {}\n",
}


class Team:
    """Somebody who works in `project`, pushes to `origin.git`, and whose CI writes records."""

    def __init__(self, root: Path) -> None:
        self.project, self.origin = root / "project", root / "origin.git"
        self.author = "A Learner"
        if self.origin.exists():
            return
        self.git("init", "--bare", "-q", "-b", "main", str(self.origin), where=root)
        self.git("config", "core.logAllRefUpdates", "always", where=self.origin)
        self.project.mkdir()
        self.git("init", "-q", "-b", "main")
        self.git("remote", "add", "origin", "../origin.git")

    def git(self, *words: str, where: Path | None = None) -> str:
        env = {key: value for key, value in os.environ.items() if key[:4] != "GIT_"}
        for role in ("AUTHOR", "COMMITTER"):
            env[f"GIT_{role}_NAME"] = self.author if hasattr(self, "author") else "A Learner"
            env[f"GIT_{role}_EMAIL"] = "learner@example.org"
        done = subprocess.run(
            ["git", *words], cwd=where or self.project, env=env, capture_output=True, check=True
        )
        return done.stdout.decode().strip()

    def commit(self, *words: str, **files: str) -> str:
        for name, text in files.items():
            self.write(name, text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "a change", *words)
        return self.git("rev-parse", "HEAD")

    def write(self, name: str, text: str) -> None:
        path = self.project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def push(self) -> None:
        self.git("push", "-q", "origin", "main")

    def record(self, commit: str, result: str = "green", /, **changes: object) -> Path:
        """Write the record that a run of `commit` would leave, with changes if asked."""
        workflow = self.git("show", f"{commit}:{WORKFLOW}") + "\n"
        failed = 1 if result == "red" else 0
        record = {
            "commit": commit,
            "tree": self.git("rev-parse", f"{commit}^{{tree}}"),
            "result": result,
            "tests": {"run": 3, "passed": 3 - failed, "failed": failed, "skipped": 0},
            "ci_file": {
                "path": WORKFLOW,
                "digest": "sha256:" + hashlib.sha256(workflow.encode()).hexdigest(),
            },
            "packages": {
                "pandas": {"installed": "3.1.1", "pinned": "3.1.1"},
                "pytest": {"installed": "9.2.0", "pinned": "9.2.0"},
            },
            "started_at": "2026-11-23T12:00:00Z",
            "seconds": 3.2,
        } | changes
        path = self.origin / "ci" / f"{commit}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(record))
        return path

    def findings(self) -> dict[str, Finding]:
        collector = CodeCollector(load(), Repository(self.origin), self.origin / "ci")
        return {finding.practice: finding for finding in collector.collect()}


@pytest.fixture
def beginner(tmp_path: Path) -> Team:
    """Return a project with all files in place and nothing committed."""
    team = Team(tmp_path)
    for name, text in FILES.items():
        team.write(name, text)
    return team


@pytest.fixture
def team(beginner: Team) -> Team:
    """Return a project that has done all that Level 1 asks for."""
    team = beginner
    commits = [team.commit(**{"README.md": f"{number}\n"}) for number in range(5)]
    team.record(commits[1], "red")
    team.record(commits[-1])
    team.push()
    return team


NAME = "late-flights"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
METRICS = {"log_loss": 0.5, "roc_auc": 0.7, "brier": 0.2, "calibration_error": 0.01}
DIGEST = "5" * 32


class Lab:
    """A team whose trainings are tracked, in a folder laid out as a workspace.

    Attributes
    ----------
    commits : list of str
        The history of main, oldest first; the last two were pushed to main one by one.
    runs : list of str
        The ids of the runs, oldest first: three by hand, two by a push, one of a sweep.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.layout = Layout(root)
        self.team = Team(root)
        self.commits: list[str] = []
        self.runs: list[str] = []

    @property
    def client(self) -> Any:
        from mlflow import MlflowClient

        uri = f"sqlite:///{self.layout.mlflow_db.as_posix()}"
        return MlflowClient(tracking_uri=uri, registry_uri=uri)

    def start(self) -> None:
        """Make the database and the experiment."""
        self.layout.mlflow.mkdir()
        copy_empty(self.layout.mlflow_db)
        self.client.create_experiment(NAME, self.layout.mlflow_artifacts.as_uri())

    def run(
        self,
        commit: str,
        trigger: str = "manual",
        *,
        minutes: int | None = None,
        tags: dict[str, str | None] | None = None,
        params: dict[str, str] | None = None,
        metrics: dict[str, float] | None = None,
        data: tuple[str, ...] = ("training", "judging"),
        status: str = "FINISHED",
    ) -> str:
        """Write a run as a learner's project does, with changes if asked; None leaves a tag out."""
        from mlflow import entities as mlflow

        begin = NOON + timedelta(minutes=len(self.runs) if minutes is None else minutes)
        start = int(begin.timestamp() * 1000)
        client = self.client
        experiment = client.get_experiment_by_name(NAME).experiment_id
        told = {"trigger": trigger, "commit": commit, "dirty": "false", "actor": "learner"}
        told |= {"data_digest": DIGEST}
        labels = {key: value for key, value in (told | (tags or {})).items() if value is not None}
        name = f"run-{len(self.runs)}"
        run = client.create_run(experiment, start, labels, name).info.run_id
        scores = METRICS if metrics is None else metrics
        hyper = {"model": "LogisticRegression", "C": "1"} if params is None else params
        client.log_batch(
            run,
            metrics=[mlflow.Metric(key, value, start, 0) for key, value in scores.items()],
            params=[mlflow.Param(key, value) for key, value in hyper.items()],
        )
        client.log_inputs(run, [self._input(mlflow, context) for context in data])
        client.set_terminated(run, status, start + 5000)
        self.runs.append(run)
        return str(run)

    def _input(self, mlflow: Any, context: str) -> Any:
        tags = [mlflow.InputTag("mlflow.data.context", context)] if context else []
        return mlflow.DatasetInput(mlflow.Dataset("flights", f"{context}1234", "local", "{}"), tags)

    def version(self, run: str, **tags: str) -> int:
        """Log a real model in `run` and register it, as a learner's pipeline does."""
        import mlflow
        import mlflow.sklearn
        from sklearn.dummy import DummyClassifier

        mlflow.set_tracking_uri(f"sqlite:///{self.layout.mlflow_db.as_posix()}")
        try:
            with mlflow.start_run(run):
                logged = mlflow.sklearn.log_model(
                    DummyClassifier().fit([[0], [1]], [0, 1]),
                    name="model",
                    serialization_format="skops",
                    pip_requirements=["scikit-learn"],
                )
            client = self.client
            if not client.search_registered_models():
                client.create_registered_model(NAME)
            made = client.create_model_version(NAME, logged.model_uri, run, tags=tags)
            client.set_registered_model_alias(NAME, "candidate", made.version)
        finally:
            mlflow.set_tracking_uri(None)
            os.environ.pop("MLFLOW_TRACKING_URI", None)
        return int(made.version)

    def train_record(self, commit: str, run: str, /, **changes: object) -> Path:
        """Write the record that the origin's hook leaves of a training, with changes if asked."""
        begin = NOON + timedelta(minutes=self.runs.index(run))
        record = {
            "commit": commit,
            "on_main": "flights.trigger.on_main",
            "started_at": (begin - timedelta(seconds=3)).isoformat(),
            "finished_at": (begin + timedelta(seconds=9)).isoformat(),
            "exit_code": 0,
        } | changes
        path = self.team.origin / "trainings" / f"{commit}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(record))
        return path

    def sql(self, *statements: str) -> None:
        """Do to the database what a person with a pencil could do."""
        with closing(sqlite3.connect(self.layout.mlflow_db)) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()

    def findings(self, source: TrackingSource | None = None) -> dict[str, Finding]:
        collector = TrainingCollector(
            load(),
            source or source_of(self.layout.tracking_uri),
            (NAME, NAME),
            Repository(self.team.origin),
            [Repository(self.team.project / ".git")],
            self.team.origin / "trainings",
        )
        return {finding.practice: finding for finding in collector.collect()}


@pytest.fixture(autouse=True)
def nobodys_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("MLFLOW_TRACKING", "MLFLOW_REGISTRY", "FLIGHTS_")):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """Return a lab with commits and an empty MLflow: the schema takes seconds to make."""
    lab = Lab(tmp_path_factory.mktemp("begun"))
    seams = {"pyproject.toml": '[tool.flights.seams]\non_main = "flights.trigger.on_main"\n'}
    lab.commits = [lab.team.commit(**{"README.md": f"{number}\n"} | seams) for number in range(4)]
    lab.team.push()
    lab.commits.append(lab.team.commit(**{"README.md": "4\n"}))
    lab.team.push()
    lab.start()
    return lab


@pytest.fixture(scope="session")
def finished(begun: Lab, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """Return a lab that has done all that Level 2 asks for."""
    lab = _copy(begun, tmp_path_factory.mktemp("finished"))
    for commit in lab.commits[:3]:
        lab.run(commit)
    for commit in lab.commits[3:]:
        run = lab.run(commit, "push")
        lab.train_record(commit, run)
        lab.version(run, commit=commit, data_digest=DIGEST, trigger="push")
    lab.run(lab.commits[-1], "sweep")
    lab.client.set_registered_model_alias(NAME, "champion", "1")
    return lab


@pytest.fixture
def fresh(begun: Lab, tmp_path: Path) -> Lab:
    """Return a copy of the lab with nothing trained yet."""
    return _copy(begun, tmp_path / "a workspace é #1")


@pytest.fixture(scope="module")
def shared(finished: Lab, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """Return a copy for all tests of a module: to be read only."""
    return _copy(finished, tmp_path_factory.mktemp("shared"))


@pytest.fixture
def lab(finished: Lab, tmp_path: Path) -> Lab:
    """Return a copy of the lab that has done it all."""
    return _copy(finished, tmp_path / "a workspace é #1")


def _copy(lab: Lab, root: Path) -> Lab:
    """Return a lab of its own, with every address in its database moved along."""
    shutil.copytree(lab.root, root, dirs_exist_ok=True)
    copy = Lab(root)
    copy.commits, copy.runs = list(lab.commits), list(lab.runs)
    old, new = (each.layout.mlflow_artifacts.as_uri() for each in (lab, copy))
    for table, column in (
        ("experiments", "artifact_location"),
        ("runs", "artifact_uri"),
        ("logged_models", "artifact_location"),
        ("model_versions", "storage_location"),
    ):
        copy.sql(f"UPDATE {table} SET {column} = replace({column}, '{old}', '{new}')")
    return copy


ELEVEN = datetime(2026, 11, 24, 11, tzinfo=UTC)
YES = {
    "gate.actor": "gate",
    "gate.champion": "none",
    "gate.judged": "2013-03-25 to 2013-03-31",
    "gate.reason.leak": "yes: nothing known later",
    "gate.reason.gain": "yes: no champion with a decision",
    "gate.reason.size": "yes: 0.01 MB",
    "gate.decision": "yes",
}
TRAINED = {"train_to": "2013-03-24"}


class Desk:
    """A service and its clients, who have done all that Level 3 asks for, in real files.

    Version 1 was champion before there was a gate; 2 is deployed at second 0, 3 at
    300, and at 500 somebody goes back to 2. Clients ask about a flight every two seconds. Each
    list can be changed before `finding`, which writes the files. The registry is a value here;
    `test_workspace` reads a real one.

    Attributes
    ----------
    events, traffic : list
        What will be the lines of the logs; a line that is bytes is written as it is.
    rows : list of list
        The prediction log: id, flight, event time, logged at, version, inputs, p, repeated.
    versions : dict of int to Version
        The registry.
    """

    def __init__(self, root: Path, begin: datetime = ELEVEN) -> None:
        self.layout = Layout(root)
        self.begin = begin
        self.now = begin + timedelta(seconds=1000)
        self.events: list[dict[str, Any] | bytes] = []
        self.traffic: list[dict[str, Any] | bytes] = []
        self.rows: list[list[Any]] = []
        self.versions: dict[int, Version] = {}
        self.runs: dict[str, Run] = {}
        self.counted = 0
        self.register(1)
        self.register(2, **YES)
        self.register(3, **YES | {"gate.champion": "2"})
        self.put("champion", 2)
        self.ask(1, -100, -60)
        self.change("deploy", 2, 1, 0)
        self.ask(2, 10, 290)
        self.change("deploy", 3, 2, 300)
        self.ask(3, 310, 490)
        self.change("rollback", 2, 3, 500, actor="ada", cause="nonsense for one airline")
        self.event("hold", "done", 502.5, 2, 3, actor="ada")
        self.ask(2, 510, 700)

    def register(self, number: int, /, params: dict[str, str] = TRAINED, **tags: str) -> None:
        """Put a version, and its run, into the registry."""
        run, made = f"{number:032x}", self.begin - timedelta(minutes=10 - number)
        self.runs[run] = Run(run, f"run-{number}", NAME, "FINISHED", made, params=params)
        self.versions[number] = Version(NAME, number, run, made, tags=tags)

    def tag(self, number: int, **tags: str | None) -> None:
        """Change a version's tags; underscores stand for dots, None takes one away."""
        told = {name.replace("_", "."): text for name, text in tags.items()}
        all_tags = self.versions[number].tags | told
        kept = {name: text for name, text in all_tags.items() if text is not None}
        self.versions[number] = replace(self.versions[number], tags=kept)

    def put(self, alias: str, number: int) -> None:
        """Let an alias point to a version."""
        for each in self.versions.values():
            names = (alias,) if each.version == number else ()
            self.versions[each.version] = replace(each, aliases=names)

    def change(
        self, kind: str, version: int, previous: int | None, at: float, **changes: Any
    ) -> None:
        """Write a whole change-over into the event log."""
        for second, step in enumerate(("intent", "moved", "done")):
            self.event(kind, step, at + second, version, previous, **{"id": f"{at:08g}"} | changes)

    def event(
        self, kind: str, step: str, at: float, version: int, previous: int | None, **changes: Any
    ) -> None:
        """Write one event."""
        line = {
            "at": self.at(at),
            "kind": kind,
            "step": step,
            "id": f"{at:08g}",
            "version": version,
            "previous": previous,
            "run_id": f"{version:032x}",
            "actor": "gate",
            "cause": "the gate said yes",
        }
        self.events.append(line | changes)

    def ask(self, version: int, begin: int, end: int, *, logged: bool = True) -> None:
        """Let a client ask every two seconds, and look at the counters at the begin and the end."""
        self.scrape(begin)
        for second in range(begin, end, 2):
            flight, p = 80790 + len(self.traffic), 0.1 + version / 100
            self.request(second + 1, flight, flight, {str(version): [1, p]})
            if logged:
                self.log(second + 1.005, flight, version, p)
            self.counted += 1
        self.scrape(end)

    def request(
        self, at: float, first: int, last: int, versions: dict[str, list[float]], **changes: Any
    ) -> None:
        """Write one answered request into the clients' log."""
        line = {
            "at": self.at(at),
            "event_time": "2013-04-21T10:00:00+00:00",
            "flights": last - first + 1,
            "first": first,
            "last": last,
            "ok": True,
            "status": 200,
            "ms": 6.2,
            "versions": versions,
            "repeated": 0,
            "error": "",
        }
        self.traffic.append(line | changes)

    def scrape(self, at: float, predictions: float | None = None) -> None:
        """Write one look at the counters into the clients' log."""
        told = float(self.counted) if predictions is None else predictions
        line = {"at": self.at(at), "scrape": True, "ok": True, "status": 200, "ms": 1.2}
        self.traffic.append(line | {"predictions": told})

    def log(self, at: float, flight: int, version: int, p: float) -> None:
        """Write one row into the prediction log."""
        event_time = "2013-04-21T10:00:00+00:00"
        number = f"{len(self.rows):032x}"
        self.rows.append([number, flight, event_time, self.at(at), version, '{"temp": 44.9}', p, 0])

    def at(self, second: float) -> str:
        """Return a moment, counted from the first deployment, as it stands in the logs."""
        return (self.begin + timedelta(seconds=second)).isoformat()

    def service(self) -> Service:
        """Write the files and return what reads them."""
        self.layout.serving.mkdir(parents=True, exist_ok=True)
        for file, lines in (
            (self.layout.events_log, self.events),
            (self.layout.traffic_log, self.traffic),
        ):
            told = (line if isinstance(line, bytes) else _line(line) for line in lines)
            file.write_bytes(b"".join(told))
        self.layout.predictions_db.unlink(missing_ok=True)
        with closing(sqlite3.connect(self.layout.predictions_db)) as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute(
                "CREATE TABLE predictions (prediction_id TEXT PRIMARY KEY, flight_id INTEGER,"
                " event_time TEXT, logged_at TEXT, version INTEGER, inputs TEXT, p REAL,"
                " repeated INTEGER)"
            )
            marks = "INSERT INTO predictions VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            database.executemany(marks, self.rows)
            database.commit()
        return self.look()

    def look(self) -> Service:
        """Return what reads the files as they are."""
        return Service(load(), self.layout, self, (NAME, NAME), self.now)

    def read(self, experiment: str, model: str) -> Tracking:
        """Return the registry: this is its own source."""
        versions = tuple(self.versions[number] for number in sorted(self.versions))
        where = "mlflow/mlflow.db"
        return Tracking(where, experiment, model, versions=versions, origins=self.runs)


def _line(line: dict[str, Any]) -> bytes:
    return json.dumps(line).encode() + b"\n"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a service that has done all that Level 3 asks for."""
    return Desk(tmp_path / "a workspace é #1")


@pytest.fixture(scope="session")
def deployed(finished: Lab, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """Return a lab with a real registry of three versions, judged and deployed as the desk's."""
    lab = _copy(finished, tmp_path_factory.mktemp("deployed"))
    run = lab.run(lab.commits[-1], "push", params=TRAINED)
    lab.version(run, commit=lab.commits[-1], data_digest=DIGEST)
    lab.client.log_param(lab.runs[4], "train_to", TRAINED["train_to"])
    for number in ("2", "3"):
        for name, text in YES.items():
            lab.client.set_model_version_tag(NAME, number, name, text)
    lab.client.set_registered_model_alias(NAME, "champion", "2")
    return lab


@pytest.fixture
def whole(deployed: Lab, tmp_path: Path) -> tuple[Lab, Desk]:
    """Return a copy of that lab, and a desk in the same workspace that knows its runs."""
    lab = _copy(deployed, tmp_path / "a workspace é #1")
    begin = datetime.now(UTC) - timedelta(minutes=20)  # whoever collects asks the real clock
    desk = Desk(lab.root, begin)
    lab.sql(f"UPDATE model_versions SET creation_time = {int(begin.timestamp() * 1000) - 60_000}")
    runs = {each.version: each.run_id for each in lab.client.search_model_versions()}
    for line in desk.events:
        assert isinstance(line, dict)
        line["run_id"] = runs[int(line["version"])]
    return lab, desk


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs MLflow's own store: to write the first one takes seconds."""
    for item in items:
        if {"begun", "finished"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)
