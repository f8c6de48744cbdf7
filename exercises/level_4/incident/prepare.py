"""Lays out the incident of Level 4: a summer, first seen by passengers.

Called as ``prepare.py SCRATCH WORKSPACE FLIGHTS``; prints the folder that the notebook works in.
The model is trained here, on 1 January to 24 March; the numbers in the letter are counted here.
"""

import sys
from pathlib import Path

import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

WEATHER = ["temp", "dewp", "humid", "wind_speed", "wind_gust", "precip", "pressure", "visib"]
NUMBERS = ["hour", "weekday", "distance", *WEATHER]
CATEGORIES = ["carrier", "origin", "dest"]
LEARNED_TO = "2013-03-24"
WARNED = 0.5  # from here on the app of the letter says "probably late"
LETTER = """To: whoever runs the delay service
From: the passengers' desk, 31 July

This month {late:,} flights came in late, of {flights:,}. Your service had called
{warned} of them "probably late". People miss their connections and write to us:
what is it for? Your page says that it is up, fast and healthy. Since when is it
wrong, please?
"""


def read(flights: Path, months: range) -> pd.DataFrame:
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


def fitted(flights: pd.DataFrame) -> Pipeline:
    """Return the course's model, trained on some flights."""
    scaled = make_pipeline(SimpleImputer(), StandardScaler())
    encoded = OneHotEncoder(handle_unknown="ignore")
    columns = [("numbers", scaled, NUMBERS), ("categories", encoded, CATEGORIES)]
    model = make_pipeline(ColumnTransformer(columns), LogisticRegression(C=0.1, max_iter=1000))
    return model.fit(flights[NUMBERS + CATEGORIES], flights["late"])


def main(scratch: Path, flights: Path) -> Path:
    """Put everything into `scratch` and return it."""
    rows = read(flights, range(1, 8))
    model = fitted(rows[rows["date"] <= LEARNED_TO])
    later = rows[rows["date"] >= "2013-04-01"]
    probability = model.predict_proba(later[NUMBERS + CATEGORIES])[:, 1]
    answers = later[["date", "late"]].assign(predicted=probability.round(6))
    answers.to_parquet(scratch / "answers.parquet", index=False)
    july = answers[answers["date"] >= "2013-07-01"]
    letter = LETTER.format(
        flights=len(july),
        late=int(july["late"].sum()),
        warned=int(((july["predicted"] > WARNED) & (july["late"] == 1)).sum()),
    )
    (scratch / "letter.txt").write_text(letter, encoding="utf-8")
    return scratch


if __name__ == "__main__":
    print(main(Path(sys.argv[1]), Path(sys.argv[3])))
