"""Reads what a gate has written onto a version, and holds it against the registry."""

import re
from dataclasses import dataclass
from datetime import date

from widgets.evidence.mlflow_runs import Tracking, Version, named

PROGRAMS = ("gate", "kit")
REASON = "gate.reason."
REASONS = 3
JUDGED = re.compile(r"(\d{4}-\d\d-\d\d) to (\d{4}-\d\d-\d\d)")


@dataclass(frozen=True)
class Decision:
    """What stands on one version.

    Attributes
    ----------
    said : str
        "yes" or "no"; anything else is no decision.
    actor : str
        Who decided.
    fault : str
        Why it is not believed; empty if it is.
    """

    said: str
    actor: str
    fault: str

    @property
    def lets_through(self) -> bool:
        """Whether it is a yes that can be believed."""
        return self.said == "yes" and not self.fault


def decision_of(version: Version, tracking: Tracking) -> Decision | None:
    """Return the decision about a version, or None if nobody has decided.

    A tag is a word that anybody can write, and MLflow keeps no time of it: whether it was there
    before the version served cannot be seen. What can be seen is whether it fits the rest: who
    decided, against whom, on which days, and that the version had not learned from them.
    """
    said = version.tags.get("gate.decision")
    if said is None:
        return None
    actor = version.tags.get("gate.actor", "")
    return Decision(said, actor, _fault(said, actor, version, tracking))


def _fault(said: str, actor: str, version: Version, tracking: Tracking) -> str:
    if said not in ("yes", "no"):
        return f"its decision is {named([said[:20]])!r}"
    if actor not in PROGRAMS:
        return (
            f"decided by {named([actor[:20]])!r}, no program" if actor else "it has no gate.actor"
        )
    reasons = [text for name, text in version.tags.items() if name.startswith(REASON)]
    against = [text for text in reasons if not text.startswith("yes")]
    if said == "yes" and len(reasons) < REASONS:
        return f"a yes with {len(reasons)} reasons"
    if said == "yes" and against:
        return f"a yes although {len(against)} of {len(reasons)} reasons are none"
    if said == "no" and not any(text.startswith("no") for text in reasons):
        return "a no without a reason"
    return _champion(version, tracking) or _days(said, version, tracking)


def _champion(version: Version, tracking: Tracking) -> str:
    champion = version.tags.get("gate.champion", "")
    if champion == "none":
        return ""
    if not (champion.isascii() and champion.isdigit()):
        return "it does not say against whom (gate.champion)"
    newest = max(each.version for each in tracking.versions)
    # an old one may have been deleted since
    if champion == str(version.version) or len(champion) > 9 or not 0 < int(champion) <= newest:
        return f"it was compared with version {champion[:9]}, which cannot be"
    return ""


def _days(said: str, version: Version, tracking: Tracking) -> str:
    judged = _first_day(version.tags.get("gate.judged", ""))
    if judged is None:
        return "it does not say on which days it was judged (gate.judged)"
    if said == "no":
        return ""
    run = tracking.origins.get(version.run_id or "")
    if run is None:
        return "its run is not there"
    try:
        trained = date.fromisoformat(run.params.get("train_to", ""))
    except ValueError:
        return "its run does not say up to which day it learned (train_to)"
    if trained >= judged:
        return f"it learned up to {trained}, and was judged from {judged}"
    return ""


def _first_day(words: str) -> date | None:
    found = JUDGED.fullmatch(words.strip())
    try:
        first, last = (date.fromisoformat(day) for day in found.groups()) if found else (None, None)
    except ValueError:
        return None
    return first if first and last and first <= last else None
