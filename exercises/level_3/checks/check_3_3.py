"""3.3 Deploy by itself: intent, moved, done, under traffic and with a kill at each step."""

import os
from datetime import datetime

import pytest
from _bench import few
from _registry import begin, champion, point_to, register, train, truncate
from _server import Load, Server, wait_until

FILE = "flights/deploy.py"
APPROVED = {"gate.decision": "yes", "gate.champion": "1"}


@pytest.fixture(scope="module")
def settings(project, workspace, kit_flights):
    return begin(project, workspace / "bench", kit_flights)


@pytest.fixture(scope="module")
def first(settings, say):
    """What the one command does, with the gate named as after_register; the events it leaves."""
    from flights.pipeline import run_pipeline

    say("the one command: trained, registered, judged, deployed")
    run_pipeline(settings)
    return events(settings)


@pytest.fixture(scope="module")
def models(first, settings, kit_flights):
    """Versions 2 and 3, which the gate let through, and 4, which has half a file."""
    for strength in (0.01, 0.001, 0.0001):
        register(train(kit_flights, strength), settings, **APPROVED)
    truncate(4)
    return (2, 3, 4)


def events(settings):
    from flights.events import read_events

    return read_events(settings)


def steps(found) -> list[str]:
    return [f"{event.step} {event.version}" for event in found]


def test_named(settings):
    """pyproject.toml names the gate as what follows a registration."""
    from flights.settings import resolve

    name = settings.seams.get("after_register", "")
    assert name, (
        "after_register is empty in pyproject.toml, [tool.flights.seams]: a version is registered "
        'and nobody is told. Write after_register = "flights.gate.on_registered".'
    )
    try:
        found = resolve(name)
    except (ImportError, AttributeError, ValueError) as error:
        raise AssertionError(
            f"after_register = {name!r} in pyproject.toml cannot be imported: {error}. It is the "
            "module and the function, joined by dots: flights.gate.on_registered."
        ) from None
    assert callable(found), f"after_register = {name!r} in pyproject.toml is no function."


def test_by_itself(first):
    """One command trains, registers, judges and deploys: no hand in between."""
    assert champion() == 1, (
        f"The pipeline registered a version that passes the gate; the champion is {champion()}. "
        f"The gate's yes calls roll_out, and that change_over ({FILE})."
    )
    assert steps(first) == ["intent 1", "moved 1", "done 1"], (
        f"The event log says {steps(first) or 'nothing'}; wanted is intent, moved, done ({FILE})."
    )
    intent = first[0]
    assert intent.actor in ("gate", os.environ.get("FLIGHTS_ACTOR")), (
        f"Nobody but the gate decided, and the log says actor={intent.actor!r} ({FILE})."
    )
    assert len({event.id for event in first}) == 1, (
        f"The three steps of one change-over have different ids: log_step keeps it ({FILE})."
    )


class Killed(BaseException):
    """As if the process had died here."""


@pytest.fixture
def kill(monkeypatch):
    """A function that plants a kill: around the move of the alias, or before a line is written."""
    from mlflow import MlflowClient

    import flights.events

    move, write = MlflowClient.set_registered_model_alias, flights.events.append

    def plant(where: str) -> None:
        def moving(*args, **kwargs):
            if where == "after the alias has moved":
                move(*args, **kwargs)
            raise Killed

        def writing(event, settings):
            if event.step == where.rpartition(" ")[2]:
                raise Killed
            write(event, settings)

        if "alias" in where:
            monkeypatch.setattr(MlflowClient, "set_registered_model_alias", moving)
        else:
            monkeypatch.setattr(flights.events, "append", writing)

    plant.undo = monkeypatch.undo
    return plant


KILLS = {
    "before the line intent": (1, []),
    "before the alias moves": (1, ["intent 2", "undone 2"]),
    "after the alias has moved": (2, ["intent 2", "moved 2", "done 2"]),
    "before the line moved": (2, ["intent 2", "moved 2", "done 2"]),
    "before the line done": (2, ["intent 2", "moved 2", "done 2"]),
}


