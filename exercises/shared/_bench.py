"""A workbench for the checks from Level 2 on: a workspace of its own, a store, some months."""

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import pandas as pd

# MLflow's tables, made when the kit was set up
EMPTY = Path(sys.prefix, "share", "maturity", f"mlflow-{version('mlflow')}-empty.db")


def make_bench(folder: Path, flights: Path) -> Path:
    """Make a workspace in `folder` with a few flights of January, and use it."""
    (folder / "data").mkdir(parents=True)
    (folder / "mlflow").mkdir()
    few(flights).to_parquet(folder / "data" / "2013-01.parquet")
    if EMPTY.is_file():
        shutil.copyfile(EMPTY, folder / "mlflow" / "mlflow.db")
    use_bench(folder)
    return folder


def use_bench(folder: Path) -> None:
    """Let the project work in the workspace `folder`, and in no other."""
    for name in [*os.environ]:  # nothing of it may land on a team's server
        if name.startswith(("MLFLOW_", "FLIGHTS_")) and name != "MLFLOW_DISABLE_TELEMETRY":
            del os.environ[name]
    os.environ["FLIGHTS_WORKSPACE"] = str(folder)


def commit(project: Path, message: str = "A state of the project") -> str:
    """Commit everything in `project`, a copy, and return the commit."""
    if not (project / ".git").exists():
        git(project, "init", "--quiet", "-b", "main")
    git(project, "config", "core.hooksPath", os.devnull)
    ignored = project / ".git" / "info" / "exclude"
    ignored.parent.mkdir(exist_ok=True)
    ignored.write_text("__pycache__/\n", encoding="utf-8")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--allow-empty", "-m", message)
    return git(project, "rev-parse", "HEAD").strip()


def git(place: Path, *words: str) -> str:
    """Run git in `place` and return what it printed."""
    who = {"GIT_AUTHOR_NAME": "check", "GIT_AUTHOR_EMAIL": "check@localhost"}
    who |= {"GIT_COMMITTER_NAME": "check", "GIT_COMMITTER_EMAIL": "check@localhost"}
    clean = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}
    ceiling = {"GIT_CEILING_DIRECTORIES": str(place.parent)}
    done = subprocess.run(
        ["git", "-c", "commit.gpgSign=false", *words],
        cwd=place,
        env=clean | who | ceiling,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, f"git {words[0]} in a copy of your project: {done.stderr.strip()}"
    return done.stdout


@contextmanager
def changed(file: Path, text: str):
    """Write `text` at the end of a file, and take it away again."""
    before = file.read_text(encoding="utf-8")
    file.write_text(before + text, encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(before, encoding="utf-8")


def january(flights: Path) -> pd.DataFrame:
    """Return all flights of January 2013."""
    return pd.read_parquet(flights / "2013-01.parquet")


def few(flights: Path) -> pd.DataFrame:
    """Return every sixth flight of January 2013: enough to train on, and quick."""
    return january(flights).iloc[::6].reset_index(drop=True)


def client():
    """Return a client of the bench's store; it asks MLflow, not the learner's code."""
    import mlflow

    database = Path(os.environ["FLIGHTS_WORKSPACE"]) / "mlflow" / "mlflow.db"
    return mlflow.MlflowClient(f"sqlite:///{database.as_posix()}")


def all_runs():
    """Return every run in the bench's store, the oldest first."""
    asked = client()
    experiments = [each.experiment_id for each in asked.search_experiments()]
    return list(asked.search_runs(experiments, order_by=["attributes.start_time ASC"]))


def all_versions(name: str = "late-flights"):
    """Return every version in the bench's registry, the oldest first, whole."""
    asked = client()
    found = asked.search_model_versions(f"name = '{name}'")
    numbers = sorted(int(each.version) for each in found)
    return [asked.get_model_version(name, str(number)) for number in numbers]
