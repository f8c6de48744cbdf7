"""What the features promise, each promise with the case that breaks it."""

from flights.features import FEATURES, build_features


def test_columns_are_the_features_in_order(make_flights):
    assert tuple(build_features(make_flights({})).columns) == FEATURES


# TODO 1.2: one test for each promise in the docstrings of flights/features.py. For example:
# a Monday and a Sunday; a flight without weather; a flight of exactly 15 and one of 16 minutes.
