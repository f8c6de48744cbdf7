"""The join with the outcomes, the excess, and an alert's life."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from flights.alerts import Rule, RuleError, next_alert, read_rules
from flights.excess import excess, join

FIRST = date(2013, 6, 1)
RULE = Rule("loss", "loss_excess", 0.05, 2, 5, "critical", True)


def asked(*scores: float) -> pd.DataFrame:
    numbers = range(1, len(scores) + 1)
    return pd.DataFrame({"flight_id": numbers, "day": "2013-06-01", "version": 1, "score": scores})


def outcomes(**late: bool) -> pd.DataFrame:
    return pd.DataFrame({"flight_id": [int(name[1:]) for name in late], "late": late.values()})


def test_only_what_is_known_counts_and_contradictions_are_not_known():
    reports = pd.concat([outcomes(f1=True, f2=False), outcomes(f2=True, f3=False)])
    found = join(asked(0.5, 0.5, 0.5, 0.5), reports.astype({"late": bool}))
    assert list(found["flight_id"]) == [1, 3]


def test_who_says_the_share_has_no_excess():
    found = excess(join(asked(0.5, 0.5), outcomes(f1=True, f2=False)))
    assert found is not None and found.value == pytest.approx(0)
    assert excess(join(asked(0.5), outcomes())) is None


def test_an_alert_fires_once_and_is_resolved():
    values = dict(enumerate([0.2, 0.2, 0.2, 0.0, None, 0.0, 0.0]))
    days = {FIRST + timedelta(days=number): value for number, value in values.items()}
    latest, told = None, []
    for today in days:
        if changed := next_alert(RULE, days, latest, today):
            latest = changed
            told.append((today.day, changed.resolved is not None))
    assert told == [(2, False), (7, True)]


def test_a_rule_that_is_not_complete_is_named(tmp_path: Path):
    file = tmp_path / "alerts.toml"
    file.write_text('[rules.loss]\nsignal = "loss_excess"\n', encoding="utf-8")
    with pytest.raises(RuleError, match="rule loss"):
        read_rules(file)


def test_the_projects_own_rules_can_be_read():
    found = read_rules(Path(__file__).parents[1] / "alerts.toml").rules
    assert {rule.name for rule in found} >= {"loss"}
    assert all(np.isfinite(rule.threshold) for rule in found)
