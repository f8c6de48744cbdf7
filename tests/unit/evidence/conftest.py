"""A project with a real history, its bare remote, and CI records that agree with it."""

import hashlib
import json
import os
import subprocess
from pathlib import Path

import pytest

from widgets.evidence.code import CodeCollector
from widgets.evidence.finding import Finding
from widgets.evidence.repository import Repository
from widgets.maturity import load

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
