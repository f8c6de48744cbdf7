"""3.4 Back in one command: once, twice, once too often, and under traffic."""

import pytest
from _bench import few
from _registry import begin, champion, register, train
from _server import Load, Server

FILE = "flights/rollback.py"


@pytest.fixture(scope="module")
def settings(project, workspace, kit_flights, say):
    """A registry with four versions that the gate let through."""
    say("registering four versions")
    settings = begin(project, workspace / "bench", kit_flights)
    made = train(kit_flights)
    for _ in range(4):
        register(made, settings, **{"gate.decision": "yes"})
    return settings


def event(kind: str, version: int, step: str = "done"):
    from flights.events import Event

    return Event("", kind, step, "x", version, None, None, "", "")


def last(settings):
    from flights.events import read_events

    return read_events(settings)[-1]


def deploy(*versions: int, settings) -> None:
    from flights.deploy import change_over

    for version in versions:
        change_over("deploy", version, "gate", "for the check", settings)


HISTORIES = {
    "nothing was deployed": ([], []),
    "one, then two": ([("deploy", 1), ("deploy", 2)], [1, 2]),
    "one, two, back": ([("deploy", 1), ("deploy", 2), ("rollback", 1)], [1]),
    "one, two, three, back, back": (
        [("deploy", 1), ("deploy", 2), ("deploy", 3), ("rollback", 2), ("rollback", 1)],
        [1],
    ),
    "one, two, back, four": (
        [("deploy", 1), ("deploy", 2), ("rollback", 1), ("deploy", 4)],
        [1, 4],
    ),
    "one, and two that was refused": (
        [("deploy", 1), ("deploy", 2, "moved"), ("deploy", 2, "undone")],
        [1],
    ),
    "one, two, and deployments resumed": ([("deploy", 1), ("deploy", 2), ("resume", 2)], [1, 2]),
}


@pytest.mark.parametrize("what", HISTORIES)
def test_in_service(what):
    """in_service reads out of the log what is in service, one above the other."""
    from flights.rollback import in_service

    history, wanted = HISTORIES[what]
    found = in_service([event(*line) for line in history])
    assert list(found) == wanted, (
        f"{what}: in service are {wanted}, the last one on top; in_service says {found} ({FILE})."
    )


def test_nothing(settings):
    """Where there is nothing to go back to, it says so and changes nothing."""
    from flights.deploy import DeployError
    from flights.rollback import roll_back

    with pytest.raises(DeployError):
        roll_back("too early", settings)
    deploy(1, settings=settings)
    before = last(settings)
    try:
        roll_back("too early", settings)
    except DeployError as error:
        assert "1" in str(error), f"The message does not name the first version: {error} ({FILE})."
    except IndexError:
        raise AssertionError(
            "Version 1 is the first that was deployed, and roll_back ended with an IndexError: "
            f"look whether there is a second from the top, and raise DeployError ({FILE})."
        ) from None
    else:
        raise AssertionError(f"There was nothing to go back to, and it went back ({FILE}).")
    assert champion() == 1 and last(settings) == before


def test_reason(settings):
    """Without a reason nobody goes back."""
    from flights.deploy import DeployError
    from flights.rollback import roll_back

    deploy(2, 3, settings=settings)
    for reason in ("", "  "):
        try:
            roll_back(reason, settings)
        except DeployError:
            continue
        raise AssertionError(
            f"It went back for the reason {reason!r}, which says nothing ({FILE})."
        )
    assert champion() == 3, "It refused, and went back all the same."


@pytest.fixture(scope="module")
def server(settings, project, program, workspace, say):
    say("starting your server")
    server = Server(program, project, workspace / "bench")
    yield server
    server.stop()


def test_back(settings, server, kit_flights, say):
    """One command goes back under traffic: nothing fails; who, when and why are written down."""
    from flights.rollback import roll_back

    say("going back while requests go on")
    with Load(server, few(kit_flights).tail(100)) as load:
        returned = roll_back("nonsense for one airline", settings)
        serving = server.ready()["version"]
    assert champion() == 2, f"From 3 it goes back to 2; the champion is {champion()} ({FILE})."
    assert returned == 2, f"roll_back returned {returned!r}: the version that serves now ({FILE})."
    assert serving == 2, f"The server still answers with version {serving}."
    assert not load.failures, f"{len(load.failures)} requests failed: {load.failures[0][:300]}"
    written = last(settings)
    assert (written.kind, written.step) == ("rollback", "done"), (
        f"The log's last line is {written.kind} {written.step}; wanted is rollback done ({FILE})."
    )
    assert written.cause == "nonsense for one airline", f"The reason is lost: {written.cause!r}"
    assert written.actor not in ("", "gate"), (
        f"A person went back, and the log says actor={written.actor!r}: person(settings) ({FILE})."
    )


def test_held(settings):
    """After a rollback nothing is deployed by itself, until somebody resumes."""
    from flights.deploy import resume, roll_out

    roll_out(4, settings)
    assert champion() == 2, (
        "Somebody went back for a reason, and the gate's next yes went forward at once: a rollback "
        f'is written down with the kind "rollback" ({FILE}).'
    )
    resume("it was the airline's feed, not the model", settings)
    roll_out(4, settings)
    assert champion() == 4, "Resumed, and the next yes is still held."


def test_twice(settings):
    """A second rollback goes one further back, not forward again."""
    from flights.deploy import DeployError
    from flights.rollback import roll_back

    assert roll_back("version 4 is bad as well", settings) == 2
    found = roll_back("and 2 is no better", settings)
    assert found == 1, (
        f"1, 2 and 4 were in service. The second rollback went from 2 to {found}: that is forward "
        f"to what somebody has just fled from. Wanted is 1 ({FILE})."
    )
    with pytest.raises(DeployError):
        roll_back("once too often", settings)
    assert champion() == 1
