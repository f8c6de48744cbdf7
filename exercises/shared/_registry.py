"""Registers models in the check's own registry, good ones and broken ones."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from _bench import client, commit, few, make_bench

MODEL = "late-flights"


# What later exercises put at the seams, and what stood there before: whoever checks an exercise
# again after that is asked about this exercise alone.
SINCE_4_5 = {
    "flights.release.on_registered": "flights.gate.on_registered",
    "flights.policy.roll_out": "flights.rollout.start",
    "flights.sealed.load_files": "flights.loader.load_files",
    "flights.audit.append": "flights.events.append",
}
SINCE_4_4 = SINCE_4_5 | {
    "flights.policy.roll_out": "flights.deploy.roll_out",
    "flights.rollout.start": "flights.deploy.roll_out",
    "flights.rollout.advance": "",
    "flights.trial.CanaryRouter": "flights.router.ChampionRouter",
}


def take_back(project: Path, later: Mapping[str, str]) -> None:
    """Put at the seams of a copy of the project what stood there before later exercises."""
    file = project / "pyproject.toml"
    if not file.is_file():
        return  # the project's own settings say so
    content = file.read_bytes()
    for since, before in later.items():
        content = content.replace(f'"{since}"'.encode(), f'"{before}"'.encode())
    file.write_bytes(content)


def begin(project: Path, folder: Path, flights: Path, later: Mapping[str, str] = SINCE_4_4) -> Any:
    """Make a workbench with an empty registry; return the project's settings for it.

    Parameters
    ----------
    project, folder, flights : Path
        The copy of the learner's project, the workbench, the folder with all months.
    later : mapping of str to str
        What a later exercise has put at a seam, and what stands there for this check.
    """
    from flights.settings import read_settings
    from flights.store import connect

    take_back(project, later)
    make_bench(folder, flights)
    commit(project)
    settings = read_settings(project)
    connect(settings)
    client().create_registered_model(MODEL)
    return settings


def train(flights: Path, strength: float = 0.1) -> Any:
    """Return a training on a few flights; the regression's strength tells models apart."""
    from flights.train import build_pipeline
    from flights.training import train_and_measure

    model = build_pipeline()
    model[-1].set_params(C=strength)
    return train_and_measure(few(flights), model)


def register(made: Any, settings: Any, log: Callable[..., str] | None = None, **tags: str) -> int:
    """Track and register a training; return the version's number."""
    import mlflow

    from flights.code import code_version
    from flights.tracking import data_digest, log_training
    from flights.tracking import tags as labels_of

    labels = labels_of(settings, code_version(settings.root), data_digest(made.past), "manual")
    run_id = (log or log_training)(made, labels, settings)
    (model,) = mlflow.search_logged_models(
        filter_string=f"source_run_id = '{run_id}'", output_format="list"
    )
    made_of = client().create_model_version(MODEL, model.model_uri, run_id, tags=labels | tags)
    return int(made_of.version)


def log_leaky(made: Any, labels: dict[str, str], settings: Any) -> str:
    """Track a model that asks for the departure delay, as somebody in a hurry would."""
    import mlflow
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    from flights.features import build_features, is_late, labelled
    from flights.tracking import INPUTS, OUTPUTS, TRUSTED
    from flights.train import build_pipeline
    from flights.training import parameters

    known = labelled(made.past)
    model = build_pipeline()
    (name, numbers, columns), rest = model[0].transformers
    model[0].transformers = [(name, numbers, [*columns, "dep_delay"]), rest]
    model.fit(build_features(known).assign(dep_delay=known["dep_delay"]), is_late(known))
    asked = Schema([*INPUTS.inputs, ColSpec("double", "dep_delay", required=False)])
    with mlflow.start_run(tags=labels) as run:
        mlflow.log_params(parameters(made))
        mlflow.sklearn.log_model(
            model,
            name="model",
            serialization_format="skops",
            skops_trusted_types=TRUSTED,
            pip_requirements=[],
            signature=ModelSignature(inputs=asked, outputs=OUTPUTS),
        )
        return str(run.info.run_id)


def files_of(version: int) -> Path:
    """Return the folder with a version's files."""
    import mlflow

    return Path(mlflow.artifacts.download_artifacts(f"models:/{MODEL}/{version}"))


def truncate(version: int) -> None:
    """Cut a version's model file in half."""
    file = files_of(version) / "model.skops"
    os.truncate(file, file.stat().st_size // 2)


def point_to(version: int) -> None:
    """Make a version the champion, as nobody but the check does it: without a word."""
    client().set_registered_model_alias(MODEL, "champion", str(version))


def champion() -> int | None:
    """Return the version that the alias champion points to."""
    found = client().get_registered_model(MODEL).aliases.get("champion")
    return int(found) if found else None


def tags_of(version: int) -> dict[str, str]:
    """Return a version's tags."""
    return dict(client().get_model_version(MODEL, str(version)).tags)
