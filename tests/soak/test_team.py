"""Thirty learners at once on one MLflow: nothing lost on PostgreSQL; what SQLite does instead.

`python lab.py test --soak tests/soak -s` prints the figures. All begin at the same moment. Their
data are a twelfth of January, so that the load is MLflow's, not the fit's.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import mlflow
import pandas as pd
import pytest
from mlflow.entities import ViewType

from tests.soak.learner import TRACKED, commit
from tests.soak.servers import mlflow_server, postgres, postgres_programs
from widgets.base.paths import KIT_ROOT
from widgets.exercise.checker import FLIGHTS
from widgets.mlflow_ui.store import QUIET, copy_empty

pytestmark = pytest.mark.soak

LEARNERS = int(os.environ.get("SOAK_LEARNERS", "30"))
EVERY = 12  # of January's flights
SECONDS = 3_000
FILES = {"MLmodel", "model.skops", "requirements.txt", "input_example.json"}


@pytest.fixture
def class_(tmp_path: Path) -> Path:
    """Return a folder with a workspace for each learner: the solved project, committed, a month."""
    folder = tmp_path / "class"
    month = pd.read_parquet(FLIGHTS / "2013-01.parquet").iloc[::EVERY].reset_index(drop=True)
    for number in range(1, LEARNERS + 1):
        root = folder / f"flights-{number:02}"
        for level in ("level_1", "level_2"):
            shutil.copytree(KIT_ROOT / "solutions" / level, root / "project", dirs_exist_ok=True)
        (root / "project" / ".gitignore").write_text("__pycache__/\n", encoding="utf-8")
        subprocess.run(["git", "init", "-q"], cwd=root / "project", check=True)
        commit(root / "project", "Solved")
        (root / "data").mkdir()
        month.to_parquet(root / "data" / "2013-01.parquet")
    return folder


def learn(class_: Path, address: str) -> list[dict]:
    """Let all learn at once; return what each wrote."""
    project = class_ / "flights-01" / "project"
    env = {k: v for k, v in os.environ.items() if not k.startswith(("FLIGHTS_", "MATURITY_"))}
    ended = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("learner.py")), str(class_), str(LEARNERS)],
        env=env
        | QUIET
        | {
            "PYTHONPATH": str(project),
            "MLFLOW_TRACKING_URI": address,
            "OMP_NUM_THREADS": "1",
            "GIT_PYTHON_REFRESH": "quiet",
        },
        stdout=subprocess.PIPE,
        timeout=SECONDS,
        check=True,
        text=True,
    )
    return json.loads(ended.stdout.splitlines()[-1])


def lost(address: str, told: list[dict]) -> list[str]:
    """Return everything that a learner wrote and that is not there, or is there twice."""
    mlflow.set_tracking_uri(address)
    client = mlflow.MlflowClient()
    gone = []
    for done in told:
        name = done["name"]
        experiment = client.get_experiment_by_name(name)
        if experiment is None:
            gone.append(f"{name}: no experiment")
            continue
        runs = client.search_runs([experiment.experiment_id], run_view_type=ViewType.ALL)
        kept = {run.info.run_id: run for run in runs}
        finished = {key for key, run in kept.items() if run.info.status == "FINISHED"}
        failed = [run for run in runs if run.info.status == "FAILED"]
        if finished != set(done["runs"]) or len(failed) != done["failed"]:
            statuses = sorted(run.info.status for run in runs)
            gone.append(f"{name}: {len(done['runs'])} runs + {done['failed']} failed; {statuses}")
        for key in finished & set(done["runs"]):
            gone += run_lost(client, name, kept[key], done["runs"][key])
        gone += registry_lost(client, name, done)
    return gone


def run_lost(client: mlflow.MlflowClient, name: str, run, wrote: dict) -> list[str]:
    """Return what of one run is not there."""
    gone = []
    if run.data.params != wrote["params"]:
        gone.append(f"{name}: params of {run.info.run_id}")
    if run.data.metrics != pytest.approx(wrote["metrics"]):
        gone.append(f"{name}: metrics of {run.info.run_id}")
    history = client.get_metric_history(run.info.run_id, "log_loss_by_day")
    if len(history) != wrote["days"]["n"]:
        gone.append(f"{name}: {len(history)} of {wrote['days']['n']} days")
    models = client.search_logged_models(
        [run.info.experiment_id], filter_string=f"source_run_id = '{run.info.run_id}'"
    )
    files = {file.path: file.file_size for model in models for file in artifacts(model)}
    if len(models) != 1 or not files.keys() >= FILES or not all(files[file] for file in FILES):
        gone.append(f"{name}: {len(models)} models with {sorted(files)}")
    return gone


def artifacts(model) -> list:
    """Return the files of a logged model."""
    return mlflow.artifacts.list_artifacts(artifact_uri=f"models:/{model.model_id}")


def registry_lost(client: mlflow.MlflowClient, name: str, done: dict) -> list[str]:
    """Return what of the registry is not there; the champion must answer as when it was made."""
    found = client.search_model_versions(f"name = '{name}'")
    runs = [version.run_id for version in sorted(found, key=lambda one: int(one.version))]
    if runs != done["version_runs"]:
        return [f"{name}: {len(done['version_runs'])} versions, {len(runs)} there"]
    if not runs:
        return []
    aliases = {
        alias: str(version)  # a file gives numbers, a server gives text
        for alias, version in client.get_registered_model(name).aliases.items()
    }
    if aliases != {"candidate": "2", "champion": "1"}:
        return [f"{name}: aliases {aliases}"]
    file = mlflow.artifacts.download_artifacts(f"models:/{name}@champion")
    model = mlflow.pyfunc.load_model(file)
    answers = [float(p) for p in model.predict(model.input_example)[:, 1]]
    return [] if answers == pytest.approx(done["p"]) else [f"{name}: another champion answers"]


def report(what: str, told: list[dict], seconds: float) -> None:
    """Print the figures of one load."""
    took = sorted(second for done in told for second in done["seconds"])
    errors = [f"{done['name']}: {error}" for done in told for error in done["errors"]]
    runs = sum(len(done["runs"]) for done in told)
    wanted = LEARNERS * (TRACKED + 2)
    whole = max(done["ended"] for done in told) - min(done["began"] for done in told)
    print(f"\n{what}: {LEARNERS} learners, {os.cpu_count()} processors")
    print(f"  runs logged             {runs} of {wanted}, refused {sum(d['failed'] for d in told)}")
    print(f"  versions                {sum(len(d['version_runs']) for d in told)}")
    print(f"  errors                  {len(errors)}")
    print(f"  from first to last      {whole:.0f} s (with the start of processes {seconds:.0f} s)")
    if took:
        cuts = statistics.quantiles(took, n=100, method="inclusive") if len(took) > 1 else took * 99
        print(f"  one logged run          p50 {cuts[49]:.1f} s, p99 {cuts[98]:.1f} s")
    show(errors)


def show(lines: list[str]) -> None:
    """Print the first few of many lines."""
    for line in lines[:6]:
        print(f"    {line[:300]}", flush=True)


def measure(what: str, class_: Path, address: str) -> tuple[list[dict], list[str]]:
    """Let them learn, count what is there, print, and return both."""
    began = time.monotonic()
    told = learn(class_, address)
    seconds = time.monotonic() - began
    report(what, told, seconds)
    gone = lost(address, told)
    print(f"  lost or doubled         {len(gone)}")
    show(gone)
    return told, gone


def test_thirty_learners_on_one_server_with_postgresql_lose_nothing(class_, tmp_path):
    pytest.importorskip("psycopg2", reason="pip install -r requirements-optional.txt")
    programs = postgres_programs()
    if programs is None:
        pytest.skip("no PostgreSQL here (Debian: apt-get install postgresql)")
    with ExitStack() as opened:
        store = opened.enter_context(postgres(tmp_path / "pg", programs))
        address = opened.enter_context(
            mlflow_server(store, tmp_path / "artifacts", tmp_path / "server.log")
        )
        told, gone = measure("PostgreSQL, one server", class_, address)
        assert [done["errors"] for done in told if done["errors"]] == []
        assert gone == []
        assert sum(len(done["runs"]) for done in told) == LEARNERS * (TRACKED + 2)
        assert sum(len(done["version_runs"]) for done in told) == LEARNERS * 2
    written = [file for file in (tmp_path / "artifacts").rglob("model.skops")]
    assert len(written) == LEARNERS * (TRACKED + 2)  # through the server, not beside it
    assert not list(class_.rglob("model.skops"))


@pytest.mark.parametrize("way", ["one server", "one shared file"])
def test_sqlite_loses_nothing_at_the_same_load(way, class_, tmp_path):
    database = tmp_path / "shared.db"
    copy_empty(database)
    store = f"sqlite:///{database.as_posix()}"
    with ExitStack() as opened:
        address = store
        if way == "one server":
            address = opened.enter_context(
                mlflow_server(store, tmp_path / "artifacts", tmp_path / "server.log")
            )
        told, gone = measure(f"SQLite, {way}", class_, address)
    assert len(told) == LEARNERS
    assert gone == []
