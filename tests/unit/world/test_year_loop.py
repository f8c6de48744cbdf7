"""The year's conversation with the loop: an answer to each `now`, or a fault said in words."""

import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from widgets.world import World, year_process
from widgets.world.year_loop import Loop, LoopError
from widgets.world.year_process import end_leftovers, leftovers

NOW = datetime(2013, 4, 3, 4, tzinfo=UTC)
PROJECT = Path(__file__).with_name("year_project")


@pytest.fixture
def place(layout):
    """Return the year's workspace with the tiny project in it."""
    shutil.copytree(PROJECT, layout.year.project)
    World(layout.year).advance_to("2013-03-02")
    return layout.year


def test_it_answers_each_now_with_its_events_and_ends_with_its_input(place):
    with Loop(place) as loop:
        assert loop.tell(NOW - timedelta(hours=1)) == []
        assert [event["kind"] for event in loop.tell(NOW)] == ["alert", "deploy", "canary"]
        assert loop.tell(NOW) == []  # told again
        began = time.monotonic()
    assert time.monotonic() - began < 6 and not leftovers(place)
    assert loop.log.read_text() == "the loop begins\n"


@pytest.mark.parametrize(
    ("do", "said"),
    [
        ("die", r"ended with code 7 when it was told 2013-04-03T04.*\n  I cannot go on"),
        ("hang", r"did not answer to 2013-04-03T04:00:00\+00:00 in 0\.5 s.*\n  I am waiting"),
        ("I have begun", r"answered 'I have begun' to .*must go to sys\.stderr"),
        ("[1]", r"answered '\[1\]' to "),
        ('{"events": []}', r"answered '\{.*\"now\" and \"events\""),
        ('{"now": "2013-04-03T05:00:00+00:00", "events": []}', "about another now"),
        ('{"now": "2013-04-03T04:00:00+00:00", "events": [1]}', "no list of entries"),
        ('{"now": "2013-04-03T04:00:00+00:00", "error": "disk full"}', "go on at .*: disk full"),
    ],
)
def test_whatever_else_it_does_is_said_with_its_last_words(place, trap, do, said):
    place.logs.mkdir(parents=True, exist_ok=True)
    (place.logs / "loop.log").write_text("of an earlier loop\n")
    trap("loop", NOW.isoformat(), do)
    with (
        pytest.raises(LoopError, match=f"(?s)^Your loop .*{said}") as fault,
        Loop(place, 0.5) as loop,
    ):
        loop.tell(NOW)
    assert "the loop begins" in str(fault.value) and "an earlier loop" not in str(fault.value)
    assert "goes on where it stopped" in str(fault.value) and str(loop.log) in str(fault.value)
    assert not leftovers(place)


def test_what_was_left_running_and_does_not_end_is_ended(place, trap, monkeypatch):
    monkeypatch.setattr(year_process, "LEFT_SECONDS", 0.2)
    trap("loop", NOW.isoformat(), "hang")
    words = [sys.executable, "-m", "flights.loop"]
    left = subprocess.Popen(
        words, cwd=place.project, env=year_process.environment(place), stdin=subprocess.PIPE
    )
    assert left.stdin is not None
    left.stdin.write(b'{"now": "2013-04-03T04:00:00+00:00"}\n')
    left.stdin.close()  # as when a killed year has left it: deep in its work
    end_leftovers(place)
    assert left.wait(5) != 0
