"""Blue/green: the new version stands ready beside the old one; one switch, and one switch back.

A canary asks whether the new one is good. Here somebody knows that it is, and wants all flights
to change at once, with the way back ready: a new schema of a partner, a fault that burns.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace

from flights.deploy import DeployError, champion, change_over, one_change_over, person
from flights.registry import NoSuchModelError, find
from flights.rollout import begin, end, note, put, reconcile
from flights.rollout_state import Rollout
from flights.running import ask_server
from flights.settings import Settings, read_settings
from flights.store import StoreError, connect

KIND = "blue-green"
SHARES = (0.0, 1.0)  # blue answers for all flights; green does
BLUE, GREEN = 0, 1
PAUSE = 2.0  # seconds between two steps of a rehearsal


def ready(name: str, reason: str, settings: Settings) -> Rollout:
    """Let the server load a version beside the champion; it answers for nobody yet.

    Raises
    ------
    DeployError
        If it may not serve, another rollout goes on, or the server cannot load it.
    NoSuchModelError
        If there is no such version.
    """
    version = find(name, settings)
    number = int(version.version)
    if version.tags.get("gate.decision") != "yes" or version.tags.get("policy.decision") == "no":
        raise DeployError(f"version {number} may not serve: gate and policy must say yes")
    if not reason.strip():
        raise DeployError("say why: --reason")
    with one_change_over(settings):
        if running := reconcile(settings):
            raise DeployError(f"a {running.kind} of version {running.version} goes on: end it")
        serving = champion(settings)
        if serving is None or serving == number:
            raise DeployError(f"version {number} has no other one beside it: deploy it")
        rollout = begin(KIND, number, serving, SHARES, settings, settings.actor or person(settings))
        if problem := (ask_server(settings) or {}).get("candidate_problem"):
            close(rollout, f"it is not ready: {problem}", settings)
            raise DeployError(f"version {number} is not ready: {problem}")
    return rollout


def switch(to: int, reason: str, settings: Settings) -> Rollout:
    """Let green (1) or blue (0) answer for all flights from now on.

    Raises
    ------
    DeployError
        If no blue/green rollout goes on.
    """
    with one_change_over(settings):
        further = replace(present(settings), step=to)
        put(further, settings)
        note(further, "back" if to == BLUE else "switched", reason, settings, person(settings))
    return further


def finish(reason: str, settings: Settings) -> int:
    """End it: who answers now is the champion; the other one is let go. Return its number.

    Raises
    ------
    DeployError
        If no blue/green rollout goes on, or the server does not take the version.
    """
    with one_change_over(settings):
        rollout = present(settings)
        if rollout.step == GREEN:
            cause = f"{KIND} {rollout.id}: {reason}"
            change_over("deploy", rollout.version, person(settings), cause, settings)
        close(rollout, reason, settings)
    return rollout.version if rollout.step == GREEN else rollout.previous


def rehearse(name: str, reason: str, settings: Settings) -> None:
    """Make a version ready, switch to it and back, and end it: so that the way is known."""
    ready(name, reason, settings)
    for to in (GREEN, BLUE):
        time.sleep(PAUSE)
        switch(to, reason, settings)
    time.sleep(PAUSE)
    finish(reason, settings)


def close(rollout: Rollout, reason: str, settings: Settings) -> None:
    """Write down that it has ended, and let the server split no longer."""
    note(rollout, "ended", reason, settings, person(settings))
    end(settings)


def present(settings: Settings) -> Rollout:
    """Return the blue/green rollout that goes on.

    Raises
    ------
    DeployError
        If none does.
    """
    rollout = reconcile(settings)
    if rollout is None or rollout.kind != KIND:
        raise DeployError("no blue/green rollout goes on: begin with `ready VERSION`")
    return rollout


def main(argv: Sequence[str] | None = None) -> int:
    """Do one step; return 0, or 1 if it could not be done."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=["ready", "switch", "back", "end", "rehearse"])
    parser.add_argument("version", nargs="?", default="", help="which one (for ready, rehearse)")
    parser.add_argument("--reason", default="", help="why: it is written down")
    words = parser.parse_args(argv)
    settings = read_settings()
    reason = words.reason.strip() or "no reason given"
    try:
        connect(settings)
        if words.what == "ready":
            rollout = ready(words.version, words.reason, settings)
            print(f"version {rollout.version} is ready, version {rollout.previous} answers")
        elif words.what == "rehearse":
            rehearse(words.version, words.reason, settings)
            print("there and back: all is as it was")
        elif words.what == "end":
            print(f"version {finish(reason, settings)} is the champion")
        else:
            rollout = switch(BLUE if words.what == "back" else GREEN, reason, settings)
            answers = rollout.version if rollout.step == GREEN else rollout.previous
            print(f"version {answers} answers for all flights")
    except (DeployError, NoSuchModelError, StoreError) as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
