"""Where things are and what they are called: read from pyproject.toml and the environment."""

import os
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Settings:
    """The settings of one project.

    Attributes
    ----------
    root : Path
        The project's folder, with pyproject.toml in it.
    data : Path
        The folder where the months land.
    tracking_uri : str
        MLflow's database, or a server.
    artifacts : Path
        Where models are kept (a server keeps them itself).
    serving : Path
        What a model server writes, and what is written about it.
    experiment, model : str
        The experiment's and the registered model's name.
    actor : str or None
        Who trains, if it is not the person who is logged in.
    seams : dict
        What later levels put in place of a step: a dotted name each, empty if nothing does.
    """

    root: Path
    data: Path
    tracking_uri: str
    artifacts: Path
    serving: Path
    experiment: str
    model: str
    actor: str | None
    seams: dict[str, str]


def read_settings(root: Path | None = None) -> Settings:
    """Return the settings of the project in `root` (default: the present folder).

    The environment comes first: FLIGHTS_WORKSPACE (the folder with data/ and mlflow/; otherwise
    the one around the project), MLFLOW_TRACKING_URI, FLIGHTS_EXPERIMENT, FLIGHTS_MODEL and
    FLIGHTS_ACTOR.

    Raises
    ------
    FileNotFoundError
        If `root` is not the project's folder.
    """
    root = (root or Path.cwd()).resolve()
    file = root / "pyproject.toml"
    if not file.is_file():
        raise FileNotFoundError(f"no pyproject.toml in {root}: run this in the project's folder")
    table = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {}).get("flights", {})
    workspace = Path(os.environ.get("FLIGHTS_WORKSPACE") or root.parent)
    database = workspace / "mlflow" / "mlflow.db"
    return Settings(
        root=root,
        data=workspace / "data",
        tracking_uri=os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{database.as_posix()}",
        artifacts=workspace / "mlflow" / "artifacts",
        serving=workspace / "serving",
        experiment=os.environ.get("FLIGHTS_EXPERIMENT") or table.get("experiment", "late-flights"),
        model=os.environ.get("FLIGHTS_MODEL") or table.get("model", "late-flights"),
        actor=os.environ.get("FLIGHTS_ACTOR"),
        seams=table.get("seams", {}),
    )


def resolve(dotted: str) -> Callable[..., Any]:
    """Return the function that a dotted name stands for: ``flights.trigger.on_main``."""
    module, _, name = dotted.rpartition(".")
    function: Callable[..., Any] = getattr(import_module(module), name)
    return function
