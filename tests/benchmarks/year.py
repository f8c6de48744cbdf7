"""What a year on its own costs, beside the bare trainings in it.

Run it with `python lab.py bench year`. Not a test: a machine that is busy or slow makes nothing
red. Read the ratio: it is to fitting again, in this process, each model that was trained in the
year, on the same flights.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

import pandas as pd

from widgets.base.paths import KIT_ROOT, Layout
from widgets.exercise.checker import FLIGHTS
from widgets.kit import Kit
from widgets.mlflow_ui.store import QUIET

WHO = ("-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "commit.gpgSign=0")


def main() -> int:
    """Let a year run with the solved project, and print."""
    with tempfile.TemporaryDirectory(prefix="a bench ", ignore_cleanup_errors=True) as scratch:
        layout = Layout(Path(scratch).resolve() / "workspace")
        os.environ |= QUIET
        make_origin(layout)
        began = time.perf_counter()
        state = Kit(layout).year(lambda progress: None)
        wall = time.perf_counter() - began
        trained = bare_trainings(layout)
    print(f"the year: {state.requests:,} requests, {state.failed:,} failed")
    print(f"  all of it                    {wall:7.1f} s  {wall / sum(trained):6.1f} x")
    print(f"  its {len(trained)} trainings, bare fits   {sum(trained):7.1f} s     1.0 x")
    return 0


def make_origin(layout: Layout) -> None:
    """Make an origin whose main is the solved project of all levels."""
    work = layout.root / "work"
    for level in range(1, 5):
        shutil.copytree(KIT_ROOT / "solutions" / f"level_{level}", work, dirs_exist_ok=True)
    (work / ".gitignore").write_text("__pycache__/\n", encoding="utf-8")
    for words in (["init", "-q", "-b", "main"], ["add", "--all"], ["commit", "-qm", "Solved"]):
        subprocess.run(["git", *WHO, *words], cwd=work, check=True)
    clone = ["git", "clone", "-q", "--bare", str(work), str(layout.origin)]
    subprocess.run(clone, check=True)


def bare_trainings(layout: Layout) -> list[float]:
    """Fit again what the year has trained; return the seconds of each fit."""
    sys.path.insert(0, str(layout.year.project))
    mlflow = import_module("mlflow")
    features, train = import_module("flights.features"), import_module("flights.train")
    mlflow.set_tracking_uri(layout.year.tracking_uri)
    months = [pd.read_parquet(file) for file in sorted(FLIGHTS.glob("*.parquet"))]
    flights = features.labelled(pd.concat(months, ignore_index=True))
    day = flights["scheduled_at"].dt.tz_convert("America/New_York").dt.date.astype(str)
    seconds = []
    for run in mlflow.search_runs(experiment_names=["late-flights"], output_format="list"):
        period = run.data.params
        known = flights[(day >= period["train_from"]) & (day <= period["train_to"])]
        inputs, late = features.build_features(known), features.is_late(known)
        began = time.perf_counter()
        train.build_pipeline().fit(inputs, late)
        seconds.append(time.perf_counter() - began)
    return seconds


if __name__ == "__main__":
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    sys.exit(main())
