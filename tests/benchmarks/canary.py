"""A hundred canaries under load: what fails, and what an answer costs while two models are loaded.

Run it with `python lab.py bench canary`. Not a test: a machine that is busy or slow makes nothing
red. Read the ratios: they are to the same load on the same server before the first canary.
"""

import io
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tests.benchmarks.pipeline import make_workspace
from tests.benchmarks.serving import Answered, Way, ask, ours, register_two
from widgets.base.paths import KIT_ROOT, Layout
from widgets.exercise.checker import FLIGHTS
from widgets.mlflow_ui.store import QUIET

CANARIES = 100
CLIENTS = 4


def main() -> int:
    """Measure in a fresh workspace with the solved project, and print."""
    with tempfile.TemporaryDirectory(prefix="a bench ", ignore_cleanup_errors=True) as scratch:
        layout = Layout(Path(scratch).resolve() / "workspace")
        make_workspace(layout)
        for level in ("level_3", "level_4"):
            shutil.copytree(KIT_ROOT / "solutions" / level, layout.project, dirs_exist_ok=True)
        os.environ |= QUIET | {"FLIGHTS_WORKSPACE": str(layout.root), "GIT_CEILING_DIRECTORIES": ""}
        os.environ.pop("MLFLOW_TRACKING_URI", None)
        sys.path.insert(0, str(layout.project))
        settings = register_two(layout)
        for number in ("1", "2"):
            version = import_module("flights.registry").find(number, settings)
            import_module("flights.release").seal(version, settings)
        flights = pd.read_parquet(FLIGHTS / "2013-04.parquet").head(2000)
        with ours(layout) as way:
            ask(way, flights, 1, 1, 50)  # warm
            alone = under_load(way, flights, lambda: time.sleep(15))
            took: list[float] = []
            with redirect_stdout(io.StringIO()):  # each step of a rollout says so
                tried = under_load(way, flights, lambda: walk_all(settings, took))
    show("one model", alone, alone)
    show(f"{CANARIES} canaries", tried, alone)
    print(f"  a canary from 10 % over 50 % to all: {np.median(took):.2f} s (median)")
    return 0


def walk_all(settings: Any, took: list[float]) -> None:
    """Let the two versions take turns: each walks from 10 % of the flights to all of them."""
    rollout = import_module("flights.rollout")
    for number in range(CANARIES):
        candidate, serving = 2 - number % 2, 1 + number % 2
        began = time.perf_counter()
        tried = rollout.begin("canary", candidate, serving, (0.1, 0.5), settings)
        rollout.put(replace(tried, step=1), settings)
        rollout.promote(tried, "a benchmark", settings)
        took.append(time.perf_counter() - began)


def under_load(way: Way, flights: pd.DataFrame, act: Callable[[], None]) -> Answered:
    """Return what clients were answered, as fast as they could ask, while something was done."""
    over = threading.Event()
    found: list[Answered] = []

    def load() -> None:
        while not over.is_set():
            found.append(ask(way, flights, 1, 1, 50))

    clients = [threading.Thread(target=load) for _ in range(CLIENTS)]
    began = time.perf_counter()
    for client in clients:
        client.start()
    try:
        act()
    finally:
        over.set()
        for client in clients:
            client.join()
    times = np.concatenate([each.times for each in found])
    return Answered(times, sum(each.failed for each in found), time.perf_counter() - began)


def show(name: str, found: Answered, base: Answered) -> None:
    """Print a line of the table."""
    ratio = np.median(found.times) / np.median(base.times)
    failed = f"{found.failed} of {len(found.times)} requests failed"
    print(f"  {name:14} {found}  {ratio:4.1f} x  {failed}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
