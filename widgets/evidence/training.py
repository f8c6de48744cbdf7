"""Reads the tracking once and asks everyone who looks at it: the practices of Level 2."""

from collections.abc import Sequence
from pathlib import Path

from widgets.evidence.finding import Collector, Finding
from widgets.evidence.mlflow_runs import Tracking, TrackingSource, UnseenError
from widgets.evidence.pipeline import PipelineCollector
from widgets.evidence.provenance import ProvenanceCollector
from widgets.evidence.registry import RegistryCollector
from widgets.evidence.repository import Repository
from widgets.evidence.tracking import EXERCISES, TrackingCollector
from widgets.maturity import Model, State


class TrainingCollector:
    """Looks at one experiment and one registered model of an MLflow tracking.

    Parameters
    ----------
    model : Model
        Where the rules stand.
    source : TrackingSource
        Where MLflow's records are.
    names : tuple of str
        The experiment and the registered model.
    shared : Repository
        The repository whose main starts trainings.
    own : sequence of Repository
        Other places where a commit may lie that was not pushed yet.
    records : Path
        The folder with the records of trainings that the shared repository started.
    """

    practices = (*EXERCISES, "version-control")

    def __init__(
        self,
        model: Model,
        source: TrackingSource,
        names: tuple[str, str],
        shared: Repository,
        own: Sequence[Repository],
        records: Path,
    ) -> None:
        self._model = model
        self._source = source
        self._names = names
        self._shared = shared
        self._own = own
        self._records = records

    def collect(self) -> Sequence[Finding]:
        """Return a finding for each practice of Level 2, and one for version control."""
        try:
            tracking = self._source.read(*self._names)
        except UnseenError as unseen:
            return [_unseen(practice, unseen) for practice in EXERCISES]
        commits = self._known(tracking)
        collectors: list[Collector] = [
            ProvenanceCollector(self._model, tracking),
            PipelineCollector(self._model, tracking, self._shared, self._records),
            TrackingCollector(self._model, tracking, commits),
            RegistryCollector(self._model, tracking, commits),
        ]
        return [finding for collector in collectors for finding in collector.collect()]

    def _known(self, tracking: Tracking) -> set[str]:
        asked = {run.commit for run in (*tracking.runs, *tracking.origins.values()) if run.commit}
        known: set[str] = set()
        for repository in (self._shared, *self._own):
            known |= repository.known(asked - known)
        return known


def _unseen(practice: str, unseen: UnseenError) -> Finding:
    mend = EXERCISES[practice] if unseen.state is State.MISSING else unseen.mend
    return Finding(practice, unseen.state, unseen.what, unseen.where, mend)
