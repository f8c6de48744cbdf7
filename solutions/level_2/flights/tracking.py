"""Writes down a training, so that anybody can say later what made this model, and make it again."""

import argparse
import getpass
import hashlib
from collections.abc import Sequence

import mlflow
import mlflow.sklearn
import numpy as np
import pandas as pd
from mlflow.data.meta_dataset import MetaDataset
from mlflow.data.sources import LocalArtifactDatasetSource
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema, TensorSpec

from flights.code import CodeVersion, code_version
from flights.features import CATEGORICAL, NUMERIC, build_features, labelled
from flights.settings import Settings, read_settings
from flights.store import connect, one_at_a_time
from flights.train import load_flights
from flights.training import Training, parameters, train_and_measure

# What skops may load beside its own list: the types that our pipelines are made of.
TRUSTED = [
    "numpy.dtype",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
]
REQUIREMENTS = "requirements.txt"
# What the model takes and answers. Numbers are float64, for a weather report may be missing.
ALWAYS_KNOWN = ("hour", "weekday", "distance")
INPUTS = Schema(
    [ColSpec("double", name, required=name in ALWAYS_KNOWN) for name in NUMERIC]
    + [ColSpec("string", name) for name in CATEGORICAL]
)
OUTPUTS = Schema([TensorSpec(np.dtype("float64"), (-1, 2))])  # not late, late


def data_digest(flights: pd.DataFrame) -> str:
    """Return 32 hexadecimal digits that change when any value of any row changes.

    MLflow's own digest of a table looks at its first 10,000 rows only.
    """
    hashes = pd.util.hash_pandas_object(flights.reset_index(drop=True), index=True)
    return hashlib.sha256(hashes.to_numpy().tobytes()).hexdigest()[:32]


def tags(settings: Settings, code: CodeVersion, digest: str, trigger: str) -> dict[str, str]:
    """Return what a run says of itself: what started it, which code, which data, who."""
    return {
        "trigger": trigger,
        "commit": code.commit,
        "dirty": str(code.dirty).lower(),
        "data_digest": digest,
        "actor": settings.actor or getpass.getuser(),
        "mlflow.source.git.commit": code.commit,
    }


def log_training(training: Training, labels: dict[str, str], settings: Settings) -> str:
    """Write one training into MLflow as a finished run and return the run's id.

    Parameters
    ----------
    training : Training
        What is written down: parameters, measures, both data sets with their digests, the model.
    labels : dict
        The run's tags.
    settings : Settings
        Where it is written.
    """
    connect(settings)
    with mlflow.start_run(tags=labels) as run:
        mlflow.log_params(parameters(training))
        mlflow.log_metrics(training.measures.overall | {"fit_seconds": training.fit_seconds})
        for step, value in enumerate(training.measures.by_day.values()):
            mlflow.log_metric("log_loss_by_day", value, step=step)
        log_data(training.past, "training", settings)
        log_data(training.last_days, "judging", settings)
        log_model(training, settings)
        return str(run.info.run_id)


def log_data(flights: pd.DataFrame, context: str, settings: Settings) -> None:
    """Note in the open run which flights were used, and for what: their place and their digest."""
    source = LocalArtifactDatasetSource(str(settings.data))
    dataset = MetaDataset(source, name="flights", digest=data_digest(flights), schema=INPUTS)
    mlflow.log_input(dataset, context=context)


def log_model(training: Training, settings: Settings) -> None:
    """Keep the model in the open run, as skops: loading it runs no code, as a pickle's would."""
    mlflow.sklearn.log_model(
        training.model,
        name="model",
        serialization_format="skops",
        skops_trusted_types=TRUSTED,
        # Given: otherwise MLflow starts a process that loads the model to find them out (10 s).
        pip_requirements=str(settings.root / REQUIREMENTS),
        signature=ModelSignature(inputs=INPUTS, outputs=OUTPUTS),
        input_example=build_features(labelled(training.last_days)).dropna().head(2),
        pyfunc_predict_fn="predict_proba",  # a class, yes or no, would hide how sure it is
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Train once, by hand, and track it; print what was written; return 0."""
    argparse.ArgumentParser(description=__doc__).parse_args(argv)
    settings = read_settings()
    flights = load_flights(settings.data)
    training = train_and_measure(flights)
    labels = tags(settings, code_version(settings.root), data_digest(flights), "manual")
    with one_at_a_time(settings):
        log_training(training, labels, settings)
    print(f"tracked: log loss {training.measures.overall['log_loss']:.4f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
