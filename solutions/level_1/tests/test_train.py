"""What the training promises: the right days, the same model twice, an honest score."""

import pickle

import numpy as np
import pandas as pd
import pytest

from flights.features import build_features
from flights.train import evaluate, load_flights, main, split_by_date, train


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


class AlwaysAQuarter:
    """A model that gives every flight a probability of 0.25."""

    def predict_proba(self, features):
        return np.tile([0.75, 0.25], (len(features), 1))


def test_scores_are_those_that_one_works_out_by_hand(make_flights):
    on_time, late = {"arr_delay": 0.0}, {"arr_delay": 60.0}
    scores = evaluate(AlwaysAQuarter(), make_flights(on_time, on_time, on_time, late))
    assert scores["brier"] == pytest.approx(0.1875)  # (3 x 0.25² + 0.75²) / 4
    assert scores["log_loss"] == pytest.approx(-(3 * np.log(0.75) + np.log(0.25)) / 4)


def test_the_command_learns_nothing_from_the_judging_days(many_flights, tmp_path):
    _, last_days = split_by_date(many_flights)
    other = many_flights.copy()
    other.loc[last_days.index, "arr_delay"] = 30.0 - last_days["arr_delay"]
    models = []
    for name, flights in (("as it was", many_flights), ("another last week", other)):
        (tmp_path / name).mkdir()
        flights.to_parquet(tmp_path / name / "2013-01.parquet")
        assert main(["--data", str(tmp_path / name), "--model", str(tmp_path / name / "m")]) == 0
        models.append(pickle.loads((tmp_path / name / "m").read_bytes()))
    features = build_features(many_flights)
    np.testing.assert_array_equal(*(model.predict_proba(features) for model in models))
