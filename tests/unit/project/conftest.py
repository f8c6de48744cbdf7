"""Repositories as teams have them, made with git itself."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from widgets.mlflow_ui.store import copy_empty


@pytest.fixture
def git(tmp_path: Path) -> Callable[..., str]:
    """Return a function that runs git in the repository `tmp_path/team`."""
    folder = tmp_path / "team"
    folder.mkdir()
    clean = {key: value for key, value in os.environ.items() if key[:4] != "GIT_"}

    def run(*words: str, day: int = 1) -> str:
        when = f"2026-03-{day:02}T12:00:00+00:00"
        env = clean | {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
        who = ("-c", "user.name=ada", "-c", "user.email=ada@example.org")
        return subprocess.check_output(["git", *who, *words], cwd=folder, env=env, text=True)

    run("init", "--quiet", "--initial-branch=main")
    return run


@pytest.fixture
def commit(git: Callable[..., str], tmp_path: Path) -> Callable[..., str]:
    """Return a function that writes files, commits them on a day, and returns the commit."""

    def make(day: int = 1, **files: str) -> str:
        for name, text in files.items():
            path = tmp_path / "team" / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        git("add", "--all")
        git("commit", "--quiet", "--message", "work", day=day)
        return git("rev-parse", "HEAD").strip()

    return make


@pytest.fixture(scope="session")
def database(tmp_path_factory):
    """Return an empty database of this MLflow."""
    file = tmp_path_factory.mktemp("empty") / "mlflow.db"
    copy_empty(file)
    return file
