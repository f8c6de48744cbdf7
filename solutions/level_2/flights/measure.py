"""How good a model is, in the same figures for every run."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
from sklearn.pipeline import Pipeline

from flights.features import NEW_YORK, build_features, is_late, labelled

BINS = 10


@dataclass(frozen=True)
class Measures:
    """The figures of one model on one set of flights.

    Attributes
    ----------
    overall : dict
        `log_loss`, `brier`, `calibration_error` (lower is better), `roc_auc` (higher is better),
        `late_share`, `predicted_share`, `rows`; and the first four for each airport,
        `log_loss_JFK` for example.
    by_day : dict
        The log loss of each day, by its date (New York's).
    """

    overall: dict[str, float]
    by_day: dict[str, float]


def measure(model: Pipeline, flights: pd.DataFrame) -> Measures:
    """Return how well `model` foretold which of `flights` were late."""
    known = labelled(flights)
    scored = pd.DataFrame(
        {
            "late": is_late(known),
            "probability": model.predict_proba(build_features(known))[:, 1],
            "origin": known["origin"],
            "day": known["scheduled_at"].dt.tz_convert(NEW_YORK).dt.strftime("%Y-%m-%d"),
        }
    )
    overall = figures(scored) | {
        "late_share": float(scored["late"].mean()),
        "predicted_share": float(scored["probability"].mean()),
        "rows": float(len(scored)),
    }
    for airport, rows in scored.groupby("origin"):
        overall |= {f"{name}_{airport}": value for name, value in figures(rows).items()}
    days = {str(day): loss(rows) for day, rows in scored.groupby("day")}
    return Measures(overall, days)


def figures(scored: pd.DataFrame) -> dict[str, float]:
    """Return the four measures of a table with the columns `late` and `probability`."""
    late, probability = scored["late"], scored["probability"]
    both = late.nunique() == 2  # without a late flight, or with none but those, there is no ROC
    return {
        "log_loss": loss(scored),
        "roc_auc": float(roc_auc_score(late, probability)) if both else float("nan"),
        "brier": float(brier_score_loss(late, probability)),
        "calibration_error": calibration_error(late.to_numpy(), probability.to_numpy()),
    }


def loss(scored: pd.DataFrame) -> float:
    """Return the log loss; also where all flights were on time, or all late."""
    return float(log_loss(scored["late"], scored["probability"], labels=[0, 1]))


def calibration_error(late: np.ndarray, probability: np.ndarray, bins: int = BINS) -> float:
    """Return the expected calibration error: how far "30 %" is from 30 of 100, on average.

    The flights are sorted into `bins` equal steps of the predicted probability. In each, the mean
    prediction is compared with the share that was late; the differences are weighted by the
    flights. Source: Guo et al., "On Calibration of Modern Neural Networks", 2017.
    """
    place = np.minimum((probability * bins).astype(int), bins - 1)
    off = np.bincount(place, weights=probability - late, minlength=bins)
    return float(np.abs(off).sum() / len(late))
