"""Trains the model by the rule: all but the last seven days train, the last seven judge."""

import argparse
import json
import pickle
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from flights.features import (
    CATEGORICAL,
    NEW_YORK,
    NUMERIC,
    build_features,
    is_late,
    labelled,
)

JUDGE_DAYS = 7


def load_flights(folder: Path) -> pd.DataFrame:
    """Return all flights that have landed in `folder`, in order of their departure.

    Raises
    ------
    FileNotFoundError
        If there is no month in `folder`.
    """
    months = sorted(folder.glob("????-??.parquet"))
    if not months:
        raise FileNotFoundError(f"no month (YYYY-MM.parquet) in {folder}")
    return pd.concat([pd.read_parquet(month) for month in months], ignore_index=True)


def split_by_date(
    flights: pd.DataFrame, judge_days: int = JUDGE_DAYS
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the flights to train on and the flights to judge on.

    The judging days are the last `judge_days` calendar days (New York's) that have flights:
    no model has seen them when it is judged.
    """
    # TODO 1.1: what is a day? See the docstring.
    raise NotImplementedError("split_by_date is still to be written")


def build_pipeline() -> Pipeline:
    """Return the model, not yet fitted: scaled numbers, encoded categories, a regression."""
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    categories = OneHotEncoder(handle_unknown="ignore")
    columns = ColumnTransformer(
        [("numbers", numbers, list(NUMERIC)), ("categories", categories, list(CATEGORICAL))]
    )
    return Pipeline([("columns", columns), ("model", LogisticRegression(C=0.1, max_iter=1000))])


def train(flights: pd.DataFrame) -> Pipeline:
    """Return a model fitted on every flight of `flights` that arrived."""
    # TODO 1.1
    raise NotImplementedError("train is still to be written")


def evaluate(model: Pipeline, flights: pd.DataFrame) -> dict[str, float]:
    """Return how well `model` foretold which of `flights` would be late.

    Returns
    -------
    dict
        `log_loss` and `brier` (lower is better), `roc_auc` (higher is better), `rows` (flights
        judged) and `late_share` (the share of them that was late).
    """
    # TODO 1.1
    raise NotImplementedError("evaluate is still to be written")


def main(argv: Sequence[str] | None = None) -> int:
    """Train on a folder of months, print the scores as JSON, save the model; return 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with the months")
    parser.add_argument("--model", type=Path, required=True, help="where the model is saved")
    words = parser.parse_args(argv)
    past, last_days = split_by_date(load_flights(words.data))
    model = train(past)
    print(json.dumps(evaluate(model, last_days)))
    words.model.parent.mkdir(parents=True, exist_ok=True)
    words.model.write_bytes(pickle.dumps(model))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
