"""The outputs that readers see are those of the code: nbval compares them, strictly.

Each run leaves out the year of Level 4, which takes minutes; `--soak` runs all.
"""

import json
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import nbformat
import pytest

from widgets.base.paths import Layout
from widgets.exercise.definition import load_catalogue

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
# The year and the incident in the loop take minutes, and the others show what the year has proved.
OF_THE_YEAR = {
    "notebooks/level_4_full_mlops.ipynb": (
        *("l4-year-run", "l4-year-figure", "l4-year-table"),
        *("l4-again-run", "l4-evidence-table", "l4-diagram-end"),
    ),
    "notebooks/your_own_project.ipynb": ("own-climb",),
}
pytestmark = pytest.mark.slow


def test_without_the_year_the_notebooks_give_their_stored_outputs(tmp_path):
    # One test, because the course from its first cell on takes minutes.
    left_out = cells_of_the_year()
    layout, verdict = compare(tmp_path, left_out)
    assert f" {len(left_out)} deselected" in verdict
    told = [exercise.leaves for exercise in load_catalogue().exercises]
    assert left_in(layout) == sum_of(told)
    aliases = {name for leaves in told for name in leaves.get("aliases", ())}
    assert rows(layout, "registered_model_aliases") == len(aliases)


@pytest.mark.soak
def test_all_notebooks_give_their_stored_outputs(tmp_path):
    compare(tmp_path)


def compare(tmp_path: Path, without: Sequence[str] = ()) -> tuple[Layout, str]:
    """Let nbval run the notebooks in a fresh workspace, solving each exercise, without some cells.

    Return the workspace, and the last line of what was said.
    """
    words = [word for cell in without for word in ("--deselect", cell)]
    layout = Layout(tmp_path / "a workspace é")
    nbval = ["--nbval", "--nbval-sanitize-with", str(HERE / "sanitize.cfg"), "-p no:cacheprovider"]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *nbval, *words, "notebooks"],
        cwd=ROOT,
        env=os.environ | {"MATURITY_WORKSPACE": str(layout.root), "MATURITY_SOLVE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-6000:]
    verdict = ended.stdout.splitlines()[-1]
    assert " skipped" not in verdict
    return layout, verdict


def cells_of_the_year() -> list[str]:
    """Return nbval's names of the cells that only `--soak` compares."""
    return [name for book, ids in OF_THE_YEAR.items() for name in names_of(book, ids)]


def names_of(notebook: str, ids: Sequence[str]) -> list[str]:
    """Return nbval's names of some code cells."""
    book = nbformat.read(ROOT / notebook, as_version=4)
    there = [cell.id for cell in book.cells if cell.cell_type == "code"]
    return [f"{notebook}::Cell {there.index(name)}" for name in ids]


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
