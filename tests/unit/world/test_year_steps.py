"""The moments of the year: all hours with departures once, and each midnight after its hours."""

from datetime import UTC, date, datetime, timedelta

import pytest

from widgets.world.clock import midnight
from widgets.world.departures import HOURS, departures
from widgets.world.year_steps import steps, steps_of

FIRST, LAST = date(2013, 4, 1), date(2013, 12, 31)


@pytest.mark.slow
def test_the_year_has_1926_questions_in_order_and_275_midnights():
    year = list(steps(FIRST, LAST))
    moments = [step.now for step in year]
    assert moments == sorted(set(moments))
    assert sum(bool(step.flights) for step in year) == 1926
    assert [step.now for step in year if step.begins] == [
        midnight(FIRST + timedelta(days=number)) for number in range(1, 276)
    ]
    assert moments[-1] == datetime(2014, 1, 1, 5, tzinfo=UTC)


def test_hours_are_told_when_they_are_over_with_all_that_was_scheduled_in_them():
    for step in steps_of(date(2013, 11, 3)):  # a day of 25 hours
        for flight in step.flights:
            assert step.now - timedelta(hours=HOURS) <= flight.scheduled_at < step.now
    told = [flight for step in steps_of(date(2013, 11, 3)) for flight in step.flights]
    assert told == departures(date(2013, 11, 3))


def test_a_midnight_comes_after_the_days_last_hour_and_is_the_same_moment_as_its_end():
    *hours, last = steps_of(FIRST)
    assert last.now == midnight(date(2013, 4, 2)) and last.begins == date(2013, 4, 2)
    assert {flight.scheduled_at.hour for flight in last.flights} == {3}
    assert all(step.begins is None and step.now < last.now for step in hours)


def test_from_any_moment_on_the_same_steps_follow():
    year = list(steps(FIRST, date(2013, 4, 3)))
    for place in (0, 5, len(year) - 2, len(year) - 1):
        assert list(steps(FIRST, date(2013, 4, 3), year[place].now)) == year[place + 1 :]
