"""The widget follows the logs while they grow, sends nothing when they do not, and ends."""

import threading
import time

import pytest

from tests.unit.dashboard.conftest import event, request
from widgets.dashboard import Dashboard, dashboard


@pytest.fixture
def widget(layout, monkeypatch):
    monkeypatch.setattr(dashboard, "SECOND", 0.02)
    made = Dashboard(layout)
    yield made
    made.close()


def until(true):
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def count_messages(widget):
    seen = []
    widget.observe(seen.append, "shown")
    return seen


def test_it_follows_a_growing_log_and_then_is_silent(widget, write):
    seen = count_messages(widget)
    write(request(0), request(1))
    until(lambda: "2 requests, 0 failed" in widget.text())
    until(lambda: seen)
    time.sleep(0.2)
    said = len(seen)
    time.sleep(0.3)
    assert len(seen) == said


def test_both_axes_are_always_there_so_that_a_busy_kernel_is_not_asked(widget, write):
    write(request(0), request(1, day=3))
    widget.look()
    assert set(widget.shown["drawings"]) == set(widget.shown["tables"]) == {"now", "days"}


def test_it_stands_still_while_paused(widget, write):
    widget._receive(widget, {"verb": "pause"}, [])
    thread = widget._thread
    thread.join(5)
    assert not thread.is_alive()
    assert widget.news == "Paused."
    seen = count_messages(widget)
    write(request(0))
    time.sleep(0.1)
    assert not seen
    widget._receive(widget, {"verb": "resume"}, [])
    assert "1 request, 0 failed" in widget.text()
    assert widget.following
    assert widget.news == ""


def test_resuming_twice_starts_one_thread(widget):
    before = threading.active_count()
    widget.resume()
    assert threading.active_count() == before


def test_its_thread_ends_when_it_is_closed(widget):
    widget.close()
    widget._thread.join(5)
    assert not widget._thread.is_alive()


def test_two_dashboards_of_one_workspace_both_see_what_is_new(layout, widget, write):
    other = Dashboard(layout, "days", follow=False)
    write(request(0))
    assert other.look()
    until(lambda: widget.shown["drawings"] == other.shown["drawings"])
    other.close()


def test_its_text_leaves_out_times_and_latencies(widget, write):
    write(request(0), request(5, version="7"), request(6, p=None))
    write(event(4), to="events")
    widget.look()
    assert widget.text().splitlines() == [
        "The model server as its clients see it",
        "  3 requests, 1 failed",
        "  answered by version 6, then 7",
        "  change-overs: v7 deployed",
    ]


def test_a_page_without_a_kernel_shows_a_picture(widget, write):
    data, _ = widget._repr_mimebundle_()
    assert "image/png" not in data
    assert "No traffic yet" in data["text/plain"]
    write(request(0))
    widget.look()
    data, _ = widget._repr_mimebundle_()
    assert data["image/png"].startswith("iVBOR")
    assert "image/svg+xml" not in data  # it would be compared, and no two runs are alike


def test_a_message_of_another_kind_changes_nothing(widget):
    for message in ("nonsense", {"verb": "explode"}, None):
        widget._receive(widget, message, [])
    assert widget.following
