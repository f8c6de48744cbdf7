"""Alert rules as data, and an alert's life: fired, acknowledged, resolved."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

Signal = Literal["loss_excess", "drifted_columns"]


@dataclass(frozen=True)
class Rule:
    """When somebody has to be told.

    Attributes
    ----------
    name : str
        What alerts of this rule are called after.
    signal : str
        What is watched: "loss_excess" (nats a flight) or "drifted_columns".
    threshold : float
        Above this a day is bad.
    for_days : int
        So many days running have to be bad before it fires; so many good ones before it is over.
    cooldown_days : int
        So many days after it has fired it does not fire again.
    severity : str
        "critical": act now. "warning": have a look.
    retrain : bool
        Whether it starts a retraining.
    """

    name: str
    signal: Signal
    threshold: float
    for_days: int
    cooldown_days: int
    severity: Literal["critical", "warning"]
    retrain: bool


@dataclass(frozen=True)
class Alert:
    """One incident.

    Attributes
    ----------
    id : str
        The rule's name and the day on which it fired.
    rule : str
        The rule's name.
    fired : date
        The day whose end showed it (New York's).
    resolved, acknowledged : date or None
        The day on which it was over; the day on which a person has seen it.
    """

    id: str
    rule: str
    fired: date
    resolved: date | None = None
    acknowledged: date | None = None


class RuleError(Exception):
    """The rules cannot be used; the message names the file, the rule and the mend."""


@dataclass(frozen=True)
class Rules:
    """All rules of a project, and where alerts are sent."""

    rules: Sequence[Rule] = field(default_factory=list)
    webhook: str = ""


def read_rules(file: Path) -> Rules:
    """Return the rules that stand in a TOML file.

    Raises
    ------
    RuleError
        If it cannot be read, or a rule is not complete.
    """
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RuleError(f"{file}: {error}") from error
    found = []
    for name, values in table.get("rules", {}).items():
        try:
            rule = Rule(name=name, **values)
        except TypeError as error:
            said = str(error).replace("Rule.__init__() ", "")
            raise RuleError(f"{file}, rule {name}: {said}") from error
        if rule.for_days < 1 or rule.cooldown_days < 0:
            raise RuleError(f"{file}, rule {name}: for_days is 1 or more, cooldown_days 0 or more")
        found.append(rule)
    return Rules(found, str(table.get("webhook", "")))


def fires(rule: Rule, values: Mapping[date, float | None], today: date) -> bool:
    """Return whether the last `for_days` days, `today` included, were all bad.

    Parameters
    ----------
    values : mapping of date to float or None
        The signal at the end of each day; None, or no entry: nothing is known of that day.
    """
    # TODO 4.2: a day of which nothing is known is not a bad one. (Look at is_over.)
    raise NotImplementedError("fires is still to be written")


def is_over(rule: Rule, values: Mapping[date, float | None], today: date) -> bool:
    """Return whether the last `for_days` days, `today` included, were all good.

    A day of which nothing is known is not a good one.
    """
    last = [values.get(today - timedelta(days=back)) for back in range(rule.for_days)]
    return all(value is not None and value <= rule.threshold for value in last)


def next_alert(
    rule: Rule, values: Mapping[date, float | None], latest: Alert | None, today: date
) -> Alert | None:
    """Return what changes at the end of a day: a new alert, the latest one resolved, or None.

    One incident makes one alert: as long as one is open no other begins.

    Parameters
    ----------
    latest : Alert or None
        The last alert of this rule, open or not.
    """
    # TODO 4.2: as long as an alert is open it can only be resolved (is_over): return the same one,
    # with today as `resolved`. Otherwise a new one may fire, if the last one fired `cooldown_days`
    # ago or more. Its id is the rule's name and the day: f"{rule.name}-{today}".
    raise NotImplementedError("next_alert is still to be written")
