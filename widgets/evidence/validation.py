"""Collects whether what went into service carries a gate's decision: automated validation."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from widgets.evidence.decisions import Decision, decision_of
from widgets.evidence.event_log import EventLog
from widgets.evidence.finding import Finding
from widgets.evidence.mlflow_runs import Tracking, UnseenError, Version, named
from widgets.evidence.service import EXERCISES, Service, champion_of, unseen
from widgets.maturity import Model, State

PRACTICE = "automated-validation"
AFTERWARDS = "Ask the gate before a version serves: python -m flights.gate (exercise 3.1)."


class ValidationCollector:
    """Holds each promoted version against the tags that the gate has written onto it.

    Promoted is what the event log says was deployed, and what the alias champion points to now.
    Which version somebody made champion by hand before there was a gate does not count: it is
    known from the first change-over, which names it, and if there was none yet, from its being
    older than the first version that was judged.

    A tag is a word that its subject can write, and MLflow does not say when. So a decision that
    was added after the promotion looks like one that was there before; `decisions` says what can
    be held against it.

    Parameters
    ----------
    model : Model
        Where the rule stands.
    service : Service
        The registry and the event log.
    """

    practices = (PRACTICE,)

    def __init__(self, model: Model, service: Service) -> None:
        self._rule = model.practice(PRACTICE).rule
        self._service = service

    def collect(self) -> Sequence[Finding]:
        """Return one finding."""
        try:
            tracking = self._service.tracking
            events = self._events()
        except UnseenError as error:
            return [unseen(PRACTICE, error)]
        where = f"the tags gate.* of {tracking.model} in {tracking.where}, {events.where}"
        decisions = {
            version.version: decision
            for version in tracking.versions
            if (decision := decision_of(version, tracking))
        }
        if not decisions:
            what = f"no gate has decided about any of {len(tracking.versions)} versions"
            return [Finding(PRACTICE, State.MISSING, what, where, EXERCISES[PRACTICE])]
        sound = {number: each for number, each in decisions.items() if not each.fault}
        promoted, exempt = self._promoted(tracking, events, decisions)
        bad = {number: _lack(number, decisions, tracking) for number in promoted}
        bad = {number: why for number, why in bad.items() if why}
        said = [each.said for each in sound.values()]
        what = (
            f"{len(sound)} decisions by a program ({said.count('yes')} yes, {said.count('no')} no)"
        )
        first = next(each for each in tracking.versions if each.version in decisions)
        what += f", the first about a version of {first.created_at:%Y-%m-%d}"
        what += f"; {len(promoted) - len(bad)} of {len(promoted)} promoted versions carry its yes"
        if since := [at for at in promoted.values() if at]:
            what += f", promoted since {min(since):%Y-%m-%d}"
        if exempt:
            what += f"; version {exempt} was champion before there was a gate: not counted"
        if bad:
            what += "; " + named(f"version {number}: {why}" for number, why in bad.items())
        others = {n: each.fault for n, each in decisions.items() if each.fault and n not in bad}
        if others:
            lines = named(f"version {number}: {why}" for number, why in others.items())
            what += f"; not believed: {lines}"
        what += "".join(f"; {fault}" for fault in events.faults)
        asked = int(self._rule["decisions"])
        mend = ""
        if len(promoted) - len(bad) < float(self._rule["promoted_with_decision_share"]) * len(
            promoted
        ):
            mend = AFTERWARDS
        elif len(sound) < asked:
            mend = f"{asked} decisions by a program are asked for: exercises 3.1 and 3.3."
        elif not promoted:
            mend = "Let into service what the gate said yes to: exercise 3.3."
        if mend:
            return [Finding(PRACTICE, State.MISSING, what, where, mend)]
        own = [each for each in sound.values() if each.actor != "kit"]
        return [Finding(PRACTICE, State.PROVED, what, where, with_kit=len(own) < asked)]

    def _events(self) -> EventLog:
        try:
            return self._service.events
        except UnseenError as error:
            if error.state is not State.MISSING:
                raise
            return EventLog(error.where)

    def _promoted(
        self, tracking: Tracking, events: EventLog, decisions: Mapping[int, Decision]
    ) -> tuple[dict[int, datetime | None], int | None]:
        """Return what was promoted, and when; and the champion that does not count."""
        promoted: dict[int, datetime | None] = {}
        for event in events.events:
            if event.kind == "deploy" and event.step in ("moved", "done") and event.version:
                promoted.setdefault(event.version, event.at)
        champion = champion_of(tracking)
        if champion is None or champion.version in promoted:
            return promoted, None
        if champion.version not in decisions and self._was_before(champion, tracking, decisions):
            return promoted, champion.version
        return promoted | {champion.version: None}, None

    def _was_before(
        self, champion: Version, tracking: Tracking, decisions: Mapping[int, Decision]
    ) -> bool:
        standings = self._service.timeline.standings
        if standings:
            moved = (event for event in self._service.events.events if event.step == "moved")
            first = next(moved).previous
            return champion.version == first == standings[-1].version
        judged = next(each for each in tracking.versions if each.version in decisions)
        return champion.created_at < judged.created_at


def _lack(number: int, decisions: Mapping[int, Decision], tracking: Tracking) -> str:
    """Return what a promoted version lacks, or an empty text."""
    decision = decisions.get(number)
    if decision is None:
        there = any(version.version == number for version in tracking.versions)
        return "nobody has decided about it" if there else "it is not in the registry any more"
    if decision.fault:
        return decision.fault
    return "" if decision.lets_through else "the gate has said no to it"
