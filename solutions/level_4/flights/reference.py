"""What the model learned from, and what it was asked since: two tables with the same columns."""

import json
from contextlib import closing
from datetime import UTC, datetime

import mlflow
import pandas as pd
from mlflow.entities.model_registry import ModelVersion
from sklearn.pipeline import Pipeline

from flights.contract import check_months
from flights.drift import SCORE
from flights.facts import files_of, read_model
from flights.features import (
    CATEGORICAL,
    NEW_YORK,
    NUMERIC,
    build_features,
    is_late,
    labelled,
)
from flights.pipeline import ingest
from flights.predictions import log_file, open_log
from flights.settings import Settings

SENT = [name for name in (*NUMERIC, *CATEGORICAL) if name not in ("hour", "weekday")]
# Who cuts windows by time reads the log's end, not all of it.
INDEX = "CREATE INDEX IF NOT EXISTS by_event_time ON predictions (event_time)"
FIRST_ANSWERS = """
    SELECT flight_id, event_time, version, p, inputs, min(rowid) FROM predictions
    WHERE event_time >= ? AND event_time < ? GROUP BY flight_id ORDER BY event_time, flight_id
"""


def scored(model: Pipeline, flights: pd.DataFrame) -> pd.DataFrame:
    """Return flights as drift looks at them.

    Returns
    -------
    DataFrame
        One row a flight: the features, `score` (what the model says), `day` (New York's) and
        `late` (0 or 1).
    """
    features = build_features(flights)
    score = model.predict_proba(features)[:, 1]
    known = {SCORE: score, "day": local_day(flights["scheduled_at"]), "late": is_late(flights)}
    return features.assign(**known)


def learned_from(version: ModelVersion, settings: Settings) -> pd.DataFrame:
    """Return the flights that a version was trained on, as `scored` gives them."""
    period = mlflow.get_run(version.run_id).data.params
    flights = labelled(check_months(ingest(settings)))
    day = local_day(flights["scheduled_at"])
    flights = flights[(day >= period["train_from"]) & (day <= period["train_to"])]
    return scored(read_model(files_of(version, settings)), flights)


def asked_about(
    since: datetime, until: datetime, settings: Settings, features: bool = True
) -> pd.DataFrame:
    """Return what the prediction log holds of the flights scheduled in a period.

    A flight that was asked about again counts once, with its first answer: on that one somebody
    has acted.

    Returns
    -------
    DataFrame
        One row a flight, in order of departure: `flight_id`, `event_time` (UTC), `version`,
        `score`, `day` (New York's), and the features if they are wanted.
    """
    bounds = [moment.astimezone(UTC).isoformat() for moment in (since, until)]
    with closing(open_log(log_file(settings))) as database:
        database.execute(INDEX)
        rows = database.execute(FIRST_ANSWERS, bounds).fetchall()
    columns = ["flight_id", "event_time", "version", SCORE, "inputs", "row"]
    frame = pd.DataFrame(rows, columns=columns).drop(columns="row")
    frame["event_time"] = pd.to_datetime(frame["event_time"], utc=True, format="ISO8601")
    inputs = frame.pop("inputs")
    frame["day"] = local_day(frame["event_time"])
    if not features:
        return frame
    asked = pd.DataFrame.from_records([json.loads(text) for text in inputs], columns=SENT)
    return frame.join(build_features(asked.assign(scheduled_at=frame["event_time"])))


def local_day(moments: pd.Series) -> pd.Series:
    """Return each moment's day in New York, as YYYY-MM-DD."""
    days = moments.dt.tz_convert(NEW_YORK).dt.normalize()
    written = {day: str(day.date()) for day in days.unique()}  # each day once: it takes long
    return days.map(written).astype(str)


def week_of(days: pd.Series) -> pd.Series:
    """Return each day's week, counted from the first day on: 0, 1, and so on."""
    dates = pd.to_datetime(days)
    return (dates - dates.min()).dt.days // 7
