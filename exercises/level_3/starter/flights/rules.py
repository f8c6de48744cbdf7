"""The gate's rules: what a candidate must be like before it may serve. Written beforehand.

Each rule is a function of the facts; none of them reads or writes anything.
"""

import logging
from dataclasses import dataclass

import mlflow
import numpy as np
import pandas as pd
from mlflow.models import MetricThreshold
from mlflow.models.evaluation import EvaluationResult
from mlflow.models.evaluation.validation import ModelValidationFailedException

from flights.facts import Facts

# What is known of a flight only after its scheduled departure, or after it has landed.
KNOWN_LATER = frozenset(
    {"dep_delay", "dep_time", "arr_delay", "arr_time", "air_time", "landed_at", "cancelled"}
)
# MLflow's own form of a threshold. ln 2 = 0.693 is the log loss of somebody who says 50 % always.
THRESHOLDS = {
    "log_loss": MetricThreshold(threshold=0.693, greater_is_better=False),
    "roc_auc": MetricThreshold(threshold=0.58, greater_is_better=True),
    "calibration_error": MetricThreshold(threshold=0.15, greater_is_better=False),
}
TOO_GOOD = 0.90  # ROC AUC: nobody foresees delays that well before departure
WORSE_AT_AN_AIRPORT = 0.02  # log loss
SLOWEST = 50.0  # milliseconds for one flight
LARGEST = 10.0  # megabytes
RESAMPLES = 2000
CONFIDENCE = 0.95

logging.getLogger("mlflow.models.evaluation.validation").setLevel(logging.WARNING)  # says "passed"


@dataclass(frozen=True)
class Reason:
    """What one check of the gate found.

    Attributes
    ----------
    name : str
        The check, as it stands in the tag ``gate.reason.<name>``.
    passed : bool
        Whether the candidate passes it.
    text : str
        What was found, with its numbers.
    """

    name: str
    passed: bool
    text: str

    def __str__(self) -> str:
        return f"{'yes' if self.passed else 'no'}: {self.text}"


@dataclass(frozen=True)
class Decision:
    """What the gate says of a version: yes only if every reason is one."""

    version: int
    reasons: tuple[Reason, ...]

    @property
    def yes(self) -> bool:
        """Whether the version may serve."""
        return bool(self.reasons) and all(reason.passed for reason in self.reasons)


def decide(facts: Facts) -> list[Reason]:
    """Hold the facts of a candidate against every rule, and return each reason.

    All rules are looked at, also after a no: who is refused wants to hear everything at once.
    """
    reasons = [check_signature(facts), check_leak(facts), check_unseen(facts)]
    if facts.measures:
        reasons += check_thresholds(facts)
        reasons += [check_gain(facts), check_airports(facts), check_latency(facts)]
    return [*reasons, check_size(facts)]


def check_signature(facts: Facts) -> Reason:
    """The model takes and answers what we serve."""
    return Reason("signature", not facts.signature, facts.signature or "as we serve it")


def check_leak(facts: Facts) -> Reason:
    """It asks for nothing that is known only later, and is not too good to be true."""
    # TODO 3.1: a no if one of facts.inputs is KNOWN_LATER (name it in the text), and a no if
    # facts.measures has a roc_auc above TOO_GOOD. measures may be empty.
    return Reason("leak", True, "nobody has looked for a leak")


def check_unseen(facts: Facts) -> Reason:
    """It has learned nothing from the days that judge it."""
    judged = f"judged from {facts.judged_from}"
    if not facts.trained_to:
        return Reason("unseen", False, "its run does not say up to which day it was trained")
    # TODO 3.1: a no if a day that judges it was among those that it learned from. The days are
    # texts such as 2013-03-24: they can be compared as they are.
    return Reason("unseen", True, f"trained to {facts.trained_to}, {judged}")


def check_thresholds(facts: Facts) -> list[Reason]:
    """Each measure is a number, and keeps its threshold where there is no champion to beat.

    Where there is one the comparison decides: in a week of storms a threshold would refuse the
    better of the two, and so keep the worse one in service.
    """
    reasons = []
    for name, threshold in THRESHOLDS.items():
        value = facts.measures[name]
        passed = keeps(name, value, threshold)
        text = f"{value:.4f}, the threshold is {threshold.threshold}"
        if not passed and facts.champion is not None and not np.isnan(value):
            passed, text = True, f"{text} for a first champion"
        reasons.append(Reason(name, passed, text))
    return reasons


def keeps(name: str, value: float, threshold: MetricThreshold) -> bool:
    """Return whether a measure keeps its threshold; one that is no number does not."""
    if np.isnan(value):
        return False
    result = EvaluationResult(metrics={name: value}, artifacts={})
    try:
        mlflow.validate_evaluation_results({name: threshold}, result)
    except ModelValidationFailedException:
        return False
    return True


def check_gain(facts: Facts) -> Reason:
    """It is better than the champion, and that is no luck."""
    if facts.champion is None:
        return Reason("gain", True, "no champion with a decision: the thresholds alone decide")
    difference = facts.losses["candidate"] - facts.losses["champion"]
    upper = upper_bound(difference, facts.losses["day"])
    text = f"{difference.mean():+.4f} against version {facts.champion}, at most {upper:+.4f}"
    # TODO 3.1: a no ("no proof of gain: …") unless even the upper bound is below 0. Equal is a no.
    return Reason("gain", bool(difference.mean() <= 0), text)


def upper_bound(difference: pd.Series, day: pd.Series) -> float:
    """Return the upper end of the 95 % interval of a mean difference, from resampled days.

    Flights of one day share its storms: they are not independent. So whole days are drawn, with
    replacement, and the mean of all their flights is taken; 2.5 % of such means lie above what
    is returned. Source: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993 (chapter 8).

    Parameters
    ----------
    difference : Series
        Candidate minus champion, one value a flight.
    day : Series
        The flight's day.
    """
    # One row a day: the sum of its differences, and how many flights it had.
    days = difference.groupby(day.to_numpy()).agg(["sum", "size"]).to_numpy()
    # TODO 3.1: draw as many days as there are, with replacement, RESAMPLES times
    # (np.random.default_rng(0).integers). Each draw has a mean over all its flights: the sum of its
    # sums through the sum of its sizes. Return their quantile 0.5 + CONFIDENCE / 2.
    return float(days[:, 0].sum() / days[:, 1].sum())


def check_airports(facts: Facts) -> Reason:
    """It is not much worse anywhere: a mean can hide an airport."""
    if facts.champion is None:
        return Reason("airports", True, "no champion with a decision to compare with")
    difference = facts.losses["candidate"] - facts.losses["champion"]
    # TODO 3.1: the mean difference of each airport by itself (facts.losses["origin"]). A no if the
    # worst of them is above WORSE_AT_AN_AIRPORT; its name and its number stand in the text.
    return Reason("airports", True, f"nobody has looked: {difference.mean():+.4f} in all")


def check_latency(facts: Facts) -> Reason:
    """It answers fast enough."""
    text = f"one flight takes {facts.latency:.1f} ms, at most {SLOWEST:.0f}"
    return Reason("latency", facts.latency <= SLOWEST, text)


def check_size(facts: Facts) -> Reason:
    """It is small enough to be loaded while others are served."""
    return Reason("size", facts.size <= LARGEST, f"{facts.size:.2f} MB, at most {LARGEST:.0f}")
