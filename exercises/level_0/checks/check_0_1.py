"""Exercise 0.1: the notebook gives its number again, in any kernel, as often as one likes."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import _judge_0_1 as judge
import pandas as pd
import pytest
from _kernels import Run, code_cells, run_three

NOTEBOOK = Path("analysis") / "delays.ipynb"
_done: dict[Path, dict[str, Run]] = {}  # the runs of this check: made once, judged by each test


def names_are_defined(project: Path) -> None:
    """Fail at once where a run would fail anyway, after some seconds."""
    cells = code_cells(project / NOTEBOOK)
    try:
        judge.judge_names(cells)
    except AssertionError:
        raise AssertionError("Not run yet: first each cell needs its names above it.") from None


@pytest.fixture
def runs(
    project: Path, workspace: Path, kit_flights: Path, say: Callable[[str], None]
) -> dict[str, Run]:
    names_are_defined(project)
    if project not in _done:
        say(
            "Running the notebook in three fresh kernels: as it is, every cell twice, half the data"
        )
        scratch = Path(tempfile.mkdtemp(dir=workspace))
        _done[project] = run_three(project / "analysis", kit_flights, scratch)
    return _done[project]


def shares_of_late(flights: Path) -> dict[str, float]:
    """Return January's share of late flights, by the way in which a notebook comes to it."""
    months = {month: pd.read_parquet(flights / f"2013-{month}.parquet") for month in ("01", "02")}
    known = months["01"].dropna(subset=["arr_delay"])
    once = known[known["arr_delay"] < known["arr_delay"].quantile(0.98)]
    twice = once[once["arr_delay"] < once["arr_delay"].quantile(0.98)]
    both = pd.concat(months.values()).dropna(subset=["arr_delay"])
    every = months["01"]
    shares = {
        "January": (known["arr_delay"] > 15).mean(),
        "January, outliers out once": (once["arr_delay"] > 15).mean(),
        "when the outliers are thrown out twice": (twice["arr_delay"] > 15).mean(),
        "with January and February": (both["arr_delay"] > 15).mean(),
        "when cancelled flights count as on time": (every["arr_delay"] > 15).mean(),
    }
    for minutes in (0, 5, 10, 20, 30, 45, 60):
        shares[f"with LATE_AFTER = {minutes}"] = (once["arr_delay"] > minutes).mean()
        shares[f"with LATE_AFTER = {minutes} and all rows"] = (known["arr_delay"] > minutes).mean()
    return {way: float(share) for way, share in shares.items()}


def test_names(project: Path) -> None:
    """No cell needs a name that a later cell, or no cell at all, defines."""
    judge.judge_names(code_cells(project / NOTEBOOK))


def test_runs_from_top_to_bottom(runs: dict[str, Run]) -> None:
    """The notebook runs from top to bottom in a fresh kernel."""
    judge.judge_completed(runs)


def test_prints_late_and_answer(runs: dict[str, Run], kit_flights: Path) -> None:
    """It prints `late: …` (January's share of late flights) and `answer: …` (the score)."""
    judge.judge_late(runs, shares_of_late(kit_flights))


def test_two_kernels_agree(runs: dict[str, Run], project: Path) -> None:
    """Two fresh kernels give the same answer."""
    judge.judge_agreement(runs, code_cells(project / NOTEBOOK))


def test_cells_may_run_twice(runs: dict[str, Run], project: Path) -> None:
    """Running any cell a second time changes nothing."""
    judge.judge_repeated_cells(runs, code_cells(project / NOTEBOOK))


def test_answer_is_computed(runs: dict[str, Run]) -> None:
    """The answer is computed from the files in ../../data, not typed in."""
    judge.judge_computed(runs)
