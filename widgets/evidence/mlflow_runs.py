"""What evidence needs of MLflow: runs, versions and models as plain values, and who reads them.

MLflow itself is never imported: it takes seconds, and its stores may write when they are opened.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from widgets.evidence.repository import WHOLE_ID
from widgets.maturity import State

NEWEST = 1000  # of an experiment's runs, and of a model's versions, at most so many are read
ON_TRAINING_DATA = {"training", "train"}  # the contexts of data that a model has seen


@dataclass(frozen=True)
class Dataset:
    """One dataset input of a run; `context` says what for, for example "training"."""

    name: str
    digest: str
    context: str


@dataclass(frozen=True)
class Run:
    """One run, whatever became of it.

    Attributes
    ----------
    metrics : mapping of str to float
        The last value of each metric; one that is not a number is left out, and so are MLflow's
        own about the machine (`system/…`).
    deleted : bool
        Whether the run, or its experiment, was deleted (MLflow keeps both until its rubbish is
        collected).
    """

    id: str
    name: str
    experiment: str
    status: str
    started_at: datetime
    finished_at: datetime | None = None
    deleted: bool = False
    params: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    datasets: tuple[Dataset, ...] = ()

    @property
    def commit(self) -> str | None:
        """The commit that the run names: its own tag, else MLflow's."""
        named = self.tags.get("commit") or self.tags.get("mlflow.source.git.commit", "")
        return named if WHOLE_ID.fullmatch(named) else None

    @property
    def dirty(self) -> bool:
        """Whether it says that its files were not those of its commit."""
        return self.tags.get("dirty", "").lower() == "true"

    @property
    def trigger(self) -> str:
        """What it says started it, or an empty text."""
        return self.tags.get("trigger", "").strip()

    @property
    def by_kit(self) -> bool:
        """Whether the kit's own solution ran it."""
        return self.tags.get("actor") == "kit"

    @property
    def parent(self) -> str | None:
        """The run that it is nested in."""
        return self.tags.get("mlflow.parentRunId")

    def __str__(self) -> str:
        return f"{self.name[:40] or 'run'} {self.id[:8]}"


@dataclass(frozen=True)
class Version:
    """One version of a registered model.

    Attributes
    ----------
    made_by : str or None
        The run that logged the model which was registered, where MLflow knows.
    files : bool or None
        Whether the model's files are where the registry says; None: it cannot be seen.
    location : str or None
        Where that is, where MLflow's own database was read.
    """

    model: str
    version: int
    run_id: str | None
    created_at: datetime
    status: str = "READY"
    tags: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    made_by: str | None = None
    files: bool | None = None
    location: str | None = None


@dataclass(frozen=True)
class Tracking:
    """What was read at one moment about one experiment and one registered model.

    Attributes
    ----------
    where : str
        Where it was read, fit to be shown: without a password.
    experiments, models : tuple of str
        The names of all that are there, to say so when the one looked for is not.
    runs : tuple of Run
        Of the experiment, oldest first: the newest `NEWEST`.
    versions : tuple of Version
        Of the model, oldest first.
    origins : mapping of str to Run
        The runs that the versions name, also deleted ones and those of other experiments.
    """

    where: str
    experiment: str
    model: str
    experiments: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    runs: tuple[Run, ...] = ()
    versions: tuple[Version, ...] = ()
    origins: Mapping[str, Run] = field(default_factory=dict)

    def trainings(self) -> list[Run]:
        """Return the runs that count as trainings, oldest first.

        That is each finished run of the experiment. Left out are deleted runs; failed, killed
        and running ones, for they have no scores to keep; nested runs, for they are parts of
        another; and a run that only holds nested ones together.
        """
        parents = {run.parent for run in self.runs if run.parent}
        return [
            run
            for run in self.runs
            if run.status == "FINISHED"
            and not run.deleted
            and run.parent is None
            and (run.metrics or run.id not in parents)
        ]

    def not_counted(self) -> str:
        """Return how many of the experiment's runs are no trainings, as a remark; or nothing."""
        left_out = len(self.runs) - len(self.trainings())
        return f" ({left_out} failed, unfinished or nested not counted)" if left_out else ""


class UnseenError(Exception):
    """There is nothing to read (MISSING), or it cannot be read (HIDDEN), and what would show it."""

    def __init__(self, state: State, what: str, where: str, mend: str) -> None:
        super().__init__(what)
        self.state, self.what, self.where, self.mend = state, what, where, mend


class TrackingSource(Protocol):
    """Somewhere MLflow keeps its records; it is read and never written."""

    def read(self, experiment: str, model: str) -> Tracking:
        """Return what is there now; an empty name asks for no runs, or for the models' names.

        Raises UnseenError if nothing can be read.
        """


def at(milliseconds: int | float | None) -> datetime:
    """Return MLflow's time (milliseconds since 1970) as a moment; nonsense is 1970."""
    try:
        return datetime.fromtimestamp((milliseconds or 0) / 1000, tz=UTC)
    except (OverflowError, OSError, ValueError, TypeError):
        return datetime.fromtimestamp(0, tz=UTC)


def named(things: Iterable[object], most: int = 3) -> str:
    """Return the first few of `things` as words, and how many more there are.

    What somebody else named may hold anything: what cannot be printed is replaced.
    """
    words = [str(thing) for thing in things]
    more = f" and {len(words) - most} more" if len(words) > most else ""
    text = ", ".join(words[:most]) + more
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def names_of(aliases: Iterable[str], stage: object) -> tuple[str, ...]:
    """Return what a version is called: its aliases, and the stage that MLflow 2 gave it."""
    staged = [str(stage)] if stage in ("Staging", "Production", "Archived") else []
    return tuple(sorted([*aliases, *staged]))
