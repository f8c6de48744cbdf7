"""What a notebook calls: it prints what is the same on every machine, and never a stack trace."""

import pytest

from widgets import course
from widgets.kit import Kit
from widgets.services.status import read_told


@pytest.fixture
def kit(layout, monkeypatch):
    """Return the kit that a notebook of this workspace uses; it is 1 April."""
    made = Kit(layout)
    made.world.advance_to("2013-04-01")
    monkeypatch.setattr(course, "_kit", lambda: made)
    yield made
    made.server.stop()
    made.checker.close()


def test_without_a_server_a_notebook_goes_on_with_a_line(kit, capsys):
    assert course.server().text() == "The model server is not running."
    course.traffic()
    course.live_until("2013-04-03")
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 2 and all("No model server answers here" in line for line in said)
    assert str(kit.world.today) == "2013-04-01"
    status, answer = course.ask("/predict", {"flights": []})
    assert status == 0 and "3.2" in answer["problem"]


@pytest.mark.slow
def test_a_day_and_some_days_have_stable_summaries(kit, capsys, monkeypatch):
    monkeypatch.setenv(course.SOLVE, "1")  # no bar
    kit.server.start()
    course.traffic(rate=50, seconds=0.4)
    course.live_until("2013-04-03")
    course.live_until("2013-04-03")
    assert capsys.readouterr().out.splitlines() == [
        "20 flights asked, 0 failed",
        "1,933 flights asked, 0 failed",
        "0 flights asked, 0 failed. It is 3 April already.",
    ]


def test_a_day_that_the_world_does_not_have_is_a_line(kit, capsys):
    course.live_until("2015-01-01")
    assert "2014-01-01" in capsys.readouterr().out


def test_solving_starts_it_and_a_restart_is_another_process(kit, layout, monkeypatch):
    monkeypatch.setenv(course.SOLVE, "1")
    assert course.server().text() == "The model server answers."
    before = read_told(layout).pid
    assert course.server().text() == "The model server answers."
    assert read_told(layout).pid == before
    assert course.server(restart=True).text() == "The model server answers."
    assert read_told(layout).pid != before


def test_a_learners_restart_goes_on_while_the_notebook_is_read(kit, layout):
    kit.server.start()
    before = read_told(layout).pid
    button = course.server(restart=True)
    button.wait()
    assert button.shown["state"] == "ready" and read_told(layout).pid != before


def test_a_restart_without_a_server_starts_none(kit, layout):
    assert course.server(restart=True).text() == "The model server is not running."
    assert read_told(layout) is None
