"""Drift, on columns made by hand."""

import numpy as np
import pandas as pd
import pytest

from flights.drift import alarms, calibrate, compare, distance, drifted, own_weeks
from flights.drift import population_stability as psi

COLD = pd.Series([20.0, 30.0, 40.0, 50.0])
WARM = pd.Series([60.0, 70.0, 80.0, np.nan])


def test_alike_is_zero():
    assert psi(COLD, COLD) == distance(COLD, COLD) == 0


def test_nothing_in_common_is_the_largest_distance_and_finite():
    assert distance(COLD, WARM.dropna()) == 1
    assert np.isfinite(psi(COLD, WARM))


def test_what_is_usual_does_not_alarm_and_what_is_new_does():
    draw = np.random.default_rng(0)
    reference = pd.DataFrame({name: draw.normal(size=1200) for name in "abcdef"})
    weeks = own_weeks(reference, pd.Series(np.arange(1200) // 100))
    thresholds = calibrate(weeks)
    assert not alarms(drifted(weeks.loc[3], thresholds))
    found = drifted(compare(reference, reference + 1), thresholds)
    assert alarms(found) and set(found) == set("abcdef")


def test_no_flights_are_no_window():
    with pytest.raises(ValueError, match="no flights"):
        compare(COLD.to_frame("temp"), COLD.to_frame("temp").head(0))
