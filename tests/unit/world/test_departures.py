"""What is asked about a flight is what is known at its scheduled departure, and nothing else."""

import math
from datetime import date

import pandas as pd
import pytest

from widgets.world.departures import HOURS, by_hours, departures
from widgets.world.landing import FLIGHTS

SENT = {"flight_id", "scheduled_at", "carrier", "origin", "dest", "distance"}
SENT |= {"temp", "dewp", "humid", "wind_speed", "wind_gust", "precip", "pressure", "visib"}


@pytest.mark.parametrize("day", ["2013-03-10", "2013-04-01", "2013-07-31", "2013-11-03"])
def test_a_day_is_new_yorks_and_cancelled_flights_are_asked_about_too(day):
    month = pd.read_parquet(FLIGHTS / f"{day[:7]}.parquet")
    wanted = month[
        month["scheduled_at"].dt.tz_convert("America/New_York").dt.date.astype(str) == day
    ]
    found = departures(date.fromisoformat(day))
    assert [each.flight_id for each in found] == wanted["flight_id"].tolist()
    assert [each.scheduled_at for each in found] == sorted(each.scheduled_at for each in found)


def test_nothing_is_sent_that_is_not_known_at_departure():
    flights = departures(date(2013, 4, 1))
    assert all(set(each.sent) == SENT for each in flights)
    assert flights[0].sent["scheduled_at"] == "2013-04-01T09:00:00Z"
    values = [value for each in flights for value in each.sent.values()]
    assert None in values
    assert not any(isinstance(value, float) and math.isnan(value) for value in values)


def test_three_hours_are_one_question():
    flights = departures(date(2013, 4, 1))
    questions = list(by_hours(flights))
    assert [each for question in questions for each in question] == flights
    blocks = [{each.scheduled_at.hour // HOURS for each in question} for question in questions]
    assert all(len(block) == 1 for block in blocks) and len(questions) == 7


def test_what_was_asked_already_parts_a_question():
    (question, *_) = by_hours(departures(date(2013, 4, 1)))
    ids = [each.flight_id for each in question]
    left = list(by_hours(question, without={ids[0], ids[2]}))
    assert [[each.flight_id for each in part] for part in left] == [[ids[1]], ids[3:]]
    assert list(by_hours(question, without=set(ids))) == []


def test_after_the_year_nothing_departs():
    assert departures(date(2014, 1, 1)) == []
