"""What the training promises: the right days, the same model twice, an honest score."""

import numpy as np
import pandas as pd

from flights.features import build_features
from flights.train import evaluate, load_flights, split_by_date, train


def test_the_last_seven_days_judge_and_the_rest_trains(make_flights):
    days = [{"scheduled_at": f"2013-01-{day:02d}T17:00Z"} for day in range(1, 11)]
    past, last_days = split_by_date(make_flights(*days))
    assert past["scheduled_at"].dt.day.tolist() == [1, 2, 3]
    assert last_days["scheduled_at"].dt.day.tolist() == [4, 5, 6, 7, 8, 9, 10]


def test_a_day_is_new_yorks_day(make_flights):
    days = [{"scheduled_at": f"2013-01-{day:02d}T17:00Z"} for day in range(1, 11)]
    # 4 January, 02:00 in UTC, is still the evening of the 3rd in New York: it trains.
    past, _ = split_by_date(make_flights(*days, {"scheduled_at": "2013-01-04T02:00Z"}))
    assert 10 in past.index


def test_the_same_flights_train_the_same_model(many_flights):
    features = build_features(many_flights)
    first = train(many_flights).predict_proba(features)
    second = train(many_flights).predict_proba(features)
    np.testing.assert_array_equal(first, second)


def test_a_pattern_that_is_there_is_found(many_flights):
    scores = evaluate(train(many_flights), many_flights)
    assert scores["roc_auc"] > 0.95
    assert scores["log_loss"] < 0.3


def test_flights_that_never_arrived_are_not_judged(many_flights):
    model = train(many_flights)
    lost = many_flights.assign(arr_delay=many_flights["arr_delay"].where(many_flights.index > 9))
    assert evaluate(model, lost)["rows"] == 390


def test_months_are_read_in_order(many_flights, tmp_path):
    for month in ("2013-02", "2013-01", "2013-03"):
        many_flights.assign(tailnum=month).to_parquet(tmp_path / f"{month}.parquet")
    months = load_flights(tmp_path)["tailnum"]
    assert pd.unique(months).tolist() == ["2013-01", "2013-02", "2013-03"]