@pytest.mark.parametrize("where", KILLS)
def test_kill(where, first, models, settings, kill, say):
    """A kill at any moment is mended by who comes next: log and registry agree."""
    from flights.deploy import change_over, recover

    say(f"killed {where}")
    recover(settings)
    point_to(1)
    before = len(events(settings))
    kill(where)
    with pytest.raises(Killed):
        change_over("deploy", 2, "gate", "a kill of the check's", settings)
    kill.undo()
    half = steps(events(settings)[before:])
    if where == "before the alias moves":
        assert half == ["intent 2"], (
            f"Killed {where}, the log says {half or 'nothing'}: the intent is written down first, "
            f"or nobody knows what was meant ({FILE})."
        )
    recover(settings)
    serving, wanted = KILLS[where]
    found = steps(events(settings)[before:])
    assert champion() == serving, (
        f"Killed {where} and recovered, the champion is {champion()}, not {serving} ({FILE})."
    )
    assert found == wanted, (
        f"Killed {where}. After recover the log says {found or 'nothing'}, and the champion is "
        f"version {serving}; wanted is {wanted or 'nothing'} ({FILE})."
    )
    recover(settings)
    assert steps(events(settings)[before:]) == wanted, (
        f"A second recover has written more lines: what is done or undone is settled ({FILE})."
    )


@pytest.fixture(scope="module")
def server(first, models, settings, project, program, workspace, say):
    say("starting your server")
    point_to(1)
    server = Server(program, project, workspace / "bench")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def traffic(server, kit_flights):
    return Load(server, few(kit_flights).tail(100))


def test_traffic(server, traffic, settings, say):
    """A deployment under traffic: nothing fails, and the log says done when the server answers."""
    from flights.deploy import roll_out

    say("deploying version 3 while requests go on")
    before = len(events(settings))
    with traffic as load:
        roll_out(3, settings)
        serving = server.ready()["version"]
        server.wait_for(3)
        since = datetime.fromisoformat(server.ready()["since"])
    found = events(settings)[before:]
    assert steps(found) == ["intent 3", "moved 3", "done 3"], (
        f"The log says {steps(found)} ({FILE})."
    )
    said = datetime.fromisoformat(found[-1].at)
    assert serving == 3 and since <= said, (  # a server that was just looking hides nothing
        "The log said done, and the server still answered with version 1: settle waits for it "
        f"(wait_for_server) ({FILE})."
    )
    assert not load.failures, f"{len(load.failures)} requests failed: {load.failures[0][:300]}"
    assert found[0].previous == 1 and found[0].run_id, f"Where from is not written down: {found[0]}"


def test_refused(server, traffic, settings, say):
    """What the server refuses is taken back: the alias too, with a reason in the log."""
    from flights.deploy import DeployError, deploy

    say("deploying version 4, whose file is only half there")
    before = len(events(settings))
    with traffic as load:
        try:
            deploy("4", "a bad one, for the check", settings)
        except DeployError as error:
            said = str(error)
        else:
            raise AssertionError(
                f"Version 4 does not load, and deploy() returned as if all were well ({FILE})."
            )
    found = events(settings)[before:]
    assert champion() == 3, (
        f"The server refused version 4, and the champion is {champion()}: back to "
        f"{found[0].previous} with point_to ({FILE})."
    )
    assert steps(found) == ["intent 4", "moved 4", "undone 4"], (
        f"The log says {steps(found)} ({FILE})."
    )
    assert "4" in found[-1].cause and found[-1].cause != found[0].cause, (
        f"The line undone does not say why: its cause is {found[-1].cause!r} ({FILE})."
    )
    assert "4" in said and not load.failures and server.ready()["version"] == 3


def test_two(server, settings, project, program, say):
    """Two deployments in the same second happen one after the other."""
    from flights.deploy import deploy

    say("two deployments at the same moment: one by the command, one in the midst of it")
    before = len(events(settings))
    other = program(["-m", "flights.deploy", "1", "--reason", "two at once"], project)
    try:
        wait_until(lambda: len(events(settings)) > before or other.poll() is not None, 60)
        deploy("2", "two at once", settings)
    finally:
        code, output = other.end(60)
    assert code == 0, f"python -m flights.deploy failed:\n{output[-500:]}"
    found = steps(events(settings)[before:])
    wanted = [f"{step} {number}" for number in (1, 2) for step in ("intent", "moved", "done")]
    assert found == wanted, f"They ran into one another: {found} ({FILE})."
    assert champion() == server.ready()["version"] == 2
