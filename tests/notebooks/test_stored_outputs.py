"""The outputs that readers see are those of the code: nbval compares them, strictly."""

import json
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from widgets.base.paths import Layout
from widgets.exercise.definition import load_catalogue

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("solved")]


@dataclass(frozen=True)
class Solved:
    """The course from its first cell to its last: what nbval said, and the workspace after it."""

    code: int
    said: str
    layout: Layout


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Solved:
    layout = Layout(tmp_path_factory.mktemp("solved") / "a workspace é")
    words = ["--nbval", "--nbval-sanitize-with", str(HERE / "sanitize.cfg"), "-p no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words, "notebooks"],
        cwd=ROOT,
        env=os.environ | {"MATURITY_WORKSPACE": str(layout.root), "MATURITY_SOLVE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Solved(done.returncode, done.stdout, layout)


def test_the_notebooks_give_their_stored_outputs_in_a_solved_workspace(solved):
    assert solved.code == 0, solved.said[-6000:]
    assert " skipped" not in solved.said.splitlines()[-1]


def test_the_exercises_leave_what_they_say(solved):
    told = [exercise.leaves for exercise in load_catalogue().exercises]
    wanted = Counter()
    for leaves in told:
        wanted.update({name: n for name, n in leaves.items() if isinstance(n, int)})
    words = ["git", "rev-list", "--count", "main"]
    counted = subprocess.run(words, cwd=solved.layout.origin, capture_output=True, check=True)
    assert wanted == {
        "commits": int(counted.stdout),
        "runs": rows(solved.layout, "runs"),
        "versions": rows(solved.layout, "model_versions"),
        "decisions": rows(solved.layout, "model_version_tags WHERE key = 'gate.decision'"),
        "deployments": done(solved.layout, "deploy"),
        "rollbacks": done(solved.layout, "rollback"),
    }
    aliases = {name for leaves in told for name in leaves.get("aliases", ())}
    assert rows(solved.layout, "registered_model_aliases") == len(aliases)


def done(layout: Layout, kind: str) -> int:
    """Return how many change-overs of a kind have come to their end."""
    lines = layout.events_log.read_text(encoding="utf-8").splitlines()
    events = [json.loads(line) for line in lines]
    return sum(event["kind"] == kind and event["step"] == "done" for event in events)


def rows(layout: Layout, table: str) -> int:
    """Return how many rows a table of MLflow's database has."""
    with closing(sqlite3.connect(layout.mlflow_db)) as opened:
        (number,) = opened.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(number)
