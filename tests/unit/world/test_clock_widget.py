"""The clock in a notebook says what the world says, and moves it."""

from pathlib import Path

import pytest

from widgets.base.paths import Layout
from widgets.world import ClockError, World
from widgets.world.clock_widget import ClockWidget


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(Layout(tmp_path))


def press(widget: ClockWidget, verb: str) -> None:
    widget._receive(widget, {"verb": verb}, [])


def test_its_text_is_the_date_and_what_has_landed(world):
    assert ClockWidget(world).text().splitlines() == [
        "1 March 2013 in the world",
        "  2013-01: 27,004 flights have landed",
        f"  2013-02: {world.flights_landed()['2013-02']:,} flights have landed",
    ]


def test_a_night_passes(world):
    widget = ClockWidget(world)
    press(widget, "night")
    assert widget.shown["today"] == "2 March 2013"
    assert [month["month"] for month in widget.shown["landed"]][-1] == "2013-03"


def test_the_target_is_reached_and_then_done(world):
    moved = []
    widget = ClockWidget(world, "2013-04-01", lambda: moved.append(world.today))
    assert widget.shown["target"] == "1 April 2013"
    assert not widget.shown["reached"]
    press(widget, "target")
    assert widget.shown["reached"]
    assert len(moved) == 1


def test_a_move_made_elsewhere_is_seen_at_the_next_look(world):
    widget = ClockWidget(world)
    world.advance_to("2013-03-05")
    press(widget, "look")
    assert widget.shown["today"] == "5 March 2013"


def test_a_target_that_the_world_does_not_have_is_refused(world):
    with pytest.raises(ClockError):
        ClockWidget(world, "2012-01-01")


def test_a_message_of_another_kind_changes_nothing(world):
    widget = ClockWidget(world)
    widget._receive(widget, "nonsense", [])
    press(widget, "backwards")
    assert widget.shown["today"] == "1 March 2013"
