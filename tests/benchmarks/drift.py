"""What a drift report costs: the learner's statistics beside evidently's, and beside plain sorting.

Run it with `python lab.py bench drift`. Not a test: a machine that is busy or slow makes nothing
red. Read the ratios: all are to sorting each number column of both tables once. evidently is
measured if it is installed (requirements-optional.txt), with two methods a column as it offers
them: the stability index, and Kolmogorov-Smirnov or Jensen-Shannon.
"""

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module, util

import numpy as np
import pandas as pd

from widgets.base.paths import KIT_ROOT
from widgets.exercise.checker import FLIGHTS

NUMBERS = ["distance", "temp", "dewp", "humid", "wind_speed", "precip", "pressure"]
TEXTS = ["carrier", "origin", "dest"]
ROUNDS = 3


def main() -> int:
    """Measure windows of 10,000 and of a million rows, of ten columns, and print."""
    path = KIT_ROOT / "solutions" / "level_4" / "flights" / "drift.py"
    spec = util.spec_from_file_location("drift", path)
    assert spec and spec.loader
    drift = util.module_from_spec(spec)
    spec.loader.exec_module(drift)
    months = [pd.read_parquet(file)[NUMBERS + TEXTS] for file in sorted(FLIGHTS.glob("*.parquet"))]
    year = pd.concat(months, ignore_index=True).dropna()
    ways: dict[str, Callable[[pd.DataFrame, pd.DataFrame], object]] = {
        "sorting each number column": sort_all,
        "the learner's report (3 statistics)": drift.compare,
    }
    with suppress(ImportError):
        ways["evidently's report (2 statistics)"] = evidently_report()
    for rows in (10_000, 1_000_000):
        reference = year.sample(rows, replace=True, random_state=0).reset_index(drop=True)
        window = year.sample(rows, replace=True, random_state=1).reset_index(drop=True)
        print(
            f"{rows:,} rows in each of two tables, {len(NUMBERS + TEXTS)} columns; best of {ROUNDS}"
        )
        base = 0.0
        for name, report in ways.items():
            seconds = min(timed(report, reference, window) for _ in range(ROUNDS))
            base = base or seconds
            print(f"  {name:36} {seconds:8.3f} s  {seconds / base:6.1f} x", flush=True)
    return 0


def sort_all(reference: pd.DataFrame, window: pd.DataFrame) -> None:
    """Sort what any statistic of order has to sort."""
    for table in (reference, window):
        for name in NUMBERS:
            np.sort(table[name].to_numpy())


def evidently_report() -> Callable[[pd.DataFrame, pd.DataFrame], object]:
    """Return a function that makes evidently's report."""
    os.environ["DO_NOT_TRACK"] = "1"
    # evidently 0.7.23 imports this name for a part that is not used; pandas 3.1 has it no more.
    pd.core.dtypes.common.infer_dtype_from_object = lambda dtype: dtype  # type: ignore[attr-defined]
    library, metrics = import_module("evidently"), import_module("evidently.metrics")
    asked = [metrics.ValueDrift(column=name, method="psi") for name in NUMBERS + TEXTS]
    asked += [metrics.ValueDrift(column=name, method="ks") for name in NUMBERS]
    asked += [metrics.ValueDrift(column=name, method="jensenshannon") for name in TEXTS]
    both = library.DataDefinition(numerical_columns=NUMBERS, categorical_columns=TEXTS)

    def report(reference: pd.DataFrame, window: pd.DataFrame) -> object:
        data = (library.Dataset.from_pandas(each, both) for each in (window, reference))
        return library.Report(asked).run(*data).dict()

    return report


def timed(
    report: Callable[[pd.DataFrame, pd.DataFrame], object],
    reference: pd.DataFrame,
    window: pd.DataFrame,
) -> float:
    """Return the seconds that a report takes."""
    began = time.perf_counter()
    report(reference, window)
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
