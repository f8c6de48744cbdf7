"""Loads a version for serving: whole, of the right kind, and tried out; or it is refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import skops.io
from mlflow.models import Model
from mlflow.models.signature import ModelSignature
from sklearn.pipeline import Pipeline

from flights.features import CATEGORICAL, FEATURES, NUMERIC
from flights.settings import Settings, resolve
from flights.tracking import INPUTS, OUTPUTS, TRUSTED

PLAIN = "flights.loader.load_files"
# Two flights that any model of ours must have an answer to: a usual one, and one of nobody knows
# what, in weather that was not measured.
USUAL = {"hour": 9, "weekday": 0, "distance": 700, "temp": 50, "dewp": 40, "humid": 70}
USUAL |= {"wind_speed": 9, "wind_gust": 12, "precip": 0, "pressure": 1015, "visib": 10}
SMOKE = pd.DataFrame(
    [USUAL, {"hour": 23, "weekday": 6, "distance": 5000}], columns=list(NUMERIC), dtype="float64"
).assign(carrier=["UA", "??"], origin=["JFK", "???"], dest=["BOS", "???"])


class LoadError(Exception):
    """A version cannot serve; the message says which, and why."""


@dataclass(frozen=True)
class Served:
    """A model that can serve.

    Attributes
    ----------
    version : int
        Its number in the registry.
    run_id : str
        The run that made it.
    model : Pipeline
        The fitted pipeline.
    known : mapping of str to set of str
        The values of each category that it has learned from.
    """

    version: int
    run_id: str
    model: Pipeline
    known: Mapping[str, frozenset[str]]

    def answer(self, features: pd.DataFrame) -> tuple[np.ndarray, int]:
        """Return how probable a delay of each flight is, and which version says so."""
        return self.model.predict_proba(features)[:, 1], self.version


def load(version: int, settings: Settings) -> Served:
    """Return a version, ready to serve.

    Raises
    ------
    LoadError
        If its files are not there or damaged, if it holds types that are not on our list, has
        another signature than the one that we serve, or fails two flights that every model of
        ours must have an answer to.
    """
    try:
        found = mlflow.MlflowClient().get_model_version(settings.model, str(version))
        folder = Path(mlflow.artifacts.download_artifacts(f"models:/{settings.model}/{version}"))
        check_signature(Model.load(folder).signature)
        read: Callable[[Path], Pipeline] = resolve(settings.seams.get("loader") or PLAIN)
        model = read(folder)
        try_out(model)
        return Served(version, str(found.run_id), model, categories(model))
    except Exception as error:  # whatever is wrong with it, the model before goes on serving
        why = f"{type(error).__name__}: {error}"
        raise LoadError(f"version {version} cannot serve: {why}") from error


def load_files(folder: Path) -> Pipeline:
    """Return the model in an artifact's folder.

    The list of trusted types is ours. MLflow believes the one inside the artifact, and who can
    change the artifact can write there what is to be trusted.
    """
    model = skops.io.load(folder / "model.skops", trusted=TRUSTED)
    if not isinstance(model, Pipeline):
        raise TypeError(f"it is a {type(model).__name__}, not a pipeline")
    return model


def check_signature(signature: ModelSignature | None) -> None:
    """Raise ValueError with what is different if a signature is not the one that we serve."""
    if problem := signature_problem(signature):
        raise ValueError(problem)


def signature_problem(signature: ModelSignature | None) -> str:
    """Return how a signature differs from the one that we serve, or nothing."""
    if signature is None or signature.inputs is None:
        return "it has no signature"
    asked = {column.name: column.type for column in signature.inputs.inputs}
    ours = {column.name: column.type for column in INPUTS.inputs}
    if more := sorted(str(name) for name in set(asked) - set(ours)):
        return f"it asks for {', '.join(more)}, which nobody sends"
    if fewer := sorted(str(name) for name in set(ours) - set(asked)):
        return f"it leaves out {', '.join(fewer)}"
    if other := sorted(str(name) for name in ours if asked[name] != ours[name]):
        return f"it takes {', '.join(other)} as another type"
    if signature.outputs != OUTPUTS:
        return f"it answers {signature.outputs}, not two probabilities a flight"
    return ""


def try_out(model: Pipeline) -> None:
    """Raise ValueError if a model has no sound answer to the two flights of SMOKE."""
    answer = np.asarray(model.predict_proba(SMOKE[list(FEATURES)]))
    sound = answer.shape == (2, 2) and np.isfinite(answer).all()
    if not (sound and (answer >= 0).all() and np.allclose(answer.sum(axis=1), 1)):
        raise ValueError(f"its answers to two test flights are no probabilities: {answer.tolist()}")


def categories(model: Pipeline) -> dict[str, frozenset[str]]:
    """Return the values of each category that a model has learned from."""
    encoder = model[0].named_transformers_["categories"]
    pairs = zip(CATEGORICAL, encoder.categories_, strict=True)
    return {name: frozenset(map(str, values)) for name, values in pairs}
