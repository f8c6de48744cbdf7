"""Lays out the incident of Level 2: nine tuned models on three desks, and a registry on a Friday.

Called as ``prepare.py SCRATCH WORKSPACE FLIGHTS``; prints the folder that the notebook works in.
The models are trained here, each in the way that its desk has, and each note says what that desk
measured.
"""

import pickle
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

WEATHER = ["temp", "dewp", "humid", "wind_speed", "wind_gust", "precip", "pressure", "visib"]
NUMBERS = ["hour", "weekday", "distance", *WEATHER]
CATEGORIES = ["carrier", "origin", "dest"]
LAST_WEEK = "2013-03-25"


@dataclass(frozen=True)
class Tuned:
    """One model of a desk: its file, its model, and the score that stands in the desk's notes."""

    file: str
    model: Pipeline
    score: float


def read(flights: Path) -> pd.DataFrame:
    """Return the flights of January to March that arrived, with `late`, `date` and the features."""
    months = [pd.read_parquet(flights / f"2013-0{month}.parquet") for month in (1, 2, 3)]
    known = pd.concat(months, ignore_index=True).dropna(subset=["arr_delay"])
    local = known["scheduled_at"].dt.tz_convert("America/New_York")
    return known.assign(
        hour=local.dt.hour.astype("float64"),
        weekday=local.dt.day_of_week.astype("float64"),
        date=local.dt.strftime("%Y-%m-%d"),
        late=(known["arr_delay"] > 15).astype(int),
    )


def regression(strength: float) -> Pipeline:
    """Return a logistic regression, not yet fitted."""
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    encoded = OneHotEncoder(handle_unknown="ignore")
    columns = [("numbers", numbers, NUMBERS), ("categories", encoded, CATEGORIES)]
    return make_pipeline(ColumnTransformer(columns), LogisticRegression(C=strength, max_iter=1000))


def boosting(trees: int) -> Pipeline:
    """Return gradient boosting, not yet fitted."""
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    columns = [("numbers", "passthrough", NUMBERS), ("categories", codes, CATEGORIES)]
    forest = HistGradientBoostingClassifier(max_iter=trees, early_stopping=False, random_state=0)
    return make_pipeline(ColumnTransformer(columns), forest)


def fitted(model: Pipeline, flights: pd.DataFrame) -> Pipeline:
    """Return the model, fitted on the flights."""
    return model.fit(flights[NUMBERS + CATEGORIES], flights["late"])


def probability(model: Pipeline, flights: pd.DataFrame) -> np.ndarray:
    """Return how probable the model thinks a delay is."""
    return model.predict_proba(flights[NUMBERS + CATEGORIES])[:, 1]


def first_desk(flights: pd.DataFrame) -> list[Tuned]:
    """ROC AUC on a fifth of the rows, drawn at random: days that the model knows."""
    known, asked = train_test_split(flights, test_size=0.2, random_state=1)
    made = []
    for number, strength in enumerate((0.01, 0.1, 1.0), 1):
        model = fitted(regression(strength), known)
        score = roc_auc_score(asked["late"], probability(model, asked))
        made.append(Tuned(f"model_v{number}.pkl", model, score))
    return made


def second_desk(flights: pd.DataFrame) -> list[Tuned]:
    """Log loss on the last week, with everything before it to learn from."""
    past, week = flights[flights["date"] < LAST_WEEK], flights[flights["date"] >= LAST_WEEK]
    made = []
    for trees in (50, 100, 200):
        model = fitted(boosting(trees), past)
        score = log_loss(week["late"], probability(model, week))
        made.append(Tuned(f"gb_{trees}.pkl", model, score))
    return made


def third_desk(flights: pd.DataFrame) -> list[Tuned]:
    """The share of right answers, on the flights that the model learned from."""
    made = []
    for file, model in (
        ("best.pkl", boosting(100)),
        ("best_new.pkl", boosting(300)),
        ("final.pkl", regression(0.1)),
    ):
        model = fitted(model, flights)
        made.append(
            Tuned(file, model, accuracy_score(flights["late"], probability(model, flights) > 0.5))
        )
    return made


DESKS: Sequence[Callable[[pd.DataFrame], list[Tuned]]] = (first_desk, second_desk, third_desk)


def friday(folder: Path, flights: pd.DataFrame) -> None:
    """Lay out a registry of three versions as folders, and what somebody wrote about them."""
    past = flights[flights["date"] < LAST_WEEK]
    january = flights[flights["date"] < "2013-02-01"]
    versions = {
        1: (regression(1.0), past),
        2: (regression(0.1), past),
        3: (regression(0.1), january[january["date"] < "2013-01-08"]),
    }
    for number, (model, rows) in versions.items():
        place = folder / "versions" / str(number)
        place.mkdir(parents=True)
        (place / "model.pkl").write_bytes(pickle.dumps(fitted(model, rows)))
        days = f"{rows['date'].min()} to {rows['date'].max()}"
        (place / "trained_on.txt").write_text(days + "\n", encoding="utf-8")
    (folder / "message.txt").write_text(
        "Champion is ready, please put it into production before the weekend.\n", encoding="utf-8"
    )


def main(scratch: Path, flights: Path) -> Path:
    """Put everything into `scratch` and return it."""
    rows = read(flights)
    for number, desk in enumerate(DESKS, 1):
        folder = scratch / f"desk_{number}"
        folder.mkdir()
        made = desk(rows)
        for tuned in made:
            (folder / tuned.file).write_bytes(pickle.dumps(tuned.model))
        notes = [f"{tuned.file}  {tuned.score:.3f}" for tuned in made]
        (folder / "scores.txt").write_text("\n".join(notes) + "\n", encoding="utf-8")
    week = rows[rows["date"] >= LAST_WEEK]
    week[[*NUMBERS, *CATEGORIES, "late"]].to_parquet(scratch / "last_week.parquet")
    friday(scratch / "friday", rows)
    return scratch


if __name__ == "__main__":
    print(main(Path(sys.argv[1]), Path(sys.argv[3])))
