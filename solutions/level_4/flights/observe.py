"""What is known of a candidate in its present step: from the server, the log and the outcomes."""

from datetime import datetime

import pandas as pd

from flights import clock
from flights.canary import Trial
from flights.events import now
from flights.excess import join
from flights.reference import asked_about
from flights.rollout_state import Rollout
from flights.running import ask_server
from flights.settings import Settings
from flights.signals import read_outcomes


def observe(rollout: Rollout, settings: Settings) -> Trial:
    """Return how the candidate does since its present step began."""
    says = ask_server(settings) or {}
    since = datetime.fromisoformat(rollout.step_since)
    until = datetime.fromisoformat(clock.event_time() or now())
    asked = asked_about(since, until, settings, features=False)
    joined = join(asked, read_outcomes(settings))
    mine = joined.loc[joined["version"] == rollout.version, "loss"]
    theirs = joined.loc[joined["version"] == rollout.previous, "loss"]
    milliseconds = says.get("candidate_milliseconds")
    return Trial(
        hours=(until - since).total_seconds() / 3600,
        errors=int(str(says.get("candidate_errors") or 0)),
        problem=str(says.get("candidate_problem") or ""),
        milliseconds=float(str(milliseconds)) if milliseconds is not None else None,
        flights=len(mine),
        loss=mean(mine),
        champion_loss=mean(theirs),
        uncertainty=standard_error(mine, theirs),
    )


def mean(losses: pd.Series) -> float | None:
    """Return the mean loss, or None if there is none."""
    return float(losses.mean()) if len(losses) else None


def standard_error(mine: pd.Series, theirs: pd.Series) -> float | None:
    """Return the standard error of the difference of two means, or None if one is of nothing."""
    if min(len(mine), len(theirs)) < 2:
        return None
    return float((mine.var() / len(mine) + theirs.var() / len(theirs)) ** 0.5)
