"""One training, and all that is worth writing down about it. Nothing here writes anything."""

import time
from dataclasses import dataclass

import pandas as pd
from sklearn.pipeline import Pipeline

from flights.features import NEW_YORK, build_features, is_late, labelled
from flights.measure import Measures, measure
from flights.train import build_pipeline, split_by_date


@dataclass(frozen=True)
class Training:
    """What one training took and what came of it.

    Attributes
    ----------
    model : Pipeline
        The fitted model.
    past, last_days : DataFrame
        The flights that trained it, and those that judged it.
    measures : Measures
        How good it was on the judging days.
    fit_seconds : float
        How long the fit took.
    """

    model: Pipeline
    past: pd.DataFrame
    last_days: pd.DataFrame
    measures: Measures
    fit_seconds: float


def train_and_measure(flights: pd.DataFrame, model: Pipeline | None = None) -> Training:
    """Fit a model (default: the project's) on all but the last seven days; measure it on those."""
    past, last_days = split_by_date(flights)
    features, late = learnable(past)
    started = time.perf_counter()
    fitted = (model or build_pipeline()).fit(features, late)
    seconds = time.perf_counter() - started
    return Training(fitted, past, last_days, measure(fitted, last_days), seconds)


def learnable(flights: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Return features and labels of the flights that arrived."""
    known = labelled(flights)  # it goes when this function ends: the fit needs the memory
    return build_features(known), is_late(known)


def train_each_week(flights: pd.DataFrame, last_days: pd.DatetimeIndex) -> pd.DataFrame:
    """Return the measures of one recipe, trained anew for each week that ends on a last day.

    Each training sees only what lies before its judging week. One row a week, named by its date.
    """
    rows = {}
    for last in last_days.tz_localize(NEW_YORK):
        seen = flights[flights["scheduled_at"] < last + pd.Timedelta(days=1)]
        rows[last.date()] = train_and_measure(seen).measures.overall
    return pd.DataFrame(rows).T


def parameters(training: Training) -> dict[str, object]:
    """Return what somebody must know to train this model again."""
    estimator = training.model[-1]
    days = {"train": training.past, "judge": training.last_days}
    return {
        "model": type(estimator).__name__,
        **estimator.get_params(),
        **{
            f"{name}_{end}": day(rows, end) for name, rows in days.items() for end in ("from", "to")
        },
    }


def day(flights: pd.DataFrame, end: str) -> str:
    """Return the date, New York's, of the first ("from") or last ("to") of some flights."""
    times = flights["scheduled_at"]
    moment = times.min() if end == "from" else times.max()
    return str(moment.tz_convert(NEW_YORK).date())
