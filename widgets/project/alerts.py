"""What exported alerts prove: only those whose rule stands in git, and that speak of the model."""

import re
from collections.abc import Mapping

from widgets.evidence import Finding
from widgets.evidence.mlflow_runs import named
from widgets.maturity import State
from widgets.project.exports import Exports, PastAlert
from widgets.project.practices import questions

PRACTICE = "monitoring-with-alerts"
RULE = re.compile(r"""^[ \t]*(?:-[ \t]*)?alert[ \t]*:[ \t]*["']?([^"'\n#]+)""", re.M)
# An alert about a full disk says nothing of the model, and what it is called says what it is about:
# labels and descriptions name the service, and whatever else the template holds.
OF_A_MODEL = {
    *("model", "prediction", "predictions", "accuracy", "auc", "brier", "calibration", "logloss"),
    *("psi", "recall"),
}
IN_TWO_WORDS = re.compile(r"\b(?:data|feature|input|concept|target) drift\b|\blog loss\b")
OF_A_MACHINE = {
    *("clock", "packet", "packets", "filesystem", "disk", "node", "cpu", "memory", "volume"),
    *("certificate", "watchdog", "pod", "container", "server", "service", "api", "endpoint"),
    *("http", "request", "requests", "error", "errors", "latency", "timeout", "down", "up"),
    *("absent", "unavailable", "unreachable", "restart", "restarts", "queue", "target", "job"),
}


def rules_in(files: Mapping[str, str]) -> dict[str, str]:
    """Return the names of alert rules, each with its place, from the texts of files by path."""
    rules: dict[str, str] = {}
    for path, text in sorted(files.items()):
        for found in RULE.finditer(text):
            line = text.count("\n", 0, found.start(1)) + 1
            rules.setdefault(found[1].strip(), f"{path}:{line}")
    return rules


def about_the_model(alert: PastAlert) -> bool:
    """Return whether an alert's name speaks of a model and of no machine."""
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", alert.name).lower()
    plain = re.sub(r"[\W_]+", " ", plain)
    words = set(plain.split())
    mine = bool(words & OF_A_MODEL) or IN_TWO_WORDS.search(plain) is not None
    return mine and not words & OF_A_MACHINE


def alert_finding(exports: Exports, rules: Mapping[str, str]) -> Finding:
    """Return what is seen of alerts about the model.

    Parameters
    ----------
    exports : Exports
        With the alerts that there were.
    rules : mapping of str to str
        The rules that stand in git, each with its place.
    """
    shows = f"Would show it: {questions()[PRACTICE].shows}."
    if exports.alerts is None:
        what = "whether a rule has ever alarmed cannot be seen from here"
        return Finding(PRACTICE, State.HIDDEN, what, "no alerts.json", shows)
    mine = [alert for alert in exports.alerts if about_the_model(alert)]
    lived = [alert for alert in mine if alert.ended and alert.name in rules]
    what = f"{len(exports.alerts)} alerts, {len(mine)} of them about the model"
    if lived:
        names = sorted({alert.name for alert in lived})
        what += f"; {len(lived)} of rules in git began and ended ({named(names)})"
        where = named(rules[name] for name in names)
        return Finding(PRACTICE, State.PROVED, what, f"alerts.json; {where}")
    if mine:
        return Finding(PRACTICE, State.CLAIMED, what, "alerts.json", shows)
    return Finding(PRACTICE, State.MISSING, what, "alerts.json", questions()[PRACTICE].next)
