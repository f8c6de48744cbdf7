"""Collects whether predictions and requests are written down: basic monitoring."""

from collections.abc import Sequence

from widgets.evidence.counters import Pace, pace
from widgets.evidence.finding import Finding
from widgets.evidence.mlflow_runs import UnseenError, named
from widgets.evidence.prediction_log import PredictionLog
from widgets.evidence.service import Service, unseen
from widgets.evidence.traffic import Traffic
from widgets.evidence.traffic_log import Request
from widgets.maturity import Model, State

PRACTICE = "basic-monitoring"
LOGGED_SHARE = 0.95  # of the flights that the clients were answered
ROUNDED = 0.001  # a probability may be told with three digits
AGAIN = "Send traffic to the server as it is now: maturity traffic (exercise 3.5)."


class MonitoringCollector:
    """Holds the prediction log, and the server's counters, against what the clients were told.

    The clients' log lies in the same workspace as the others: who writes all three by hand cannot
    be told from one who was asked. That the inputs which were logged are those that were sent
    cannot be seen from here: the clients do not keep them.

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
            log, tracking = self._service.predictions, self._service.tracking
        except UnseenError as error:
            return [unseen(PRACTICE, error)]
        known = {version.version for version in tracking.versions}
        strange = sorted(log.versions.keys() - known)
        where = f"{log.where}, {tracking.where}"
        what = (
            f"{log.in_hour} predictions from {log.first:%Y-%m-%d %H:%M:%S} to "
            f"{log.last:%H:%M:%S} UTC, {log.rows} in all since {log.begun:%Y-%m-%d}"
        )
        what += "".join(f"; {fault}" for fault in log.faults)
        if strange:
            what += f"; not in the registry: version {named(strange)}"
        asked = int(self._rule["predictions"])
        mend = ""
        if log.in_hour < asked:
            mend = f"{asked} predictions within an hour are asked for: maturity traffic (3.5)."
        elif log.first == log.last:
            what += "; all at one moment"
            mend = AGAIN
        elif strange:
            mend = "Log the version that answered: exercise 3.5."
        if mend:
            return [Finding(PRACTICE, State.MISSING, what, where, mend)]
        try:
            traffic = self._service.traffic
        except UnseenError as error:
            what += f"; what the clients were told is not known: {error.where}: {error.what}"
            return [Finding(PRACTICE, State.CLAIMED, what, where, AGAIN)]
        return [self._held(log, traffic, what, f"{where}, {traffic.where}")]

    def _held(self, log: PredictionLog, traffic: Traffic, what: str, where: str) -> Finding:
        """Return the finding about a log that is good in itself."""
        answered = sum(request.flights for request in traffic.asked)
        total = answered + traffic.later
        logged, differing = matched(traffic.asked, log)
        seen = pace(traffic.asked, traffic.scrapes)
        what += f"; {logged} of {total} flights that the clients were answered meanwhile are in it"
        if traffic.later:
            what += f", {traffic.later} of them after its end"
        if differing:
            what += f"; {differing} with another probability than they were told"
        what += f"; {_told(seen)}"
        what += "".join(f"; {fault}" for fault in traffic.faults)
        mend, state = "", State.MISSING
        if total and logged - differing < LOGGED_SHARE * total:
            mend = f"Write down every prediction before it is answered: exercise 3.5. {AGAIN}"
        elif seen.behind or (seen.looks > 1 and answered and not seen.kept):
            mend = "Count each prediction when it is answered, and show it at /metrics: 3.2."
        elif not answered or not seen.kept:
            mend, state = AGAIN, State.CLAIMED
        return Finding(PRACTICE, State.PROVED if not mend else state, what, where, mend)


def matched(requests: Sequence[Request], log: PredictionLog) -> tuple[int, int]:
    """Return how many answered flights the log has, and how many of them with other numbers."""
    logged = differing = 0
    for request in requests:
        for version, flights, total in request.versions:
            shelf = log.versions.get(version)
            if shelf is None:
                continue
            number, low, high = shelf.between(request.first, request.last)
            logged += min(number, flights)
            slack = ROUNDED * flights
            # of a mixed answer it is not known which flights were whose
            if number == flights and not low - slack <= total <= high + slack:
                differing += flights
    return logged, differing


def _told(seen: Pace) -> str:
    text = f"/metrics answered {seen.looks} times, kept pace {seen.kept} times"
    if seen.begun_anew:
        text += f", began anew {seen.begun_anew} times"
    if seen.behind:
        text += f", fell behind {seen.behind} times"
    return text
