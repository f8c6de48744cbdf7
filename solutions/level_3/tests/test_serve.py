"""What the server makes of a request, without a network between."""

from datetime import UTC, datetime

import pandas as pd
import pytest
from pydantic import ValidationError

from flights.features import FEATURES, build_features
from flights.loader import Served, categories, try_out
from flights.router import Share
from flights.schema import Question
from flights.serve import answer_shares, features_of
from flights.train import train

FLIGHT = {
    "flight_id": 7,
    "scheduled_at": "2013-04-01T12:00:00Z",
    "carrier": "UA",
    "origin": "JFK",
    "dest": "BOS",
    "distance": 187.0,
    "temp": 44.0,
}


def test_a_request_becomes_the_features_of_the_training():
    (flight,) = Question(flights=[FLIGHT]).flights
    features = features_of([flight])
    row = FLIGHT | {"scheduled_at": datetime(2013, 4, 1, 12, tzinfo=UTC)}
    weather = dict.fromkeys(["dewp", "humid", "wind_speed", "wind_gust", "precip"])
    frame = pd.DataFrame([row | weather | dict.fromkeys(["pressure", "visib"])])
    pd.testing.assert_frame_equal(features, build_features(frame), check_dtype=False)
    assert list(features.columns) == list(FEATURES)
    assert features.loc[0, "hour"] == 8  # New York's


@pytest.mark.parametrize(
    "change",
    [{"dep_delay": 5.0}, {"origin": "new york"}, {"distance": -5}, {"temp": "warm"}, {"temp": 900}],
)
def test_what_is_wrong_in_a_request_is_named(change):
    with pytest.raises(ValidationError) as refusal:
        Question(flights=[FLIGHT | change])
    assert next(iter(change)) in str(refusal.value)


def test_each_flight_is_answered_by_the_model_of_its_share(many_flights):
    model = train(many_flights)
    try_out(model)
    first = Served(1, "", model, categories(model))
    second = Served(2, "", model, categories(model))
    flights = Question(flights=[FLIGHT | {"flight_id": number} for number in range(3)]).flights
    entries = answer_shares(
        flights, features_of(flights), [Share(first, [0, 2]), Share(second, [1])]
    )
    assert [entry.flight.flight_id for entry in entries] == [0, 1, 2]
    assert [entry.version for entry in entries] == [1, 2, 1]
