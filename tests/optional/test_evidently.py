"""The learner's drift statistics beside those of evidently, on the same flights.

The statistics only: what evidently makes of them (a fixed threshold) is what exercise 4.1 argues
against. Not part of `lab.py test`: it needs what stands in requirements-optional.txt.
"""

import importlib.util
import os
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstwo

os.environ["DO_NOT_TRACK"] = "1"
# evidently 0.7.23 imports this name for a part that is not used here; pandas 3.1 has it no more.
pd.core.dtypes.common.infer_dtype_from_object = lambda dtype: dtype  # type: ignore[attr-defined]

from evidently import DataDefinition, Dataset, Report  # noqa: E402
from evidently.metrics import OutListValueCount, OutRangeValueCount, ValueDrift  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
FLIGHTS = ROOT / "widgets" / "world" / "flights"
NUMBERS = ["distance", "temp", "dewp", "humid", "wind_speed", "precip", "pressure", "visib"]
TEXTS = ["carrier", "origin", "dest"]


@pytest.fixture(scope="module")
def drift() -> ModuleType:
    """Return the solution's `flights/drift.py`: it needs NumPy and pandas, and nothing else."""
    path = ROOT / "solutions" / "level_4" / "flights" / "drift.py"
    spec = importlib.util.spec_from_file_location("drift", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def month(name: str) -> pd.DataFrame:
    flights = pd.read_parquet(FLIGHTS / f"2013-{name}.parquet")[NUMBERS + TEXTS]
    return flights.dropna().reset_index(drop=True)


@pytest.fixture(scope="module")
def reference() -> pd.DataFrame:
    return pd.concat([month("01"), month("02"), month("03")], ignore_index=True)


@pytest.fixture(scope="module", params=["01", "05", "07"])
def window(request) -> pd.DataFrame:
    """Return a month of the reference itself, one that is near, and the summer."""
    return month(request.param)


def evidently(reference: pd.DataFrame, window: pd.DataFrame, metrics: list) -> list[object]:
    """Return the value of each metric."""
    numbers = [name for name in reference if pd.api.types.is_numeric_dtype(reference[name])]
    texts = [name for name in reference if name not in numbers]
    both = DataDefinition(numerical_columns=numbers, categorical_columns=texts)
    data = (Dataset.from_pandas(each, data_definition=both) for each in (window, reference))
    return [each["value"] for each in Report(metrics).run(*data).dict()["metrics"]]


def binned(drift: ModuleType, reference: pd.Series, column: pd.Series) -> pd.Series:
    """Return the bin of each number as a text: evidently would cut at other places."""
    cut = np.searchsorted(drift.inner_deciles(reference), column, side="right")
    return pd.Series(cut).astype(str)


def test_the_stability_index_is_the_same_in_the_same_bins(drift, reference, window):
    theirs_of, ours = {}, {}
    for name in (*NUMBERS, *TEXTS):
        r, w = reference[name], window[name]
        ours[name] = drift.population_stability(r, w)
        if name in NUMBERS:
            r, w = binned(drift, reference[name], r), binned(drift, reference[name], w)
        theirs_of[name] = (r, w)
    asked = [ValueDrift(column=name, method="psi") for name in ours]
    tables = [
        pd.DataFrame({name: pair[place] for name, pair in theirs_of.items()}) for place in (0, 1)
    ]
    theirs = dict(zip(ours, evidently(*tables, asked), strict=True))
    # They replace an empty bin by another small share than we do, and a tiny one by none.
    alike = {
        name: value
        for name, value in ours.items()
        if min(map(min, drift.shares(reference[name], window[name]))) > drift.EMPTY
    }
    assert len(alike) >= 7  # a summer is warmer than any winter: bins of it are empty
    assert alike == {name: pytest.approx(float(theirs[name]), rel=1e-9) for name in alike}


def test_the_distance_of_numbers_leads_to_their_p_value(drift, reference, window):
    few = window.sample(300, random_state=0)
    theirs = evidently(reference, few, [ValueDrift(column=name, method="ks") for name in NUMBERS])
    effective = len(reference) * len(few) / (len(reference) + len(few))
    ours = [
        kstwo.sf(drift.distance(reference[name], few[name]), round(effective)) for name in NUMBERS
    ]
    assert ours == pytest.approx([float(value) for value in theirs], rel=1e-6, abs=1e-12)


def test_what_lies_outside_is_the_same_share(drift, reference, window):
    asked = []
    for name in NUMBERS:
        low, high = np.quantile(reference[name], drift.RANGE)
        asked.append(OutRangeValueCount(column=name, left=low, right=high))
    asked += [
        OutListValueCount(column=name, values=list(reference[name].unique())) for name in TEXTS
    ]
    theirs = [float(value["share"]) for value in evidently(reference, window, asked)]
    ours = [drift.outside(reference[name], window[name]) for name in (*NUMBERS, *TEXTS)]
    assert ours == pytest.approx(theirs, abs=1e-12)
