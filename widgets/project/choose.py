"""Chooses which experiment and which model of a team's tracking are looked at, and says so."""

import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from widgets.evidence.mlflow_runs import Tracking, TrackingSource

MOST = 12  # experiments and models are looked into
SECONDS = 30.0  # for looking around; what is chosen is then read once more


def read_tracking(
    source: TrackingSource, experiment: str, model: str, notes: list[str]
) -> Tracking:
    """Return the tracking of one experiment and one model.

    What is not named is chosen: the model whose newest version is the youngest, and the
    experiment which its runs come from, else the one with the most trainings.

    Parameters
    ----------
    source : TrackingSource
        Where MLflow's records are.
    experiment, model : str
        The names; an empty one is chosen.
    notes : list of str
        Is told what was chosen, of how many.

    Raises
    ------
    UnseenError
        If nothing can be read.
    """
    until = time.monotonic() + SECONDS

    def in_time(pairs: Iterable[tuple[str, str]]) -> Iterator[Tracking]:
        for number, pair in enumerate(pairs):
            if number and time.monotonic() > until:
                notes.append(
                    "MLflow answers slowly, so not all experiments and models were looked into: "
                    "name them with --experiment and --model"
                )
                return
            yield source.read(*pair)

    first = source.read(experiment, model)
    if not model and len(first.models) > 0:
        looked = list(in_time((experiment, name) for name in first.models[:MOST]))
        model = max(looked, key=youngest).model
        if len(first.models) > 1:
            notes.append(
                f"of {len(first.models)} registered models, {model} has the youngest version: "
                "another one is named with --model"
            )
    if not experiment and first.experiments:
        names = [name for name in first.experiments if name != "Default"] or ["Default"]
        looked = list(in_time((name, model) for name in names[:MOST]))
        experiment = max(looked, key=worth).experiment
        if len(names) > 1:
            notes.append(
                f"of {len(names)} experiments, {experiment} was looked at: another one is named "
                "with --experiment"
            )
    return source.read(experiment, model)


def youngest(tracking: Tracking) -> datetime:
    """Return when the newest version of the model was made."""
    never = datetime.fromtimestamp(0, tz=UTC)
    return max((version.created_at for version in tracking.versions), default=never)


def worth(tracking: Tracking) -> tuple[int, int]:
    """Return how many of the model's versions come from the experiment, and its trainings."""
    runs = {run.id for run in tracking.runs}
    made = sum(version.run_id in runs for version in tracking.versions)
    return made, len(tracking.trainings())
