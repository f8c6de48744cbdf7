"""A small project, an origin and a pusher: real git, real hooks, in a folder with spaces."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from widgets.forge.origin import make_origin

WORKFLOW = """name: ci
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - name: Tests
        run: python -m pytest -q tests
"""
CODE = "def double(x):\n    return 2 * x\n"
TEST = """from code_under_test import double


def test_it_doubles():
    assert double(2) == 4
"""


@dataclass(frozen=True)
class Pusher:
    """A person with a project and its origin."""

    project: Path
    origin: Path

    def write(self, path: str, text: str) -> None:
        file = self.project / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def git(self, *words: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess:
        clean = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}
        who = {"GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org"}
        who |= {"GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org"}
        return subprocess.run(
            ["git", "-C", str(self.project), *words],
            env=clean | who | (env or {}),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
        )

    def commit(self, message: str) -> str:
        assert self.git("add", "-A").returncode == 0
        done = self.git("commit", "--quiet", "--allow-empty", "-m", message)
        assert done.returncode == 0, done.stderr
        return self.git("rev-parse", "HEAD").stdout.strip()

    def push(self, refspec: str, *options: str) -> subprocess.CompletedProcess:
        return self.git("push", *options, "origin", refspec)


@pytest.fixture
def pusher(tmp_path: Path) -> Pusher:
    root = tmp_path / "a learner's folder"
    someone = Pusher(root / "project", root / "origin.git")
    make_origin(someone.origin)
    someone.project.mkdir()
    someone.git("init", "--quiet", "-b", "main")
    someone.git("remote", "add", "origin", "../origin.git")
    someone.write(".github/workflows/ci.yml", WORKFLOW)
    someone.write("code_under_test.py", CODE)
    someone.write("tests/test_code.py", TEST)
    someone.write("requirements.txt", "pytest==0.1\nnumpy>=1\nnot-installed==1.0\n")
    return someone
