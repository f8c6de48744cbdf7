"""How long one run of the learner's pipeline takes, part by part, beside the bare fit.

Run it with `python lab.py bench pipeline`. Not a test: a machine that is busy or slow makes
nothing red. Read the ratios: all are to the bare fit of the same data, in the same process.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from widgets.base.paths import KIT_ROOT, Layout
from widgets.exercise.checker import FLIGHTS
from widgets.mlflow_ui.store import QUIET, ensure_store

MONTHS = ("2013-01", "2013-02", "2013-03")  # what has landed in Level 2
ROUNDS = 5
Seconds = dict[str, list[float]]


def main() -> int:
    """Measure in a fresh workspace with the solved project, and print."""
    with tempfile.TemporaryDirectory(prefix="a bench ", ignore_cleanup_errors=True) as scratch:
        layout = Layout(Path(scratch).resolve() / "workspace")
        make_workspace(layout)
        os.environ |= QUIET | {"FLIGHTS_WORKSPACE": str(layout.root)}
        os.environ.pop("MLFLOW_TRACKING_URI", None)
        began = time.monotonic()
        subprocess.run(
            [sys.executable, "-m", "flights.pipeline"],
            cwd=layout.project,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        command = time.monotonic() - began
        sys.path.insert(0, str(layout.project))
        seconds: Seconds = defaultdict(list)
        for _ in range(ROUNDS):
            one_round(layout.project, seconds)
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    medians["together"] = sum(medians.values()) - medians["bare fit"]
    medians["`python -m flights.pipeline`, once"] = command
    print(f"One run on {', '.join(MONTHS)}, median of {ROUNDS}; × is to the bare fit\n")
    for name, median in medians.items():
        print(f"  {name:36} {median:7.3f} s  {median / medians['bare fit']:6.2f} ×")
    return 0


def make_workspace(layout: Layout) -> None:
    """Lay out a workspace: the solved project, committed, the months, MLflow's database."""
    for level in ("level_1", "level_2"):
        shutil.copytree(KIT_ROOT / "solutions" / level, layout.project, dirs_exist_ok=True)
    (layout.project / ".gitignore").write_text("__pycache__/\n", encoding="utf-8")
    who = ["-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "commit.gpgSign=0"]
    for words in (["init", "-q"], ["add", "--all"], ["commit", "-qm", "Solved"]):
        subprocess.run(["git", *who, *words], cwd=layout.project, check=True)
    layout.data.mkdir(parents=True)
    for month in MONTHS:
        shutil.copyfile(FLIGHTS / f"{month}.parquet", layout.data / f"{month}.parquet")
    ensure_store(layout)


def one_round(project: Path, seconds: Seconds) -> None:
    """Go through the pipeline's steps as `run_pipeline` does, and add the time of each."""
    names = ("code", "contract", "features", "pipeline", "settings", "tracking", "train")
    own = {name: import_module(f"flights.{name}") for name in names}
    training, measure = import_module("flights.training"), import_module("flights.measure")
    settings = own["settings"].read_settings(project)
    own["pipeline"].connect(settings)
    with timed("ingest", seconds):
        months = own["pipeline"].ingest(settings)
    with timed("validate", seconds):
        flights = own["contract"].check_months(months)
    past, last_days = own["train"].split_by_date(flights)
    known = own["features"].labelled(past)
    inputs, late = own["features"].build_features(known), own["features"].is_late(known)
    with timed("bare fit", seconds):
        model = own["train"].build_pipeline().fit(inputs, late)
    with timed("evaluate", seconds):
        measure.measure(model, last_days)
    began = time.perf_counter()
    trained = training.train_and_measure(flights)
    both = time.perf_counter() - began
    seconds["train (features and fit)"].append(both - seconds["evaluate"][-1])
    with timed("data digest and code version", seconds):
        code, digest = own["code"].code_version(project), own["tracking"].data_digest(flights)
    labels = own["tracking"].tags(settings, code, digest, "manual")
    with timed("log (run, data sets, model)", seconds):
        run_id = own["tracking"].log_training(trained, labels, settings)
    with timed("register", seconds):
        own["pipeline"].register(run_id, labels, settings)


@contextmanager
def timed(name: str, seconds: Seconds) -> Iterator[None]:
    """Add the seconds of a block to those of a part."""
    began = time.perf_counter()
    yield
    seconds[name].append(time.perf_counter() - began)


if __name__ == "__main__":
    sys.exit(main())
