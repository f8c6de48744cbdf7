"""What is on the board: read as it grows, with its change-overs, on both axes of time."""

from datetime import date

import pytest

from tests.unit.dashboard.conftest import NOON, event, request
from widgets.dashboard.feed import Feed

NOW = int(NOON.timestamp())


@pytest.fixture
def feed(layout, monkeypatch):
    monkeypatch.setattr("time.time", lambda: NOW + 1000.0)
    return Feed(layout)


def labels(feed, axis):
    return [(x, mark.label) for x, mark in feed.board(axis).marks]


def test_a_workspace_without_logs_has_an_empty_board(feed):
    feed.refresh()
    for axis in ("now", "days"):
        board = feed.board(axis)
        assert (board.points, board.marks, board.requests) == ((), (), 0)


def test_only_what_is_new_is_read(feed, layout, write):
    write(request(0))
    first = feed.refresh()
    assert feed.refresh() == first
    write(request(1), request(2, p=None))
    assert feed.refresh() > first
    assert (feed.board("now").requests, feed.board("now").failed) == (3, 1)


def test_a_replaced_log_begins_anew(feed, layout, write):
    write(request(0), request(1, version="7"))
    feed.refresh()
    layout.traffic_log.unlink()
    write(request(5, version="8"))
    feed.refresh()
    assert (feed.board("now").requests, feed.board("now").versions) == (1, ("8",))


def test_a_removed_log_leaves_an_empty_board(feed, layout, write):
    write(request(0))
    feed.refresh()
    layout.traffic_log.unlink()
    feed.refresh()
    assert feed.board("now").requests == 0


def test_a_torn_last_line_is_no_problem_and_a_damaged_one_is_said(feed, write):
    write(request(0), "{damaged\n", '{"at": "2026-0')
    feed.refresh()
    (problem,) = feed.board("now").problems
    assert problem == "1 line of serving/traffic.jsonl could not be read and was left out."


def test_a_change_over_is_one_mark_where_it_was_done(feed, write):
    write(request(0), request(9))
    write(event(2, step="intent"), event(3, step="moved"), event(5), to="events")
    feed.refresh()
    assert labels(feed, "now") == [(NOW + 5, "v7 deployed")]


def test_rollbacks_and_what_was_undone_are_told_apart(feed, write):
    write(request(0), request(9))
    write(
        event(1, id="a"),
        event(2, kind="rollback", version=6, id="b"),
        event(3, kind="hold", version=6, id="c"),
        event(4, step="moved", version=8, id="d"),
        event(5, step="undone", version=8, id="d"),
        event(6, step="intent", version=9, id="e"),
        to="events",
    )
    feed.refresh()
    assert [label for _, label in labels(feed, "now")] == ["v7 deployed", "back to v6", "v8 undone"]


def test_a_damaged_event_is_said_and_one_of_another_kind_is_left_alone(feed, write):
    write(request(0))
    write("{}\n", {"at": NOON.isoformat(), "kind": "canary"}, event(0), to="events")
    feed.refresh()
    assert labels(feed, "now") == [(NOW, "v7 deployed")]
    assert "serving/events.jsonl" in feed.board("now").problems[0]


def test_the_steps_of_a_trial_and_alerts_are_marks_of_their_own(feed, write):
    write(request(0), request(99))
    canary = {"kind": "canary", "id": "a"}
    write(
        event(1, kind="alert", step="fired", version=None, id="loss-2013-04-23"),
        event(2, **canary, step="started"),
        event(3, **canary, step="step"),
        event(4, id="b"),
        event(4, **canary, step="promoted"),
        event(5, kind="canary", step="started", version=8, id="c"),
        event(6, kind="canary", step="withdrawn", version=8, id="c"),
        event(7, kind="blue-green", step="started", version=9, id="d"),
        event(8, kind="blue-green", step="switched", version=9, id="d"),
        event(9, kind="blue-green", step="back", version=9, id="d"),
        event(10, kind="alert", step="resolved", version=None, id="loss-2013-04-23"),
        to="events",
    )
    feed.refresh()
    assert [(x - NOW, label) for x, label in labels(feed, "now")] == [
        (1, "alert loss"),
        (2, "v7 tried"),
        (3, "v7 tried wider"),
        (4, "v7 deployed"),
        (5, "v8 tried"),
        (6, "v8 withdrawn"),
        (7, "v9 ready"),
        (8, "switch to v9"),
        (9, "switch back"),
    ]
    board = feed.board("now")
    assert (board.alerts, len(board.changes)) == (("alert loss",), 8)


def test_on_the_axis_of_days_a_mark_stands_where_the_next_request_was_sent(feed, write):
    write(request(0, day=0), request(10, day=1), request(20, day=20))
    write(event(-5, id="a"), event(10.5, id="b"), event(30, id="c"), to="events")
    feed.refresh()
    days = [date.fromordinal(x).day for x, _ in labels(feed, "days")]
    assert days == [1, 21, 21]


def test_the_second_that_is_still_going_on_is_not_shown_yet(feed, write, monkeypatch):
    write(request(0), request(1), request(1.2))
    monkeypatch.setattr("time.time", lambda: NOW + 1.3)
    feed.refresh()
    assert [point.requests for point in feed.board("now").points] == [1]
    assert feed.unfinished()
    monkeypatch.setattr("time.time", lambda: NOW + 2.0)
    assert [point.requests for point in feed.board("now").points] == [1, 2]
    assert not feed.unfinished()


def test_many_days_are_a_table_of_weeks(feed, write):
    write(*(request(day / 10, day=day) for day in range(100)))
    feed.refresh()
    board = feed.board("days")
    assert (len(board.points), board.width, len(board.rows)) == (100, 7, 15)


def test_nothing_is_written(feed, layout, write):
    write(request(0))
    before = sorted(path.name for path in layout.root.rglob("*"))
    feed.refresh()
    feed.board("now")
    assert sorted(path.name for path in layout.root.rglob("*")) == before
