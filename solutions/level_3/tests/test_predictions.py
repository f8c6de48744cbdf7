"""The prediction log, written and read."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from flights.predictions import Entry, PredictionLog, summarise
from flights.schema import Flight
from flights.settings import Settings, read_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(read_settings(Path(__file__).parents[1]), serving=tmp_path / "serving")


def entry(flight_id: int, hour: int = 12, version: int = 1, p: float = 0.25) -> Entry:
    flight = Flight(
        flight_id=flight_id,
        scheduled_at=f"2013-04-21T{hour}:00:00-04:00",
        carrier="UA",
        origin="JFK",
        dest="BOS",
        distance=187,
    )
    return Entry(flight, version, p)


def test_what_was_answered_is_written_down(settings):
    log = PredictionLog(settings)
    (first, repeated), (second, again) = log.add([entry(1), entry(1)])
    assert first != second and (repeated, again) == (False, True)
    log.close()
    log = PredictionLog(settings)  # as after a start anew
    assert [repeated for _, repeated in log.add([entry(1), entry(2)])] == [True, False]
    rows = sqlite3.connect(settings.serving / "predictions.db").execute(
        "SELECT flight_id, event_time, version, p, repeated FROM predictions"
    )
    assert rows.fetchone() == (1, "2013-04-21T16:00:00+00:00", 1, 0.25, 0)


def test_all_of_a_request_or_nothing(settings):
    log = PredictionLog(settings)
    with pytest.raises(sqlite3.Error):
        log.add([entry(1), entry(2, p=None)])
    assert log.add([entry(1)])[0][1] is False, "what was not written was not asked"
    assert summarise(settings)["predictions"].sum() == 1


def test_the_summary_counts_by_day_and_version(settings):
    PredictionLog(settings).add(
        [entry(1, p=0.2), entry(2, p=0.4), entry(3, 23, 2), entry(3, 23, 2)]
    )
    found = summarise(settings)
    assert list(found["day"]) == ["2013-04-21", "2013-04-22"]
    assert list(found["predictions"]) == [2, 2]
    assert list(found["predicted_late"].round(2)) == [0.3, 0.25]
    assert list(found["repeated"]) == [0, 1]
