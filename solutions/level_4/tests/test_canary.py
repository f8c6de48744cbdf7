"""Which flights try a candidate, and what becomes of it."""

from dataclasses import replace

import pytest

from flights.canary import Trial, judge, tries

GOOD = Trial(30.0, 0, "", 5.0, 200, 0.5, 0.5, 0.03)


def test_the_same_flights_try_it_and_more_of_them_later():
    few = {number for number in range(2000) if tries(number, "canary-2", 0.1)}
    half = {number for number in range(2000) if tries(number, "canary-2", 0.5)}
    assert few < half and 150 < len(few) < 250 and 900 < len(half) < 1100


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({}, "go on"),
        ({"hours": 3.0}, "wait"),
        ({"flights": 10}, "wait"),
        ({"errors": 1, "hours": 0.0}, "withdraw"),
        ({"problem": "half a file"}, "withdraw"),
        ({"milliseconds": 80.0}, "withdraw"),
        ({"loss": 0.8}, "withdraw"),
        ({"loss": 0.8, "uncertainty": 0.3}, "go on"),
    ],
)
def test_what_becomes_of_it(change, wanted):
    assert judge(replace(GOOD, **change)).what == wanted
