"""The nightly script: one answer for each of the coming flights."""

import sys

import joblib
import pandas as pd

FLIGHTS, MODEL, ANSWERS = "last_week.parquet", "production/model.pkl", sys.argv[1]


def build_features(flights):
    local = flights["scheduled_at"].dt.tz_convert("America/New_York")
    return flights.assign(hour=local.dt.hour, weekday=local.dt.day_of_week)


flights = pd.read_parquet(FLIGHTS)
features = build_features(flights)
model = joblib.load(MODEL)
features["probability"] = model.predict_proba(features)[:, 1]
features[["flight_id", "probability"]].to_csv(ANSWERS, index=False)
print("answers written, all well")
