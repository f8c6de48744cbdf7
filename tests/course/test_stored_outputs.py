"""The outputs that readers see are those of the code: nbval compares them, strictly."""

import json
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from widgets.base.paths import Layout
from widgets.exercise.definition import load_catalogue

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
pytestmark = pytest.mark.slow


def test_the_notebooks_give_their_stored_outputs_and_the_exercises_leave_what_they_say(tmp_path):
    # One test, because the course from its first cell to its last takes minutes.
    layout = Layout(tmp_path / "a workspace é")
    words = ["--nbval", "--nbval-sanitize-with", str(HERE / "sanitize.cfg"), "-p no:cacheprovider"]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *words, "notebooks"],
        cwd=ROOT,
        env=os.environ | {"MATURITY_WORKSPACE": str(layout.root), "MATURITY_SOLVE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-6000:]
    assert " skipped" not in ended.stdout.splitlines()[-1]
    told = [exercise.leaves for exercise in load_catalogue().exercises]
    assert left_in(layout) == sum_of(told)
    aliases = {name for leaves in told for name in leaves.get("aliases", ())}
    assert rows(layout, "registered_model_aliases") == len(aliases)


def sum_of(told: Iterable[Mapping[str, object]]) -> Counter[str]:
    """Return what the exercises together say they leave."""
    wanted: Counter[str] = Counter()
    for leaves in told:
        wanted.update({name: n for name, n in leaves.items() if isinstance(n, int)})
    return wanted


def left_in(layout: Layout) -> dict[str, int]:
    """Return what is counted in a workspace."""
    words = ["git", "rev-list", "--count", "main"]
    counted = subprocess.run(words, cwd=layout.origin, capture_output=True, check=True)
    return {
        "commits": int(counted.stdout),
        "runs": rows(layout, "runs"),
        "versions": rows(layout, "model_versions"),
        "decisions": rows(layout, "model_version_tags WHERE key = 'gate.decision'"),
        "deployments": done(layout, "deploy"),
        "rollbacks": done(layout, "rollback"),
    }


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
