"""Policy as code: what must be known of a version before it may meet a passenger.

Routine is approved beforehand: the same kind of model with the same inputs, trained again. What is
new needs a second person. So governance and automation do not cancel each other.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import mlflow
from mlflow.entities.model_registry import ModelVersion
from mlflow.models import Model

from flights.approve import read_approval
from flights.card import AIRPORTS, CARD, SAID, read_governance
from flights.deploy import champion
from flights.facts import files_of
from flights.gate import describe as describe_reasons
from flights.journal import record
from flights.keys import KeyLostError
from flights.registry import CANDIDATE, NoSuchModelError, find
from flights.rollout import start
from flights.rules import Decision, Reason
from flights.settings import Settings, read_settings
from flights.signing import SignatureError, read_signed, sha256
from flights.store import StoreError, connect

ACTOR = "policy"


@dataclass(frozen=True)
class Kind:
    """What sort of model a version is.

    Attributes
    ----------
    version : int
        Its number.
    family : str
        The estimator's class: "LogisticRegression".
    inputs : tuple of str
        What it asks for, each with its type.
    """

    version: int
    family: str
    inputs: tuple[str, ...]


@dataclass(frozen=True)
class Papers:
    """What is known of a version, as the policy looks at it.

    Attributes
    ----------
    kind : Kind
        What sort of model it is.
    champion : Kind or None
        And the one that serves, if one does.
    approved_by : str
        Who has approved it with the second key; empty if nobody has.
    said : mapping of str to str
        What people have said of the model in governance.toml.
    run : mapping of str to str
        The run's parameters and tags.
    metrics : mapping of str to float
        The run's metrics.
    labels : mapping of str to str
        The version's tags.
    files : mapping of str to bytes
        Its signed files; empty if `signature` says what is wrong with them.
    signature : str
        What is wrong with its signature, or nothing.
    """

    kind: Kind
    champion: Kind | None
    approved_by: str
    said: Mapping[str, str]
    run: Mapping[str, str]
    metrics: Mapping[str, float]
    labels: Mapping[str, str]
    files: Mapping[str, bytes]
    signature: str


def decide(papers: Papers) -> list[Reason]:
    """Hold the papers of a version against every rule, and return each reason."""
    rules = (check_owner, check_data, check_airports, check_card, check_signature, check_kind)
    return [rule(papers) for rule in rules]


def check_owner(papers: Papers) -> Reason:
    """Somebody answers for it, and has said what it is for and where it ends."""
    missing = [name for name in SAID if name not in papers.said]
    if missing:
        return Reason("owner", False, f"governance.toml does not say: {', '.join(missing)}")
    return Reason("owner", True, papers.said["owner"])


def check_data(papers: Papers) -> Reason:
    """It is known which data it learned from: the days, and their digest."""
    names = ("train_from", "train_to", "data_digest")
    if missing := [name for name in names if not papers.run.get(name)]:
        return Reason("data", False, f"its run does not say: {', '.join(missing)}")
    if papers.labels.get("data_digest") != papers.run["data_digest"]:
        return Reason("data", False, "version and run name different data")
    period = f"{papers.run['train_from']} to {papers.run['train_to']}"
    return Reason("data", True, f"{period}, digest {papers.run['data_digest'][:8]}")


def check_airports(papers: Papers) -> Reason:
    """It was measured at each airport."""
    missing = [name for name in AIRPORTS if f"log_loss_{name}" not in papers.metrics]
    if missing:
        return Reason("airports", False, f"not measured: {', '.join(missing)}")
    return Reason("airports", True, "measured at each")


def check_card(papers: Papers) -> Reason:
    """It has a card, and it is the one that was released."""
    card = papers.files.get(CARD)
    if card is None:
        return Reason("card", False, "it has no card that was signed")
    same = sha256(card) == papers.labels.get("card.digest")
    return Reason("card", same, "as released" if same else "another one was released")


def check_signature(papers: Papers) -> Reason:
    """Its files are those that were signed."""
    return Reason("signature", not papers.signature, papers.signature or "as signed")


def check_kind(papers: Papers) -> Reason:
    """It is routine, or a second person has approved it."""
    # TODO 4.5: the first one of all has none to differ from. The same family with the same inputs
    # is routine, and approved beforehand. Everything else needs `approved_by`. Say what is new.
    raise NotImplementedError("check_kind is still to be written")


def collect_papers(version: ModelVersion, settings: Settings) -> Papers:
    """Return what is known of a version."""
    run = mlflow.get_run(version.run_id).data
    serving = champion(settings)
    other = serving not in (None, int(version.version))
    problem, files = "", {}
    try:
        files = read_signed(files_of(version, settings), settings)
    except (SignatureError, KeyLostError) as error:
        problem = str(error)
    return Papers(
        kind=kind_of(version, settings),
        champion=kind_of(find(str(serving), settings), settings) if other else None,
        approved_by=read_approval(version, settings),
        said=read_governance(settings.root),
        run=run.params | run.tags,
        metrics=run.metrics,
        labels=version.tags,
        files=files,
        signature=problem,
    )


def kind_of(version: ModelVersion, settings: Settings) -> Kind:
    """Return what sort of model a version is."""
    family = mlflow.get_run(version.run_id).data.params.get("model", "unknown")
    signature = Model.load(files_of(version, settings)).signature
    columns = signature.inputs.inputs if signature and signature.inputs else []
    inputs = tuple(f"{column.name}: {column.type}" for column in columns)
    return Kind(int(version.version), family, inputs)


def judge(number: int, settings: Settings) -> Decision:
    """Judge a version, write decision and reasons into registry and log, and return it.

    A policy that crashes says no.
    """
    version = find(str(number), settings)
    try:
        reasons = decide(collect_papers(version, settings))
    except Exception as error:
        reasons = [Reason("crash", False, f"{type(error).__name__}: {error}")]
    decision = Decision(number, tuple(reasons))
    tags = {f"policy.reason.{reason.name}": str(reason) for reason in reasons}
    tags["policy.decision"] = "yes" if decision.yes else "no"  # last: a kill leaves no decision
    for name, text in tags.items():
        mlflow.MlflowClient().set_model_version_tag(settings.model, str(number), name, text)
    against = [f"{reason.name}: {reason.text}" for reason in reasons if not reason.passed]
    record(
        "policy",
        "refused" if against else "passed",
        f"policy-{number}",
        settings,
        actor=ACTOR,
        cause="; ".join(against) or "every rule",
        version=number,
        run_id=version.run_id,
    )
    return decision


def roll_out(number: int, settings: Settings) -> None:
    """Let a version that the gate has said yes to go on, if the policy says yes as well."""
    decision = judge(number, settings)
    if decision.yes:
        start(number, settings)
    else:
        print(describe(decision), flush=True)


def describe(decision: Decision) -> str:
    """Return a decision with its reasons, a line each."""
    return describe_reasons(decision).replace("gate:", "policy:", 1)


def main(argv: Sequence[str] | None = None) -> int:
    """Judge one version, and let it go on after a yes; return 0 for a yes, otherwise 1."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("name", nargs="?", default=CANDIDATE, help="a version or an alias")
    words = parser.parse_args(argv)
    settings = read_settings()
    try:
        connect(settings)
        version = find(words.name, settings)
        decision = judge(int(version.version), settings)
        print(describe(decision))
        if decision.yes and version.tags.get("gate.decision") == "yes":
            start(int(version.version), settings)
    except (NoSuchModelError, StoreError) as error:
        print(error)
        return 1
    return 0 if decision.yes else 1


if __name__ == "__main__":
    raise SystemExit(main())
