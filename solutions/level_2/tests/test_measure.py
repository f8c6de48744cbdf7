"""The measures: figures that can be worked out by hand."""

import numpy as np
import pytest

from flights.measure import calibration_error, measure
from flights.train import train


def test_a_model_that_says_what_happens_has_no_calibration_error():
    late = np.array([0, 0, 0, 1] * 25)
    assert calibration_error(late, np.full(100, 0.25)) == pytest.approx(0.0)


def test_the_calibration_error_is_how_far_off_the_predictions_are():
    late = np.zeros(10)
    assert calibration_error(late, np.full(10, 0.3)) == pytest.approx(0.3)


def test_each_airport_and_each_day_has_figures_of_its_own(many_flights):
    measures = measure(train(many_flights), many_flights.iloc[-100:])
    assert measures.overall["rows"] == 100
    assert len(measures.by_day) >= 5


def test_an_airport_without_a_late_flight_has_a_loss_but_no_roc(many_flights):
    measures = measure(train(many_flights), many_flights.iloc[-40:])
    assert measures.overall["log_loss_EWR"] > 0
    assert np.isnan(measures.overall["roc_auc_EWR"])
