"""Collects whether the version that answers is the one that was to: serving from the registry."""

from collections.abc import Sequence
from dataclasses import dataclass

from widgets.evidence.change_overs import Timeline
from widgets.evidence.finding import Finding
from widgets.evidence.mlflow_runs import UnseenError, named
from widgets.evidence.running import running_now
from widgets.evidence.service import EXERCISES, Service, champion_of, unseen
from widgets.evidence.traffic_log import Request
from widgets.maturity import Model, State

PRACTICE = "serving-from-registry"


@dataclass(frozen=True)
class Agreement:
    """How many flights were answered by the version that was to answer them.

    Attributes
    ----------
    counted, agreed : int
        Flights: all since the first change-over, and those of them that agree.
    before : int
        Flights that were answered before the first change-over: nothing says by whom.
    versions : frozenset of int
        Who answered the counted ones.
    other : str
        The first that does not agree.
    """

    counted: int
    agreed: int
    before: int
    versions: frozenset[int]
    other: str


class ServingCollector:
    """Holds the versions that answered against the event log, and that against the registry.

    Which version answered is known from the clients, who wrote down what the server told them.
    That the server really used the model of that number cannot be seen from here: a server may
    say what it likes. Whether the kit's server answered cannot be seen either.

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
            traffic, events = self._service.traffic, self._service.events
            tracking = self._service.tracking
        except UnseenError as error:
            return [unseen(PRACTICE, error)]
        where = f"{traffic.where}, {events.where}, the alias champion in {tracking.where}"
        timeline = self._service.timeline
        found = compare(traffic.hour, timeline)
        champion = champion_of(tracking)
        standing = timeline.standings[-1].version if timeline.standings else None
        known = {version.version for version in tracking.versions}
        strange = sorted(found.versions - known)
        hours = f"{float(self._rule['window_hours']):g} h"
        what = f"{found.agreed} of {found.counted} flights in the last {hours} of service"
        if traffic.last and traffic.first:
            what += (
                f" (to {traffic.last:%Y-%m-%d %H:%M} UTC; the first on {traffic.first:%Y-%m-%d})"
            )
        what += " were answered by the version that was to serve"
        what += f"; champion is {_name(champion.version if champion else None)}"
        what += f", the event log's last is {_name(standing)}"
        if found.before:
            what += f"; {found.before} from before the first change-over not counted"
        if found.other:
            what += f"; {found.other}"
        if strange:
            what += f"; not in the registry: version {named(strange)}"
        notes = [*events.faults, *traffic.faults, running_now(self._service.layout.server_file)]
        what += "".join(f"; {note}" for note in notes if note)
        mend = ""
        if not found.counted:
            mend = EXERCISES[PRACTICE]
        elif strange or found.agreed < float(self._rule["agreement_share"]) * found.counted:
            mend = "Serve what champion names, and say which version that is: exercise 3.2."
        elif champion is None or champion.version != standing:
            mend = (
                "Somebody moved the alias past the event log. Let flights.deploy or "
                "flights.rollback move it (exercises 3.3 and 3.4)."
            )
        if mend:
            return [Finding(PRACTICE, State.MISSING, what, where, mend)]
        return [Finding(PRACTICE, State.PROVED, what, where)]


def compare(requests: Sequence[Request], timeline: Timeline) -> Agreement:
    """Hold answered requests against the versions that were to serve."""
    counted = agreed = before = 0
    versions: set[int] = set()
    other = ""
    for request in requests:
        may = timeline.allowed(request.at, request.ended)
        if may is None:
            before += request.flights
            continue
        counted += request.flights
        for version, flights, _ in request.versions:
            versions.add(version)
            if version in may:
                agreed += flights
            elif not other:
                wanted = " or ".join(_name(one) for one in sorted(may, key=str))
                other = f"at {request.at:%H:%M:%S} version {version} answered, not {wanted}"
    return Agreement(counted, agreed, before, frozenset(versions), other)


def _name(version: int | None) -> str:
    return "none" if version is None else f"version {version}"
