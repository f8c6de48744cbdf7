"""The clients' log becomes series by second and by day; odd lines are counted, not believed."""

import json
from datetime import date

import numpy as np
import pytest

from tests.unit.dashboard.conftest import NOON, request, scrape
from widgets.dashboard.series import DAYS, MONDAY, SECONDS, Series, day_of, grouped
from widgets.dashboard.tally import Tally, together

NOW = NOON.timestamp()


def series(*lines):
    made = Series()
    for line in lines:
        made.add(line if isinstance(line, bytes) else json.dumps(line).encode(), NOW)
    return made


def test_a_second_counts_its_requests_its_failures_and_what_was_said():
    made = series(request(0, p=0.1), request(0.5, p=0.3), request(0.9, p=None))
    ((_, tally),) = made.window(int(NOW))
    point = tally.point(0)
    assert (point.requests, point.failed) == (3, 1)
    assert point.said == pytest.approx(0.2)


def test_the_mean_weighs_flights_not_requests():
    made = series(request(0, p=0.1, flights=30), request(0, p=0.4, flights=10))
    assert made.window(int(NOW))[0][1].point(0).said == pytest.approx(0.175)


def test_versions_are_told_apart_in_the_order_in_which_they_first_answered():
    made = series(*(request(0, version=v, p=p) for v, p in (("10", 0.1), ("9", 0.5), ("10", 0.3))))
    assert made.versions == ["10", "9"]
    said = made.window(int(NOW))[0][1].point(0).by_version
    assert said == pytest.approx({"10": 0.2, "9": 0.5})


def test_a_quiet_second_is_shown_as_none_sent():
    made = series(request(0), request(3))
    assert [tally.requests for _, tally in made.window(int(NOW) + 3)] == [1, 0, 0, 1]


def test_latency_is_that_of_good_answers_and_right_within_three_percent():
    times = np.random.default_rng(7).lognormal(2, 1, 5000)
    tally = Tally()
    for ms in times:
        tally.add(0, True, ms, {})
    tally.add(0, False, 60_000, {})
    for share in (0.5, 0.99):
        true = np.quantile(times, share, method="inverted_cdf")
        assert tally.quantile(share) == pytest.approx(true, rel=0.03)


def test_a_flights_day_is_that_of_new_york():
    late = request() | {"event_time": "2013-04-02T03:30:00+00:00"}
    assert list(series(late).days) == [date(2013, 4, 1)]
    assert day_of(0) == date(1969, 12, 31)


def test_a_look_at_the_counters_is_not_a_request():
    made = series(scrape(), request())
    assert (made.requests, made.damaged) == (1, 0)


ODD = [
    b"{",
    b"\xff\xfe\x00",
    b"null",
    b"[1, 2]",
    b'"text"',
    request() | {"at": "yesterday"},
    request() | {"at": "2026-03-02T12:00:00"},  # of which zone?
    request() | {"at": "2031-01-01T00:00:00+00:00"},  # hides all that is now
    request() | {"event_time": None},
    request() | {"event_time": "0001-01-01T00:00:00+00:00"},
    request() | {"ms": -1},
    request() | {"ms": float("nan")},
    request() | {"ms": float("inf")},
    request() | {"ok": "maybe"},
    request() | {"versions": {"6": [1]}},
    request() | {"versions": {"6": [1, float("nan")]}},
    request() | {"versions": {"6": [10**30, 1]}},
    {key: value for key, value in request().items() if key != "ok"},
]


@pytest.mark.parametrize("line", ODD, ids=str)
def test_an_odd_line_is_counted_and_left_out(line):
    made = series(request(), line, request())
    assert (made.requests, made.damaged) == (2, 1)


def test_an_empty_line_is_nothing():
    assert series(b"", b"  ").damaged == 0


def test_memory_stays_bounded():
    made = Series()
    for second in range(3000):
        made.add(json.dumps(request(second, day=second)).encode(), NOW + 1e9)
    assert len(made.seconds) <= 4 * SECONDS
    assert len(made.days) <= DAYS
    assert len(made.window(int(NOW) + 2999)) == SECONDS


def test_lines_out_of_order_reach_their_own_second():
    made = series(*(request(second) for second in (5, 3, 5, 4)))
    assert [tally.requests for _, tally in made.window(int(NOW) + 5)] == [1, 1, 2]


def test_days_are_put_together_by_weeks_from_monday():
    made = series(*(request(0, day=day, p=day / 100) for day in range(10)))
    weeks = grouped(made.all_days(), 7, MONDAY)
    assert [date.fromordinal(x) for x, _ in weeks] == [date(2013, 4, 1), date(2013, 4, 8)]
    assert [tally.requests for _, tally in weeks] == [7, 3]
    assert weeks[0][1].point(0).said == pytest.approx(0.03)


def test_what_is_put_together_is_as_if_counted_at_once():
    parts = [Tally() for _ in range(3)]
    whole = Tally()
    for number in range(90):
        seen = (float(number), number % 9 > 0, number / 7, {str(number % 2): (2, 0.5)})
        parts[number % 3].add(*seen)
        whole.add(*seen)
    assert together(parts).point(1) == whole.point(1)
