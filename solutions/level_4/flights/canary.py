"""The canary: which flights try a new model, and when it may have more of them, or none."""

import hashlib
from dataclasses import dataclass
from typing import Literal

SHARES = (0.10, 0.50)  # of the flights; after the last step all
ENOUGH = 50  # answers of the candidate with a known outcome
HOURS = 24.0  # that a step lasts at least: a day has its morning and its evening
SLOWEST = 50.0  # milliseconds, the median of one answer
WORSE = 0.10  # log loss
SURE = 2.0  # standard errors


@dataclass(frozen=True)
class Trial:
    """How a candidate does in the step that it is in.

    Attributes
    ----------
    hours : float
        How long the step has lasted.
    errors : int
        Answers that failed; the champion gave them then.
    problem : str
        Why it does not serve, or its last error; empty if all is well.
    milliseconds : float or None
        The median time of its answers.
    flights : int
        Its answers in this step with a known outcome.
    loss, champion_loss : float or None
        The mean log loss of its flights, and of the champion's in the same hours.
    uncertainty : float or None
        The standard error of the difference of the two.
    """

    hours: float
    errors: int
    problem: str
    milliseconds: float | None
    flights: int
    loss: float | None
    champion_loss: float | None
    uncertainty: float | None


@dataclass(frozen=True)
class Verdict:
    """What becomes of a candidate, and why."""

    what: Literal["wait", "go on", "withdraw"]
    why: str


def bucket(flight_id: int, salt: str) -> float:
    """Return where a flight falls, from 0 to below 1: always the same place for the same salt.

    Not chance: who asks twice must not meet two models. Not the number alone: with a salt for
    each rollout it is not always the same passengers who try what is new.
    """
    digest = hashlib.sha256(f"{salt}:{flight_id}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64


def tries(flight_id: int, salt: str, share: float) -> bool:
    """Return whether a flight is one of the share that tries the candidate.

    Who tries it at 10 % tries it at 50 % as well.
    """
    return bucket(flight_id, salt) < share


def judge(trial: Trial) -> Verdict:
    """Return what becomes of the candidate now. What speaks against it is looked at first."""
    if trial.errors:
        return Verdict("withdraw", f"{trial.errors} of its answers failed: {trial.problem}")
    if trial.problem:
        return Verdict("withdraw", f"it cannot serve: {trial.problem}")
    if trial.milliseconds is not None and trial.milliseconds > SLOWEST:
        return Verdict("withdraw", f"an answer takes {trial.milliseconds:.0f} ms")
    if is_worse(trial):
        return Verdict("withdraw", f"it is worse: {described(trial)}")
    if trial.hours < HOURS:
        return Verdict("wait", f"{trial.hours:.0f} of {HOURS:.0f} hours")
    if trial.flights < ENOUGH:
        return Verdict("wait", f"{trial.flights} of {ENOUGH} flights have landed")
    return Verdict("go on", f"no errors, {described(trial)}")


def is_worse(trial: Trial) -> bool:
    """Return whether its loss is worse than the champion's, by much and not by chance."""
    if trial.loss is None or trial.champion_loss is None or trial.uncertainty is None:
        return False
    if trial.flights < ENOUGH:
        return False
    more = trial.loss - trial.champion_loss
    return more > WORSE and more > SURE * trial.uncertainty


def described(trial: Trial) -> str:
    """Return the losses of a trial, as a person reads them."""
    if trial.loss is None or trial.champion_loss is None:
        return f"{trial.flights} flights"
    losses = f"log loss {trial.loss:.3f}, the champion's {trial.champion_loss:.3f}"
    return f"{trial.flights} flights, {losses}"
