"""A rollout: the candidate answers for a share of the flights, and the share moves by rule.

The server reads where it stands; the loop moves it. What has become of it is in the event log.
"""

import json
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any

import mlflow

from flights import clock
from flights.canary import SHARES, Verdict, judge
from flights.deploy import champion, change_over, held, one_change_over, roll_out
from flights.events import now, read_events
from flights.journal import record
from flights.observe import observe
from flights.rollout_state import Rollout, read_rollout, rollout_file
from flights.router import write_whole
from flights.running import POLL, ask_server
from flights.settings import Settings

ACTOR = "canary"
TAKE_SECONDS = 15.0  # in which the running server must split as it is told


def start(version: int, settings: Settings) -> None:
    """Let a version that may serve begin with a small share: called when the gate has said yes.

    The first champion of all has nothing beside it, and is deployed at once.
    """
    with one_change_over(settings):
        serving = champion(settings)
        events = read_events(settings)
        if serving is not None and serving != version:
            if hold := held(events):
                print(f"held: version {version} waits, for {hold.cause!r} was rolled back")
                return
            if began(version, settings):
                return  # its turn has come before
            if running := read_rollout(settings):
                print(f"version {version} waits: version {running.version} is being tried")
                return
            begin("canary", version, serving, SHARES, settings)
            return
    roll_out(version, settings)


def began(version: int, settings: Settings) -> bool:
    """Return whether a version has had a canary."""
    return any(
        event.kind == "canary" and event.step == "started" and event.version == version
        for event in read_events(settings)
    )


def begin(
    kind: str,
    version: int,
    serving: int,
    shares: tuple[float, ...],
    settings: Settings,
    actor: str = ACTOR,
) -> Rollout:
    """Write a rollout down, and wait until the running server takes part in it."""
    moment = clock.event_time() or now()
    rollout = Rollout(
        id=uuid.uuid4().hex[:8],
        kind=kind,
        version=version,
        previous=serving,
        salt=f"{kind}-{version}",
        shares=shares,
        step=0,
        since=moment,
        step_since=moment,
    )
    put(rollout, settings)
    note(rollout, "started", f"{rollout.share:.0%} of the flights", settings, actor)
    print(f"version {version} is tried on {rollout.share:.0%} of the flights", flush=True)
    return rollout


def put(rollout: Rollout, settings: Settings) -> None:
    """Make a rollout the present one, and wait for the running server to take it."""
    told = asdict(rollout) | {"share": rollout.share}
    write_whole(rollout_file(settings), json.dumps(told))
    wait(settings, lambda says: says.get("share") == rollout.share or is_refused(says))


def is_refused(says: dict[str, Any]) -> bool:
    """Return whether the server says that the candidate cannot serve."""
    return bool(says.get("candidate_problem"))


def wait(settings: Settings, taken: Callable[[dict[str, Any]], bool]) -> None:
    """Wait until the running server has taken what was written; where none runs, do not."""
    deadline = time.monotonic() + TAKE_SECONDS
    while time.monotonic() < deadline:
        says = ask_server(settings)
        if says is None or taken(says):
            return
        time.sleep(POLL)


def advance(settings: Settings) -> Verdict | None:
    """Look at the candidate, and let it go on, or withdraw it; None if there is no canary."""
    with one_change_over(settings):
        rollout = reconcile(settings)
        if rollout is None or rollout.kind != "canary":
            return None
        verdict = judge(observe(rollout, settings))
        if verdict.what == "withdraw":
            withdraw(rollout, verdict.why, settings)
        elif verdict.what == "go on" and rollout.step + 1 < len(rollout.shares):
            moment = clock.event_time() or now()
            further = replace(rollout, step=rollout.step + 1, step_since=moment)
            put(further, settings)
            note(further, "step", f"{further.share:.0%} of the flights: {verdict.why}", settings)
        elif verdict.what == "go on":
            promote(rollout, verdict.why, settings)
        return verdict


def promote(rollout: Rollout, why: str, settings: Settings) -> None:
    """Let the candidate answer for all flights, as the champion."""
    cause = f"canary {rollout.id}: {why}"
    change_over("deploy", rollout.version, settings.actor or ACTOR, cause, settings)
    note(rollout, "promoted", why, settings)
    end(settings)


def withdraw(rollout: Rollout, why: str, settings: Settings) -> None:
    """Take the candidate away: the champion answers for all flights again."""
    note(rollout, "withdrawn", why, settings)
    end(settings)


def end(settings: Settings) -> None:
    """Take the rollout's file away, and wait until the server splits no longer."""
    rollout_file(settings).unlink(missing_ok=True)
    wait(settings, lambda says: says.get("candidate") is None)


def reconcile(settings: Settings) -> Rollout | None:
    """Return the present rollout, after what a kill has left between two of its steps is mended."""
    rollout = read_rollout(settings)
    if rollout is None:
        return None
    steps = [event.step for event in read_events(settings) if event.id == rollout.id]
    after = "written down after an interruption"
    if "started" not in steps:
        note(rollout, "started", after, settings)
    if unwritten := missing_step(rollout, steps):
        note(rollout, unwritten, f"{rollout.share:.0%} of the flights, {after}", settings)
    ended = bool({"promoted", "withdrawn", "ended"} & set(steps))
    if not ended and champion(settings) == rollout.version:
        last = "promoted" if rollout.kind == "canary" else "ended"
        note(rollout, last, "finished after an interruption", settings)
        ended = True
    elif not ended and champion(settings) != rollout.previous:
        note(rollout, "withdrawn", "the champion beside it has changed", settings)
        ended = True
    if ended:
        end(settings)
        return None
    return rollout


def missing_step(rollout: Rollout, steps: Sequence[str]) -> str:
    """Return the step that a rollout has taken and nobody could write down any more, or nothing."""
    if rollout.kind == "canary":
        return "step" if steps.count("step") < rollout.step else ""
    switches = [step for step in steps if step in ("switched", "back")]
    wanted = "switched" if rollout.step else "back"
    last = switches[-1] if switches else "back"  # it begins with the old one
    return wanted if last != wanted else ""


def note(rollout: Rollout, step: str, cause: str, settings: Settings, actor: str = ACTOR) -> None:
    """Write down how far a rollout is."""
    found = mlflow.MlflowClient().get_model_version(settings.model, str(rollout.version))
    record(
        rollout.kind,
        step,
        rollout.id,
        settings,
        actor=actor,
        cause=cause,
        version=rollout.version,
        previous=rollout.previous,
        run_id=found.run_id,
    )
