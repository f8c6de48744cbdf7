"""What people did, counted from the log."""

from flights.events import Event
from flights.manual import steps_by_hand


def line(kind: str, step: str, id: str, actor: str) -> Event:
    return Event("2013-06-01T00:00:00+00:00", kind, step, id, 1, None, None, actor, "a test")


def test_programs_do_not_count_and_three_lines_are_one_step():
    lines = [line("deploy", step, "d", "ada") for step in ("intent", "moved", "done")]
    lines += [line("alert", "fired", "a", "loop"), line("alert", "acknowledged", "a", "ada")]
    assert [(step.kind, step.step) for step in steps_by_hand(lines)] == [
        ("deploy", "intent"),
        ("alert", "acknowledged"),
    ]
