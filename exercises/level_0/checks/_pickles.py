"""What the colleague's three files can prove, read out of them and compared with the months."""

import pickle
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

NAMES = ("model.pkl", "model_final.pkl", "model_final_v2.pkl")
MONTHS = ("january", "february")


@dataclass(frozen=True)
class Evidence:
    """What one file tells about how it came about; None where it tells nothing."""

    c: float
    rows: int | None
    pressure: float | None
    """The mean pressure of the training rows in hPa, kept by the scaler."""


@dataclass(frozen=True)
class Month:
    """What a month's flights with a known arrival look like."""

    rows: int
    pressure: float


def read_evidence(path: Path) -> Evidence:
    """Load a pickle and return what is in it. Loading runs code: these files are the kit's own."""
    model = pickle.loads(path.read_bytes())
    (regression,) = _parts(model, LogisticRegression)
    scalers = _parts(model, StandardScaler)
    if not scalers:
        return Evidence(c=float(regression.C), rows=None, pressure=None)
    columns = next(columns for name, _, columns in model[0].transformers_ if name == "numbers")
    scaler = scalers[0]
    return Evidence(
        c=float(regression.C),
        rows=int(scaler.n_samples_seen_),
        pressure=float(scaler.mean_[list(columns).index("pressure")]),
    )


@cache
def months(flights: Path) -> dict[str, Month]:
    """Return January, February and ``both`` as the files of flights show them."""
    frames = [
        pd.read_parquet(flights / f"2013-0{number}.parquet", columns=["arr_delay", "pressure"])
        for number in (1, 2)
    ]
    named = zip((*MONTHS, "both"), (*frames, pd.concat(frames)), strict=True)
    known = {name: frame.dropna(subset=["arr_delay"]) for name, frame in named}
    return {
        name: Month(rows=len(frame), pressure=float(frame["pressure"].mean()))
        for name, frame in known.items()
    }


def months_of(evidence: Evidence, known: dict[str, Month]) -> frozenset[str]:
    """Return the months that a file's rows can only come from; empty if it cannot be known."""
    if evidence.rows is None or evidence.pressure is None:
        return frozenset()
    pressure = evidence.pressure
    nearest = min(known, key=lambda name: abs(known[name].pressure - pressure))
    return frozenset(MONTHS if nearest == "both" else {nearest})


def _parts(model: BaseEstimator, kind: type) -> list[Any]:
    """Return the fitted steps of a kind inside pipelines and column transformers."""
    found, waiting = [], [model]
    while waiting:
        part = waiting.pop()
        if isinstance(part, kind):
            found.append(part)
        waiting += [step for _, step in getattr(part, "steps", [])]
        waiting += [step for _, step, _ in getattr(part, "transformers_", [])]
    return found
