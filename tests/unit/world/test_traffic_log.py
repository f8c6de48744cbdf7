"""The clients' log: one line a request, whole lines only, and nothing believed unseen."""

import json
from datetime import UTC, date, datetime

import pytest

from widgets.world.client import Reply
from widgets.world.departures import departures
from widgets.world.traffic_log import (
    TrafficLog,
    asked_about,
    predictions_counted,
    read_lines,
    request_line,
    scrape_line,
)

NOW = datetime(2026, 11, 24, 1, 2, 3, 4, tzinfo=UTC)
FLIGHTS = departures(date(2013, 4, 1))[:3]


def told(*changes, flights=FLIGHTS):
    said = [
        {"flight_id": each.flight_id, "probability": 0.5, "version": 6, "repeated": False}
        for each in flights
    ]
    for place, change in changes:
        said[place] |= change
    return json.dumps({"predictions": said}).encode()


def line_of(body, status=200):
    return request_line(NOW, FLIGHTS, Reply(status, body), 6.2345)


def test_a_line_is_as_agreed():
    body = told((1, {"version": 7, "repeated": True}))
    assert line_of(body) == {
        "at": "2026-11-24T01:02:03.000004+00:00",
        "event_time": "2013-04-01T09:00:00+00:00",
        "flights": 3,
        "first": 80790,
        "last": 80792,
        "ok": True,
        "status": 200,
        "ms": 6.23,
        "versions": {"6": [2, 1.0], "7": [1, 0.5]},
        "repeated": 1,
        "error": "",
    }


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        told(flights=FLIGHTS[:2]),
        told((0, {"flight_id": 1})),
        told((0, {"probability": 1.5})),
        told((0, {"probability": None})),
        told((0, {"version": "new"})),
    ],
)
def test_an_answer_that_is_not_as_agreed_is_a_failure(body):
    line = line_of(body)
    assert (line["ok"], line["status"], line["versions"]) == (False, 200, {})
    assert "not as agreed" in line["error"]


def test_a_refusal_and_no_answer_are_kept_with_their_reason():
    assert "status 422" in line_of(b'{"detail": "bad"}', 422)["error"]
    line = request_line(NOW, FLIGHTS, Reply(0, error="ConnectionRefusedError: nobody"), 1)
    assert (line["status"], line["error"]) == (0, "ConnectionRefusedError: nobody")


def test_the_counters_of_all_versions_are_added():
    text = b"""# TYPE flights_predictions_total counter
flights_predictions_total{version="6"} 1200.0
flights_predictions_total{version="7"} 34.0
flights_predictions_created{version="7"} 1.7e+09
flights_probability_sum_total{version="7"} 12.5
"""
    assert predictions_counted(text) == 1234.0
    line = scrape_line(NOW, Reply(200, text), 1.234)
    assert line["scrape"] and line["ok"] and line["predictions"] == 1234.0
    assert scrape_line(NOW, Reply(0), 1)["predictions"] is None


def test_a_line_that_a_kill_has_torn_is_cut_off(tmp_path):
    path = tmp_path / "serving" / "traffic.jsonl"
    TrafficLog(path).write({"n": 1})
    with path.open("ab") as file:
        file.write(b'{"n": 2')
    assert list(read_lines(path)) == [{"n": 1}]
    TrafficLog(path).write({"n": 3})
    assert list(read_lines(path)) == [{"n": 1}, {"n": 3}]


def test_what_was_asked_about_is_found_again(tmp_path):
    path = tmp_path / "traffic.jsonl"
    assert asked_about(path, FLIGHTS, answered=False) == set()
    log = TrafficLog(path)
    log.write(scrape_line(NOW, Reply(200), 1))
    log.write(request_line(NOW, FLIGHTS[:2], Reply(200, told(flights=FLIGHTS[:2])), 1))
    log.write(request_line(NOW, FLIGHTS[2:], Reply(0), 1) | {"ok": False})
    assert asked_about(path, FLIGHTS, answered=True) == {80790, 80791}
    assert asked_about(path, FLIGHTS, answered=False) == {80790, 80791, 80792}
    assert asked_about(path, FLIGHTS[1:], answered=True) == {80791}
