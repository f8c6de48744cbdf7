"""What the features promise, each promise with the case that breaks it."""

import pytest

from flights.features import FEATURES, build_features, is_late, labelled

KNOWN_LATER = {"cancelled", "diverted", "dep_delay", "air_time", "arr_delay", "landed_at"}


def test_monday_is_zero_and_sunday_is_six(make_flights):
    flights = make_flights(
        {"scheduled_at": "2013-01-07T17:00Z"}, {"scheduled_at": "2013-01-13T17:00Z"}
    )
    assert build_features(flights)["weekday"].tolist() == [0, 6]


def test_hour_and_weekday_are_new_yorks(make_flights):
    # Tuesday 02:30 in UTC is Monday 21:30 in New York.
    features = build_features(make_flights({"scheduled_at": "2013-01-08T02:30Z"}))
    assert features["hour"].tolist() == [21]
    assert features["weekday"].tolist() == [0]


def test_every_flight_gets_features_even_without_weather(make_flights):
    flights = make_flights({}, {"temp": None, "pressure": None}, {})
    assert len(build_features(flights)) == 3


def test_rows_keep_their_index(make_flights):
    flights = make_flights({}, {}).set_axis([7, 3])
    assert build_features(flights).index.tolist() == [7, 3]


def test_columns_are_the_features_in_order(make_flights):
    assert tuple(build_features(make_flights({})).columns) == FEATURES


def test_nothing_is_used_that_is_known_only_later(make_flights):
    assert not KNOWN_LATER & set(FEATURES)
    flights = make_flights({}, {})
    without = flights.drop(columns=list(KNOWN_LATER))
    assert build_features(without).equals(build_features(flights))


def test_late_is_more_than_fifteen_minutes_at_the_arrival(make_flights):
    flights = make_flights(
        {"arr_delay": 15.0},
        {"arr_delay": 16.0},
        {"arr_delay": 2.0, "dep_delay": 40.0},
    )
    assert is_late(flights).tolist() == [0, 1, 0]


def test_cancelled_and_diverted_flights_have_no_label(make_flights):
    flights = make_flights(
        {},
        {"cancelled": True, "arr_delay": None, "dep_delay": None},
        {"diverted": True, "arr_delay": None},
    )
    assert labelled(flights).index.tolist() == [0]


def test_asking_whether_a_cancelled_flight_was_late_is_an_error(make_flights):
    with pytest.raises(ValueError):
        is_late(make_flights({"cancelled": True, "arr_delay": None}))
