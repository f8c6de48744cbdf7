"""The sweep's own lines on threads, on processes and on a Dask cluster: the same figures.

Not part of `lab.py test`: it needs what stands in requirements-optional.txt. Dask, not Ray, because
it is a tenth of the size and starts in a quarter of the time (CONTRIBUTING.md has the figures).
"""

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import joblib
import pandas as pd
import pytest
from distributed import Client, LocalCluster

ROOT = Path(__file__).resolve().parents[2]
MONTHS = sorted((ROOT / "widgets" / "world" / "flights").glob("2013-0[12].parquet"))
EVERY = 8  # of the flights: seven models in seconds


@pytest.fixture(scope="module")
def sweep(tmp_path_factory) -> Iterator[object]:
    """Return the module `flights.sweep` of the solved project."""
    project = tmp_path_factory.mktemp("project")
    for level in ("level_1", "level_2"):
        shutil.copytree(
            ROOT / "solutions" / level / "flights", project / "flights", dirs_exist_ok=True
        )
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(project))
        patch.setenv("PYTHONPATH", str(project))  # for processes that are started
        import flights.sweep

        yield flights.sweep


@pytest.fixture(scope="module")
def flights() -> pd.DataFrame:
    return pd.concat([pd.read_parquet(file).iloc[::EVERY] for file in MONTHS], ignore_index=True)


@pytest.fixture(scope="module")
def on_one_core(sweep, flights) -> dict[str, dict[str, float]]:
    return figures(sweep.run_sweep(flights))


def figures(trainings) -> dict[str, dict[str, float]]:
    """Return all measures of each model."""
    return {name: training.measures.overall for name, training in trainings.items()}


def same(found, wanted) -> bool:
    return list(found) == list(wanted) and all(
        found[name] == pytest.approx(wanted[name], rel=1e-9) for name in wanted
    )


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_two_at_once_on_this_machine_come_to_the_same_figures(sweep, flights, on_one_core, backend):
    with joblib.parallel_config(backend):
        assert same(figures(sweep.run_sweep(flights, jobs=2)), on_one_core)


def clusters() -> dict[str, AbstractContextManager]:
    """Return the cluster of the notebook's cell, and one whose workers are processes."""
    return {
        "in this process": lambda: Client(processes=False, dashboard_address=None),
        "of processes": lambda: Client(
            LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
        ),
    }


@pytest.mark.parametrize("kind", clusters())
def test_a_dask_cluster_comes_to_the_same_figures(sweep, flights, on_one_core, kind):
    with clusters()[kind]() as client, joblib.parallel_config("dask"):
        found = figures(sweep.run_sweep(flights))
        # joblib falls back to this process without a word if it does not find the cluster
        ran = client.run_on_scheduler(lambda dask_scheduler: dask_scheduler.transition_counter)
    assert same(found, on_one_core)
    assert ran > 0
