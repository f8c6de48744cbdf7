"""The gate: a program that decides whether a candidate may serve, and writes down why."""

import argparse
from collections.abc import Sequence

import mlflow
from mlflow.entities.model_registry import ModelVersion

from flights.facts import collect_facts
from flights.registry import CANDIDATE, NoSuchModelError, find
from flights.rules import Decision, Reason, decide
from flights.settings import Settings, read_settings, resolve
from flights.store import StoreError, connect, one_at_a_time


def judge(version: ModelVersion, settings: Settings) -> Decision:
    """Judge a version, write the decision and each reason into the registry, and return it.

    A version that has a decision keeps it. A gate that crashes says no.
    """
    number = int(version.version)
    if decided := read_decision(version):
        return decided
    tags: dict[str, str] = {"gate.actor": settings.actor or "gate"}
    try:
        facts = collect_facts(version, settings)
        reasons = decide(facts)
        tags["gate.champion"] = str(facts.champion or "none")
        tags["gate.judged"] = f"{facts.judged_from} to {facts.judged_to}"
    except Exception as error:
        reasons = [Reason("crash", False, f"{type(error).__name__}: {error}")]
    decision = Decision(number, tuple(reasons))
    tags |= {f"gate.reason.{reason.name}": str(reason) for reason in reasons}
    tags["gate.decision"] = "yes" if decision.yes else "no"  # last: a kill leaves no decision
    for name, text in tags.items():
        mlflow.MlflowClient().set_model_version_tag(settings.model, str(number), name, text)
    return decision


def read_decision(version: ModelVersion) -> Decision | None:
    """Return what the gate has said of a version, or None if it has not been asked."""
    if "gate.decision" not in version.tags:
        return None
    prefix = "gate.reason."
    found = [
        Reason(name.removeprefix(prefix), text.startswith("yes: "), text.partition(": ")[2])
        for name, text in sorted(version.tags.items())
        if name.startswith(prefix)
    ]
    return Decision(int(version.version), tuple(found))


def list_decisions(settings: Settings) -> list[Decision]:
    """Return every decision that the gate has made, the oldest version first."""
    connect(settings)
    found = mlflow.MlflowClient().search_model_versions(f"name = '{settings.model}'")
    decided = [decision for version in found if (decision := read_decision(version))]
    return sorted(decided, key=lambda decision: decision.version)


def on_registered(number: int, settings: Settings) -> None:
    """Judge a version that has just been registered; a yes goes on to the rollout.

    Whatever fails here is said, and leaves the registration as it is.
    """
    try:
        version = find(str(number), settings)
        decision = judge(version, settings)
        print(describe(decision), flush=True)
        if decision.yes and (rollout := settings.seams.get("rollout")):
            resolve(rollout)(number, settings)
    except Exception as error:
        print(f"version {number} is registered, but not deployed: {error}", flush=True)


def describe(decision: Decision) -> str:
    """Return a decision with its reasons, a line each."""
    head = f"gate: {'yes' if decision.yes else 'no'} to version {decision.version}"
    return "\n".join([head, *(f"  {reason.name:18} {reason}" for reason in decision.reasons)])


def main(argv: Sequence[str] | None = None) -> int:
    """Judge one version; return 0 for a yes, 1 for a no or if there is none like that."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="?", default=CANDIDATE, help="a version or an alias")
    parser.add_argument("--all", action="store_true", help="only show what was decided so far")
    words = parser.parse_args(argv)
    settings = read_settings()
    try:
        if words.all:
            print("\n\n".join(describe(each) for each in list_decisions(settings)))
            return 0
        with one_at_a_time(settings):
            connect(settings)
            decision = judge(find(words.name, settings), settings)
    except (NoSuchModelError, StoreError) as error:
        print(error)
        return 1
    print(describe(decision))
    return 0 if decision.yes else 1


if __name__ == "__main__":
    raise SystemExit(main())
