"""Brings a version into service: intent, move, done; each is written down before the next.

Two things must agree that no transaction joins: the alias in the registry and the event log. So
the intent is logged first, and whatever a kill leaves half done is finished or undone by the next
one who comes.
"""

import argparse
import getpass
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace

import mlflow
from filelock import FileLock, Timeout
from mlflow.exceptions import MlflowException

from flights.events import Event, now, read_events, write
from flights.registry import CHAMPION, NoSuchModelError, find
from flights.running import wait_for_server
from flights.settings import Settings, read_settings
from flights.store import StoreError, connect

GATE = "gate"
ONE_BY_ONE = 60.0  # seconds that a change-over waits for another one


class DeployError(Exception):
    """A version was not brought into service; the message says why. What served goes on."""


def roll_out(version: int, settings: Settings) -> None:
    """Deploy what the gate has just said yes to, unless deployments are held."""
    decided = mlflow.MlflowClient().get_model_version(settings.model, str(version)).tags
    against = decided.get("gate.champion", "none")
    cause = f"the gate said yes (compared with: {against})"
    with one_change_over(settings):
        events = read_events(settings)
        if any(event.version == version and event.step == "moved" for event in events):
            return  # its turn has come before
        if hold := held(events):
            print(f"held: version {version} waits, for {hold.cause!r} was rolled back", flush=True)
            return
        change_over("deploy", version, settings.actor or GATE, cause, settings)
    print(f"version {version} is in service", flush=True)


def deploy(name: str, reason: str, settings: Settings) -> int:
    """Deploy a version by hand, and return its number.

    Raises
    ------
    DeployError
        If the gate has not said yes to it, no reason is given, or the server refuses it.
    NoSuchModelError
        If there is no such version.
    """
    connect(settings)
    version = find(name, settings)
    if version.tags.get("gate.decision") != "yes":
        raise DeployError(f"the gate has not said yes to version {version.version}: ask it first")
    if not reason.strip():
        raise DeployError("say why: --reason")
    number = int(version.version)
    with one_change_over(settings):
        change_over("deploy", number, person(settings), reason, settings)
    return number


def change_over(kind: str, version: int, actor: str, cause: str, settings: Settings) -> None:
    """Let the alias champion point to a version, and write down each step.

    Raises
    ------
    DeployError
        If the running server does not take it: the alias is back where it was then.
    """
    previous = champion(settings)
    run_id = mlflow.MlflowClient().get_model_version(settings.model, str(version)).run_id
    intent = Event(
        at=now(),
        kind=kind,
        step="intent",
        id=uuid.uuid4().hex[:8],
        version=version,
        previous=previous,
        run_id=run_id,
        actor=actor,
        cause=cause,
    )
    write(intent, settings)
    point_to(version, settings)
    log_step(intent, "moved", settings)
    settle(intent, settings)


def settle(moved: Event, settings: Settings, cause: str = "") -> None:
    """End a change-over whose alias has moved: done if the server takes it, undone if it refuses.

    Raises
    ------
    DeployError
        If it was undone.
    """
    if problem := wait_for_server(moved.version, settings):
        point_to(moved.previous, settings)
        log_step(moved, "undone", settings, problem)
        raise DeployError(f"version {moved.version} was not taken, all is as before: {problem}")
    log_step(moved, "done", settings, cause)


def recover(settings: Settings) -> None:
    """Finish or undo what a kill left between intent and done."""
    steps: dict[str, Event] = {}
    for event in read_events(settings):
        steps[event.id] = event
    for last in steps.values():
        if last.step not in ("intent", "moved"):
            continue
        if champion(settings) == last.version:
            if last.step == "intent":  # the kill came between the move and its line
                log_step(last, "moved", settings)
            with suppress(DeployError):  # it is undone, and who comes now does something else
                settle(last, settings, "finished after an interruption")
        else:
            log_step(last, "undone", settings, "interrupted before the alias moved")


def log_step(of: Event, step: str, settings: Settings, cause: str = "") -> None:
    """Write down how far a change-over is."""
    write(replace(of, at=now(), step=step, cause=cause or of.cause), settings)


def champion(settings: Settings) -> int | None:
    """Return the version that the alias champion points to."""
    try:
        found = mlflow.MlflowClient().get_registered_model(settings.model).aliases.get(CHAMPION)
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return None
        raise
    return int(found) if found else None


def point_to(version: int | None, settings: Settings) -> None:
    """Let the alias champion point to a version, or to none."""
    client = mlflow.MlflowClient()
    if version is None:
        client.delete_registered_model_alias(settings.model, CHAMPION)
    else:
        client.set_registered_model_alias(settings.model, CHAMPION, str(version))


def held(events: Sequence[Event]) -> Event | None:
    """Return the rollback that holds automatic deployments: none since the last resume, or None.

    Somebody went back for a reason. Until a person says that it is over, nothing goes forward
    by itself: the next candidate may have the same fault.
    """
    holding = None
    for event in events:
        if event.kind == "rollback":
            holding = event
        elif event.kind == "resume":
            holding = None
    return holding


def resume(reason: str, settings: Settings) -> None:
    """Let automatic deployments go on after a rollback; write down who said so, and why."""
    serving = champion(settings)
    event = Event(
        at=now(),
        kind="resume",
        step="done",
        id=uuid.uuid4().hex[:8],
        version=serving,
        previous=serving,
        run_id=None,
        actor=person(settings),
        cause=reason,
    )
    with one_change_over(settings):
        write(event, settings)


def person(settings: Settings) -> str:
    """Return who is at the keyboard."""
    return settings.actor or getpass.getuser()


@contextmanager
def one_change_over(settings: Settings) -> Iterator[None]:
    """Keep others out while the champion changes, and first mend what a kill has left.

    Raises
    ------
    DeployError
        If another change-over does not end.
    """
    settings.serving.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.serving / "deploy.lock", timeout=ONE_BY_ONE)
    try:
        lock.acquire()
    except Timeout:
        raise DeployError("another change-over has not ended for a minute: look at it") from None
    try:
        recover(settings)
        yield
    finally:
        lock.release()


def main(argv: Sequence[str] | None = None) -> int:
    """Deploy by hand, or lift a hold; return 0, or 1 if it could not be done."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("name", nargs="?", help="a version or an alias")
    what.add_argument("--resume", action="store_true", help="end the hold after a rollback")
    parser.add_argument("--reason", default="", help="why")
    words = parser.parse_args(argv)
    settings = read_settings()
    try:
        connect(settings)
        if words.resume:
            resume(words.reason or "no reason given", settings)
            print("deployments go on by themselves again")
        else:
            print(f"version {deploy(words.name, words.reason, settings)} is in service")
    except (DeployError, NoSuchModelError, StoreError) as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
