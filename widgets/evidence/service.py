"""What a service leaves behind, each part read at most once and only if somebody asks for it."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cached_property

from widgets.base.paths import Layout
from widgets.evidence.change_overs import Timeline
from widgets.evidence.event_log import EventLog, read_events
from widgets.evidence.finding import Finding
from widgets.evidence.mlflow_runs import Tracking, TrackingSource, UnseenError, Version
from widgets.evidence.prediction_log import PredictionLog, read_predictions
from widgets.evidence.traffic import Traffic, watch
from widgets.evidence.traffic_log import TrafficLog
from widgets.maturity import Model, State

CHAMPION = "champion"
EXERCISES = {
    "automated-validation": "Exercise 3.1: a gate decides, and writes down why.",
    "automated-deployment": "Exercises 3.3 and 3.4: what the gate lets through is deployed by "
    "itself, and one command goes back.",
    "serving-from-registry": "Exercise 3.2: a server that answers with the champion; 3.3 writes "
    "down which version that is. Then send traffic: maturity traffic.",
    "basic-monitoring": "Exercise 3.5: every prediction is written down. Then send traffic: "
    "maturity traffic.",
}


class Service:
    """The registry and the logs of one service. Each attribute raises UnseenError if it is not.

    All of it lies where its subject may write. The clients' log is the kit's, and the others are
    held against it: they show that things were done, not that nobody cheated.

    Parameters
    ----------
    model : Model
        Where it stands how long the last hour is.
    layout : Layout
        Where the logs lie.
    source : TrackingSource
        Where the registry is read.
    names : tuple of str
        The experiment and the registered model.
    now : datetime, optional
        What is later is not believed.
    """

    def __init__(
        self,
        model: Model,
        layout: Layout,
        source: TrackingSource,
        names: tuple[str, str],
        now: datetime | None = None,
    ) -> None:
        self._serving, self._monitoring = (
            float(model.practice(practice).rule["window_hours"])
            for practice in ("serving-from-registry", "basic-monitoring")
        )
        self.layout = layout
        self._source = source
        self._names = names
        self._now = now or datetime.now(UTC)

    @property
    def tracking(self) -> Tracking:
        """The registry."""
        return self._source.read(*self._names)

    @cached_property
    def events(self) -> EventLog:
        """The event log."""
        return read_events(self.layout.events_log, self._now)

    @cached_property
    def timeline(self) -> Timeline:
        """Which version was to serve when; nothing without an event log."""
        try:
            return Timeline(self.events.events)
        except UnseenError:
            return Timeline(())

    @cached_property
    def predictions(self) -> PredictionLog:
        """The last hour of the prediction log."""
        return read_predictions(self.layout.predictions_db, self._monitoring, self._now)

    @cached_property
    def traffic(self) -> Traffic:
        """What the clients saw."""
        logged = None
        with suppress(UnseenError):
            predicted = self.predictions
            hour = timedelta(hours=self._monitoring)
            # since the first ever, not the first of the hour: a hole in the log is one
            since = max(predicted.begun, predicted.last - hour)
            logged = since, predicted.last
        log = TrafficLog(self.layout.traffic_log, self._now)
        return watch(log, self.timeline.moves, self._serving, logged)


def champion_of(tracking: Tracking) -> Version | None:
    """Return the version that the alias champion points to now."""
    found = (version for version in tracking.versions if CHAMPION in version.aliases)
    return next(found, None)


def unseen(practice: str, error: UnseenError) -> Finding:
    """Return the finding for a practice of which a source is not there, or cannot be read."""
    mend = EXERCISES[practice] if error.state is State.MISSING else error.mend
    return Finding(practice, error.state, error.what, error.where, mend)
