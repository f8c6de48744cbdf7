"""The gate's rules, on facts made by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from flights.facts import Facts
from flights.features import FEATURES
from flights.rules import decide, upper_bound

GOOD = {"log_loss": 0.4, "roc_auc": 0.7, "calibration_error": 0.05}


@pytest.fixture
def facts() -> Facts:
    """A candidate that is better by 0.02 on each of seven days, at each airport."""
    rows = [
        {"champion": 0.42, "candidate": 0.40, "day": f"2013-03-{day}", "origin": airport}
        for day in range(25, 32)
        for airport in ("EWR", "JFK", "LGA")
    ]
    return Facts(
        inputs=FEATURES,
        signature="",
        trained_to="2013-03-24",
        judged_from="2013-03-25",
        judged_to="2013-03-31",
        measures=GOOD,
        champion=1,
        losses=pd.DataFrame(rows),
        latency=5.0,
        size=0.02,
    )


def refused_for(facts: Facts) -> list[str]:
    return [reason.name for reason in decide(facts) if not reason.passed]


def test_a_better_candidate_passes(facts):
    assert refused_for(facts) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"signature": "it leaves out temp"}, "signature"),
        ({"inputs": (*FEATURES, "dep_delay")}, "leak"),
        ({"measures": GOOD | {"roc_auc": 0.96}}, "leak"),
        ({"trained_to": "2013-03-25"}, "unseen"),
        ({"trained_to": ""}, "unseen"),
        ({"measures": GOOD | {"roc_auc": float("nan")}}, "roc_auc"),
        ({"latency": 51.0}, "latency"),
        ({"size": 11.0}, "size"),
    ],
)
def test_each_rule_refuses_by_itself(facts, change, reason):
    assert refused_for(replace(facts, **change)) == [reason]


def test_equal_is_no_proof_of_gain(facts):
    equal = facts.losses.assign(candidate=facts.losses["champion"])
    assert refused_for(replace(facts, losses=equal)) == ["gain"]


def test_a_mean_does_not_hide_an_airport(facts):
    worse = facts.losses["origin"] == "LGA"
    losses = facts.losses.assign(candidate=np.where(worse, 0.45, 0.30))
    assert refused_for(replace(facts, losses=losses)) == ["airports"]


def test_without_a_champion_the_thresholds_decide(facts):
    first = replace(facts, champion=None, losses=pd.DataFrame())
    assert refused_for(first) == []
    assert refused_for(replace(first, measures=GOOD | {"log_loss": 0.70})) == ["log_loss"]


def test_with_a_champion_a_hard_week_does_not_keep_the_better_one_out(facts):
    assert refused_for(replace(facts, measures=GOOD | {"log_loss": 0.77})) == []


def test_whole_days_are_drawn_not_flights():
    # one good day among seven: a thousand flights, but one storm
    day = pd.Series(np.repeat(np.arange(7), 1000))
    difference = pd.Series(np.where(day == 0, -0.07, 0.0))
    assert upper_bound(difference, day) >= 0
