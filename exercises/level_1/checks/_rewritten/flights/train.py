"""The training again, with other internals: the same rule, the same model, other code."""

import argparse
import json
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from flights import features

JUDGE_DAYS = 7


def load_flights(folder):
    names = sorted(path.name for path in Path(folder).iterdir() if path.suffix == ".parquet")
    if not names:
        raise FileNotFoundError(f"{folder} holds no month")
    return pd.concat((pd.read_parquet(Path(folder) / name) for name in names), ignore_index=True)


def split_by_date(flights, judge_days=JUDGE_DAYS):
    dates = np.array(
        [moment.tz_convert("America/New_York").date() for moment in flights["scheduled_at"]]
    )
    ages = np.array([(max(dates) - date).days for date in dates])
    return flights.loc[ages >= judge_days], flights.loc[ages < judge_days]


def build_pipeline():
    numbers = Pipeline([("fill", SimpleImputer()), ("scale", StandardScaler())])
    columns = make_column_transformer(
        (numbers, list(features.NUMERIC)),
        (OneHotEncoder(handle_unknown="ignore"), list(features.CATEGORICAL)),
    )
    return Pipeline([("prepare", columns), ("predict", LogisticRegression(C=0.1, max_iter=1000))])


def train(flights):
    rows = features.labelled(flights)
    model = build_pipeline()
    model.fit(features.build_features(rows), features.is_late(rows))
    return model


def evaluate(model, flights):
    rows = features.labelled(flights)
    truth = features.is_late(rows).to_numpy()
    guess = model.predict_proba(features.build_features(rows))[:, 1]
    return {
        "log_loss": log_loss(truth, guess),
        "roc_auc": roc_auc_score(truth, guess),
        "brier": brier_score_loss(truth, guess),
        "rows": len(rows),
        "late_share": truth.mean(),
    }


def main(argv=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    words = parser.parse_args(argv)
    past, last_days = split_by_date(load_flights(words.data))
    model = train(past)
    print(json.dumps({key: float(value) for key, value in evaluate(model, last_days).items()}))
    words.model.write_bytes(pickle.dumps(model))
    return 0
