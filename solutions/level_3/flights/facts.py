"""What the gate looks at: everything about a candidate that can be measured, and no verdict."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import skops.io
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.models import Model
from sklearn.pipeline import Pipeline

from flights.contract import check_months
from flights.features import NEW_YORK, build_features, is_late, labelled
from flights.loader import signature_problem
from flights.measure import measure
from flights.pipeline import ingest
from flights.registry import CHAMPION
from flights.settings import Settings
from flights.tracking import TRUSTED
from flights.train import split_by_date

TRIES = 20
LEAST = 1e-6  # a probability nearer to 0 or 1 counts as this: the log loss of 0 would be infinite


@dataclass(frozen=True)
class Facts:
    """What is known of a candidate.

    Attributes
    ----------
    inputs : tuple of str
        What it asks for.
    signature : str
        How its signature differs from the one that we serve; empty if it does not.
    trained_to, judged_from, judged_to : str
        The last day that it has learned from, and the first and last judging day.
    measures : mapping of str to float
        As `measure` gives them, on the judging days; empty if it could not be asked.
    champion : int or None
        The version it is compared with, if there is one with a yes of the gate.
    losses : DataFrame
        One row a judged flight: `candidate` and `champion` (the log loss of that flight), `day`
        (New York's) and `origin`. Empty without a champion.
    latency : float
        The time of a prediction for one flight on a quiet machine, in milliseconds.
    size : float
        The model's file, in megabytes.
    """

    inputs: tuple[str, ...]
    signature: str
    trained_to: str
    judged_from: str
    judged_to: str
    measures: Mapping[str, float]
    champion: int | None
    losses: pd.DataFrame
    latency: float
    size: float


def collect_facts(version: ModelVersion, settings: Settings) -> Facts:
    """Return the facts of a version, judged on the last seven days that have landed."""
    last_days = judging_days(settings)
    folder = files_of(version, settings)
    signature = Model.load(folder).signature
    model = read_model(folder)
    fits = not signature_problem(signature)
    against = standing_champion(version, settings)
    days = last_days["scheduled_at"].dt.tz_convert(NEW_YORK).dt.strftime("%Y-%m-%d")
    return Facts(
        inputs=tuple(str(name) for name in signature.inputs.input_names()) if signature else (),
        signature=signature_problem(signature),
        trained_to=str(mlflow.get_run(version.run_id).data.params.get("train_to", "")),
        judged_from=str(days.min()),
        judged_to=str(days.max()),
        measures=measure(model, last_days).overall if fits else {},
        champion=int(against.version) if against else None,
        losses=compare(model, against, last_days, settings) if fits else pd.DataFrame(),
        latency=latency(model, last_days) if fits else float("nan"),
        size=(folder / "model.skops").stat().st_size / 1e6,
    )


def judging_days(settings: Settings) -> pd.DataFrame:
    """Return the flights of the last seven days that have landed, and let go of all others."""
    _, last_days = split_by_date(check_months(ingest(settings)))
    return last_days


def standing_champion(version: ModelVersion, settings: Settings) -> ModelVersion | None:
    """Return the champion, if the gate has once said yes to it, and it is not `version`.

    Who was made champion by hand has proved nothing: against it nobody has to prove a gain.
    """
    client = mlflow.MlflowClient()
    try:
        found = client.get_model_version_by_alias(settings.model, CHAMPION)
    except MlflowException as error:
        if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            return None
        raise
    same = found.version == version.version
    return None if same or found.tags.get("gate.decision") != "yes" else found


def files_of(version: ModelVersion, settings: Settings) -> Path:
    """Return the folder with a version's files."""
    uri = f"models:/{settings.model}/{version.version}"
    return Path(mlflow.artifacts.download_artifacts(uri))


def read_model(folder: Path) -> Pipeline:
    """Return a model, loaded with our own list of trusted types."""
    return skops.io.load(folder / "model.skops", trusted=TRUSTED)


def compare(
    model: Pipeline, against: ModelVersion | None, last_days: pd.DataFrame, settings: Settings
) -> pd.DataFrame:
    """Return each judged flight's loss with the candidate and with the champion."""
    if against is None:
        return pd.DataFrame()
    known = labelled(last_days)
    champion = read_model(files_of(against, settings))
    return pd.DataFrame(
        {
            "candidate": losses(model, known),
            "champion": losses(champion, known),
            "day": known["scheduled_at"].dt.tz_convert(NEW_YORK).dt.strftime("%Y-%m-%d"),
            "origin": known["origin"],
        }
    )


def losses(model: Pipeline, flights: pd.DataFrame) -> np.ndarray:
    """Return the log loss of each flight: minus the logarithm of what the truth was given."""
    probability = model.predict_proba(build_features(flights))[:, 1].clip(LEAST, 1 - LEAST)
    late = is_late(flights).to_numpy()
    return -np.log(np.where(late == 1, probability, 1 - probability))


def latency(model: Pipeline, flights: pd.DataFrame) -> float:
    """Return the time that a prediction for one flight takes, in milliseconds.

    The shortest of some: what other programs do meanwhile only adds to it (as in timeit's manual,
    https://docs.python.org/3/library/timeit.html#timeit.Timer.repeat).
    """
    features = build_features(flights.head(1))
    times = []
    for _ in range(TRIES):
        begun = time.perf_counter()
        model.predict_proba(features)
        times.append(time.perf_counter() - begun)
    return min(times) * 1000
