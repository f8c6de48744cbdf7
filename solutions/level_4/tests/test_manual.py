"""What people did, counted from the log."""

from dataclasses import replace
from pathlib import Path

from flights.control import go_on, pause
from flights.events import Event, read_events
from flights.manual import steps_by_hand
from flights.settings import read_settings


def line(kind: str, step: str, id: str, actor: str) -> Event:
    return Event("2013-06-01T00:00:00+00:00", kind, step, id, 1, None, None, actor, "a test")


def test_programs_do_not_count_and_three_lines_are_one_step():
    lines = [line("deploy", step, "d", "ada") for step in ("intent", "moved", "done")]
    lines += [line("alert", "fired", "a", "loop"), line("alert", "acknowledged", "a", "ada")]
    assert [(step.kind, step.step) for step in steps_by_hand(lines)] == [
        ("deploy", "intent"),
        ("alert", "acknowledged"),
    ]


def test_each_pause_and_each_end_of_one_is_a_step(tmp_path: Path):
    project = read_settings(Path(__file__).parents[1])
    settings = replace(project, serving=tmp_path, actor="ada", seams={})  # a log without a chain
    for _ in range(2):
        pause("to look", settings)
        go_on("looked", settings)
    found = [step.step for step in steps_by_hand(read_events(settings))]
    assert found == ["paused", "resumed"] * 2
