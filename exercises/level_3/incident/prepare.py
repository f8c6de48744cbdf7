"""Lays out the incident of Level 3: a candidate with a wonderful score, and the April after it.

Called as ``prepare.py SCRATCH WORKSPACE FLIGHTS``; prints the folder that the notebook works in.
Both models are trained here, on 1 January to 24 March; the scores in the note are measured here.
"""

import sys
from pathlib import Path

import pandas as pd
import skops.io
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

WEATHER = ["temp", "dewp", "humid", "wind_speed", "wind_gust", "precip", "pressure", "visib"]
NUMBERS = ["hour", "weekday", "distance", *WEATHER]
CATEGORIES = ["carrier", "origin", "dest"]
LAST_WEEK = "2013-03-25"
NOTE = """To: operations
The new candidate is ready. On the last week of March, which it had never seen:

  ROC AUC   {roc_auc:.3f}   (the champion has {before:.3f})
  log loss  {log_loss:.3f}

The best we have ever had. Please put it into production tonight.
"""


def read(flights: Path, months: tuple[int, ...]) -> pd.DataFrame:
    """Return the flights of some months that arrived, with `late`, `date` and the features."""
    tables = [pd.read_parquet(flights / f"2013-{month:02d}.parquet") for month in months]
    known = pd.concat(tables, ignore_index=True).dropna(subset=["arr_delay"])
    local = known["scheduled_at"].dt.tz_convert("America/New_York")
    return known.assign(
        hour=local.dt.hour.astype("float64"),
        weekday=local.dt.day_of_week.astype("float64"),
        date=local.dt.strftime("%Y-%m-%d"),
        late=(known["arr_delay"] > 15).astype(int),
    )


def fitted(numbers: list[str], flights: pd.DataFrame) -> Pipeline:
    """Return a logistic regression on some numbers and all categories."""
    scaled = make_pipeline(SimpleImputer(), StandardScaler())
    encoded = OneHotEncoder(handle_unknown="ignore")
    columns = [("numbers", scaled, numbers), ("categories", encoded, CATEGORIES)]
    model = make_pipeline(ColumnTransformer(columns), LogisticRegression(C=0.1, max_iter=1000))
    return model.fit(flights[numbers + CATEGORIES], flights["late"])


def main(scratch: Path, flights: Path) -> Path:
    """Put everything into `scratch` and return it."""
    rows = read(flights, (1, 2, 3))
    past, week = rows[rows["date"] < LAST_WEEK], rows[rows["date"] >= LAST_WEEK]
    champion, candidate = fitted(NUMBERS, past), fitted([*NUMBERS, "dep_delay"], past)
    probability = candidate.predict_proba(week)[:, 1]
    note = NOTE.format(
        roc_auc=roc_auc_score(week["late"], probability),
        log_loss=log_loss(week["late"], probability),
        before=roc_auc_score(week["late"], champion.predict_proba(week)[:, 1]),
    )
    (scratch / "message.txt").write_text(note, encoding="utf-8")
    for name, model in (("champion", champion), ("candidate", candidate)):
        skops.io.dump(model, scratch / f"{name}.skops")
    april = read(flights, (4,))
    known_at_departure = [*NUMBERS, *CATEGORIES]
    april[[*known_at_departure, "date", "late"]].to_parquet(scratch / "april.parquet")
    return scratch


if __name__ == "__main__":
    print(main(Path(sys.argv[1]), Path(sys.argv[3])))
