"""4.6 A year on its own: what people did is counted from the log, whoever did it."""

import itertools

import pytest

FILE = "flights/manual.py"


@pytest.fixture
def line(project):
    """A function that makes one line of an event log."""
    from flights.events import Event

    ids = itertools.count()

    def make(kind: str, step: str, actor: str, id: str | None = None) -> Event:
        return Event(
            at="2013-06-01T00:00:00+00:00",
            kind=kind,
            step=step,
            id=id or f"id-{next(ids)}",
            version=2,
            previous=1,
            run_id=None,
            actor=actor,
            cause="written by the check",
        )

    return make


def count(events) -> list[str]:
    """Return the steps that the learner's code finds, as words."""
    from flights.manual import steps_by_hand

    return [f"{event.kind} {event.step} by {event.actor}" for event in steps_by_hand(events)]


@pytest.mark.parametrize("program", ["loop", "gate", "canary", "policy", "pipeline"])
def test_program(program, line):
    """What a program did is no step by hand."""
    found = count([line("deploy", "intent", program), line("canary", "started", program)])
    assert found == [], f"{program} is a program, and its lines were counted: {found} ({FILE})."


@pytest.mark.parametrize("person", ["ada", "kit", "root", "the loop"])
def test_person(person, line):
    """Whoever is no program is a person; nobody has to be on a list for that."""
    found = count([line("resume", "done", person)])
    assert len(found) == 1, (
        f"{person!r} is none of PROGRAMS and let deployments go on: one step by hand; "
        f"found: {found} ({FILE})."
    )


def test_one_thing(line):
    """A deployment by hand has three lines, and is one step."""
    lines = [line("deploy", step, "ada", "d-1") for step in ("intent", "moved", "done")]
    found = count(lines)
    assert found == ["deploy intent by ada"], (
        f"Intent, moved and done of one deployment were counted as {found}; it is one step, and "
        f"its first line stands for it ({FILE})."
    )


def test_two_things(line):
    """Two rollbacks on one day are two steps, and so are a pause of the loop and its end."""
    found = count([line("rollback", "done", "ada"), line("rollback", "done", "ada")])
    assert len(found) == 2, f"Two rollbacks with two ids were counted as {found} ({FILE})."
    found = count([line("loop", "paused", "ada"), line("loop", "resumed", "ada")])
    assert len(found) == 2, (
        f"A pause and its end, each with its id, were counted as {found} ({FILE})."
    )


def test_mixed(line):
    """A person may touch what a program has begun: only the person's line is counted."""
    found = count(
        [
            line("alert", "fired", "loop", "loss-2013-06-29"),
            line("alert", "acknowledged", "ada", "loss-2013-06-29"),
            line("alert", "resolved", "loop", "loss-2013-06-29"),
        ]
    )
    assert found == ["alert acknowledged by ada"], (
        f"The loop told an alert and ended it, Ada acknowledged it: one step by hand, hers; "
        f"found: {found} ({FILE})."
    )


def test_same_id(line):
    """The same id in another kind is another thing."""
    found = count([line("deploy", "intent", "ada", "7"), line("rollback", "intent", "ada", "7")])
    assert len(found) == 2, (
        f"A deployment and a rollback with the same id are two things; found: {found} ({FILE})."
    )


def test_order(line):
    """The steps come in the order in which they were taken, and an empty log has none."""
    assert count([]) == [], f"An empty log has no steps ({FILE})."
    found = count([line("resume", "done", "bea"), line("loop", "paused", "ada")])
    assert found == ["resume done by bea", "loop paused by ada"], (
        f"The oldest comes first: found {found} ({FILE})."
    )
