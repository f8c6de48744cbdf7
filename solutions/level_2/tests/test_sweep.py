"""The rule of the sweep, on figures that can be read."""

import pytest

from flights.sweep import choose, present_model


def days(*losses):
    return {f"2013-03-{25 + number}": loss for number, loss in enumerate(losses)}


NOW = days(0.40, 0.50, 0.60, 0.40, 0.50)


def test_a_gain_that_every_day_shows_is_taken():
    better = days(0.30, 0.40, 0.51, 0.30, 0.40)
    assert choose({"now": NOW, "new": better}, "now").name == "new"


def test_a_gain_that_one_day_makes_is_noise():
    lucky = days(0.40, 0.50, 0.30, 0.40, 0.51)
    assert choose({"now": NOW, "new": lucky}, "now").name == "now"


def test_models_of_other_days_are_not_compared():
    with pytest.raises(ValueError, match="same days"):
        choose({"now": NOW, "new": days(0.1, 0.1)}, "now")


def test_the_present_model_is_in_the_grid():
    assert present_model() == "regression C=0.1"
