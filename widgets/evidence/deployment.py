"""Collects the change-overs that no person made, and the ways back: automated deployment."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from widgets.evidence.change_overs import ChangeOver, change_overs
from widgets.evidence.decisions import PROGRAMS, decision_of
from widgets.evidence.event_log import SLACK, Event, EventLog
from widgets.evidence.finding import Finding
from widgets.evidence.mlflow_runs import Tracking, UnseenError, Version, named
from widgets.evidence.service import EXERCISES, Service, unseen
from widgets.evidence.traffic import Traffic
from widgets.maturity import Model, State

PRACTICE = "automated-deployment"
UNDER_TRAFFIC = "Change over while clients ask: maturity traffic (exercises 3.3 and 3.4)."


@dataclass(frozen=True)
class _Judged:
    """One change-over: what speaks against it, what is lacking to confirm it, and by whom."""

    change: ChangeOver
    against: str
    lacking: str
    by_kit: bool

    @property
    def confirmed(self) -> bool:
        return not self.against and not self.lacking

    @property
    def by_hand(self) -> bool:
        first = self.change.first
        return first.kind == "deploy" and first.actor not in PROGRAMS

    def __str__(self) -> str:
        return f"{self.change}: {self.against or self.lacking}"


class DeploymentCollector:
    """Holds the event log against the registry, and against what the clients saw.

    The event log is the subject's own word. A deployment is confirmed if the registry had that
    version and a gate's yes to it, and if the simulated clients were then answered by it, before
    the next change-over; a rollback, if it says why and the clients were then answered by what
    had served before. The clients' log lies in the same workspace: who writes both by hand, and a
    version with its tags, cannot be told from one who deployed. Nor can a person who signs as
    "gate". In production each log has an owner of its own.

    Parameters
    ----------
    model : Model
        Where the rule stands.
    service : Service
        The registry and the logs.
    """

    practices = (PRACTICE,)

    def __init__(self, model: Model, service: Service) -> None:
        self._rule = model.practice(PRACTICE).rule
        self._service = service

    def collect(self) -> Sequence[Finding]:
        """Return one finding."""
        try:
            events, tracking = self._service.events, self._service.tracking
        except UnseenError as error:
            return [unseen(PRACTICE, error)]
        traffic, blind = self._traffic()
        where = f"{events.where}, {tracking.where}"
        where += f", {traffic.where}" if traffic else ""
        judged = self._judged(events, tracking, traffic)
        if not judged:
            what = "; ".join(["no deployment was written down", *events.faults])
            return [Finding(PRACTICE, State.MISSING, what, where, EXERCISES[PRACTICE])]
        deployed = _once(
            each for each in judged if each.change.first.kind == "deploy" and not each.by_hand
        )
        back = [each for each in judged if each.change.first.kind == "rollback"]
        what = _told("deployments by a program", deployed) + "; " + _told("rollbacks", back)
        what += f"; events since {events.events[0].at:%Y-%m-%d}"
        if hands := [each.change for each in judged if each.by_hand]:
            what += "; by hand: " + named(f"{each} by {each.first.actor[:20]}" for each in hands)
        what += blind
        what += "".join(f"; {fault}" for fault in (*events.faults, *_faults(traffic)))
        return [self._weigh(deployed, back, what, where)]

    def _traffic(self) -> tuple[Traffic | None, str]:
        try:
            return self._service.traffic, ""
        except UnseenError as error:
            return None, f"; what the clients saw is not known: {error.where}: {error.what}"

    def _judged(
        self, events: EventLog, tracking: Tracking, traffic: Traffic | None
    ) -> list[_Judged]:
        versions = {version.version: version for version in tracking.versions}
        met = self._met(traffic)
        served: set[int | None] = set()
        judged = []
        for change in change_overs(events.events):
            version = versions.get(change.first.version or 0)
            against = _against(change, version, tracking, served)
            lacking = "" if change.first.id in met else "no client was answered by it"
            by_kit = change.first.actor == "kit" or _decided_by_kit(version)
            judged.append(_Judged(change, against, "" if against else lacking, by_kit))
            if change.whole:
                served |= {change.first.version, change.first.previous}
        return judged

    def _met(self, traffic: Traffic | None) -> set[str]:
        """Return the change-overs whose version has answered before the next one."""
        if traffic is None:
            return set()
        standings = self._service.timeline.standings
        periods = zip(standings, traffic.periods[1:], strict=True)
        return {standing.id for standing, answers in periods if standing.version in answers}

    def _weigh(
        self, deployed: Sequence[_Judged], back: Sequence[_Judged], what: str, where: str
    ) -> Finding:
        asked, asked_back = int(self._rule["deployments"]), int(self._rule["rollbacks"])

        def enough(some: Iterable[_Judged], some_back: Iterable[_Judged]) -> bool:
            return len(list(some)) >= asked and len(list(some_back)) >= asked_back

        deployed = [each for each in deployed if not each.against]
        back = [each for each in back if not each.against]
        if enough((e for e in deployed if e.confirmed), (e for e in back if e.confirmed)):
            own = enough(
                (e for e in deployed if e.confirmed and not e.by_kit),
                (e for e in back if e.confirmed and e.change.first.actor != "kit"),
            )
            return Finding(PRACTICE, State.PROVED, what, where, with_kit=not own)
        if enough(deployed, back):
            kit = all(each.by_kit for each in (*deployed, *back))
            return Finding(PRACTICE, State.CLAIMED, what, where, UNDER_TRAFFIC, with_kit=kit)
        if len(deployed) < asked:
            mend = f"{asked} versions that the gate brings into service: exercise 3.3."
        else:
            mend = f"{asked_back} rollback with a reason, under traffic: exercise 3.4."
        return Finding(PRACTICE, State.MISSING, what, where, mend)


def _against(
    change: ChangeOver,
    version: Version | None,
    tracking: Tracking,
    served: AbstractSet[int | None],
) -> str:
    """Return what speaks against a change-over, or an empty text."""
    first = change.first
    if not change.whole:
        return f"its steps are {', '.join(event.step for event in change.steps[:5])}"
    if version is None:
        return "the registry has no such version"
    if first.version == first.previous:
        return "it served already"
    if first.kind == "deploy":
        return _against_deployment(first, version, tracking)
    if not first.cause.strip():
        return "nobody said why"
    return "" if version.version in served else "it had never served before"


def _against_deployment(intent: Event, version: Version, tracking: Tracking) -> str:
    run = tracking.origins.get(version.run_id or "")
    if run is None or run.deleted:
        return "its run is not there"
    if intent.run_id != run.id:
        return f"it is of run {run.id[:8]}, the log says {named([str(intent.run_id)[:8]])}"
    if intent.at < version.created_at - SLACK:
        return f"it was registered only on {version.created_at:%Y-%m-%d %H:%M:%S}"
    decision = decision_of(version, tracking)
    if decision is None:
        return "nobody has decided about it"
    if decision.fault:
        return decision.fault
    return "" if decision.lets_through else "the gate has said no to it"


def _decided_by_kit(version: Version | None) -> bool:
    return version is not None and version.tags.get("gate.actor") == "kit"


def _once(judged: Iterable[_Judged]) -> list[_Judged]:
    """Return each version once, at its best: to deploy the same again is no second proof."""
    best: dict[int | None, _Judged] = {}
    for each in sorted(judged, key=lambda each: (bool(each.against), bool(each.lacking))):
        best.setdefault(each.change.first.version, each)
    return sorted(best.values(), key=lambda each: each.change.first.at)


def _told(things: str, judged: Sequence[_Judged]) -> str:
    sure = [each.change for each in judged if each.confirmed]
    text = f"{len(sure)} {things} that the clients met"
    text += f" ({named(sure)})" if sure else ""
    for label, some in (
        ("said, not confirmed", [each for each in judged if each.lacking]),
        ("contradicted", [each for each in judged if each.against]),
    ):
        if some:
            text += f", {len(some)} {label}: {named(some)}"
    return text


def _faults(traffic: Traffic | None) -> tuple[str, ...]:
    return traffic.faults if traffic else ()
