"""Reads MLflow's file store, the folder `mlruns`: text files, and nothing of MLflow is imported."""

import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from widgets.base.stranger_yaml import read_stranger
from widgets.evidence.mlflow_runs import (
    NEWEST,
    Dataset,
    Run,
    Tracking,
    UnseenError,
    Version,
    at,
    names_of,
)
from widgets.evidence.model_files import model_files
from widgets.maturity import State

BYTES = 1_000_000  # of one file
STATUS = {1: "RUNNING", 2: "SCHEDULED", 3: "FINISHED", 4: "FAILED", 5: "KILLED"}
REGISTRY = "models"  # the folder of the registered models; an experiment's folder is a number
TRASH = ".trash"
RUN_ID = re.compile(r"[0-9a-zA-Z_-]{1,64}")  # never a path


class FilesSource:
    """One folder with MLflow's file store.

    Nothing is read through a symbolic link: it could lead anywhere.

    Parameters
    ----------
    folder : Path
        The folder; it need not be there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._where = f"{self._folder.parent.name}/{folder.name}"

    def read(self, experiment: str, model: str) -> Tracking:
        """Return what the folder holds now."""
        try:
            return self._tracking(experiment, model)
        except FileNotFoundError:
            raise UnseenError(
                State.MISSING, "no MLflow records yet", self._where, "Track your trainings."
            ) from None
        except (OSError, ValueError, TypeError, AttributeError) as error:
            what = f"not a file store that can be read ({type(error).__name__}: {error})"
            mend = "Start `mlflow server` on it and name its http address."
            raise UnseenError(State.HIDDEN, what, self._where, mend) from None

    def _tracking(self, experiment: str, model: str) -> Tracking:
        known: dict[str, Path] = {}
        for folder in folders(self._folder):
            told = meta(folder) if folder.name not in (REGISTRY, TRASH) else {}
            if "experiment_id" in told and told.get("lifecycle_stage", "active") == "active":
                known[str(told.get("name", folder.name))] = folder
        registered = {
            str(meta(folder).get("name", folder.name)): folder
            for folder in folders(self._folder / REGISTRY)
        }
        if not known and not registered:
            raise FileNotFoundError(self._folder)
        runs = self._runs(experiment, known[experiment]) if experiment in known else []
        versions = self._versions(model, registered[model]) if model in registered else ()
        origins = {run.id: run for run in runs}
        for version in versions:
            if version.run_id not in origins and RUN_ID.fullmatch(version.run_id or ""):
                assert version.run_id
                for name, folder in known.items():
                    place = folder / version.run_id
                    if inside(place) and place.is_dir():
                        origins[version.run_id] = run_of(place, name)
        return Tracking(
            self._where,
            experiment,
            model,
            tuple(known),
            tuple(registered),
            tuple(sorted(runs, key=lambda run: run.started_at)),
            versions,
            origins,
        )

    def _runs(self, experiment: str, folder: Path) -> list[Run]:
        found = [
            run_of(place, experiment)
            for place in sorted(folders(folder), key=_changed, reverse=True)[:NEWEST]
            if (place / "meta.yaml").is_file() and (place / "tags").is_dir()
        ]
        return [run for run in found if not run.deleted]

    def _versions(self, model: str, folder: Path) -> tuple[Version, ...]:
        aliases: dict[int, list[str]] = {}
        for name, number in texts(folder / "aliases").items():
            if number.strip().isdigit():
                aliases.setdefault(int(number), []).append(name)
        versions = []
        for place in folders(folder):
            number = place.name.removeprefix("version-")
            if not number.isdigit():
                continue
            told = meta(place)
            if told.get("current_stage") == "Deleted_Internal":
                continue
            where = told.get("storage_location") or told.get("source")
            versions.append(
                Version(
                    model,
                    int(number),
                    str(told["run_id"]) if told.get("run_id") else None,
                    at(told.get("creation_timestamp")),
                    str(told.get("status") or "READY"),
                    texts(place / "tags"),
                    names_of(aliases.get(int(number), []), told.get("current_stage")),
                    None,
                    model_files(str(where)) if where else None,
                    str(where) if where else None,
                )
            )
        return tuple(sorted(versions, key=lambda version: version.version)[-NEWEST:])


def run_of(folder: Path, experiment: str) -> Run:
    """Return the run in a folder."""
    told = meta(folder)
    status = told.get("status", "")
    tags = texts(folder / "tags")
    return Run(
        id=str(told.get("run_id") or folder.name),
        name=str(told.get("run_name") or tags.get("mlflow.runName", "")),
        experiment=experiment,
        status=STATUS.get(status, "") if isinstance(status, int) else str(status),
        started_at=at(told.get("start_time")),
        finished_at=at(told["end_time"]) if told.get("end_time") else None,
        deleted=told.get("lifecycle_stage", "active") != "active",
        params=texts(folder / "params"),
        metrics=dict(last_values(folder / "metrics")),
        tags=tags,
        datasets=tuple(datasets(folder)),
    )


def last_values(folder: Path) -> Iterator[tuple[str, float]]:
    """Yield each metric with its last value; one that is not a number is left out."""
    for name, text in texts(folder).items():
        words = text.strip().rpartition("\n")[2].split()
        try:
            value = float(words[1])
        except (IndexError, ValueError):
            continue
        if math.isfinite(value) and not name.startswith("system/"):
            yield name, value


def datasets(run: Path) -> Iterator[Dataset]:
    """Yield what a run names as its data."""
    for place in folders(run / "inputs"):
        told = meta(place)
        tags = told.get("tags") or {}
        named = run.parent / "datasets" / str(told.get("source_id", ""))
        if told.get("source_type") == "DATASET" and named.parent.name == "datasets":
            data = meta(named) if inside(named) else {}
            name, digest = str(data.get("name") or ""), str(data.get("digest") or "")
            yield Dataset(name, digest, str(tags.get("mlflow.data.context", "")))


def meta(folder: Path) -> dict[str, Any]:
    """Return what `meta.yaml` says; nothing if it is not there."""
    file = folder / "meta.yaml"
    if not file.is_file() or not inside(file):
        return {}
    told = read_stranger(_text(file))
    return told if isinstance(told, dict) else {}


def texts(folder: Path) -> dict[str, str]:
    """Return the files below a folder with their texts, by their names relative to it."""
    if not folder.is_dir() or not inside(folder):
        return {}
    files = [file for file in sorted(folder.rglob("*"))[:NEWEST] if inside(file) and file.is_file()]
    return {file.relative_to(folder).as_posix(): _text(file) for file in files}


def folders(folder: Path) -> list[Path]:
    """Return the folders in a folder, links left out."""
    if not folder.is_dir() or folder.is_symlink():
        return []
    return [each for each in sorted(folder.iterdir()) if inside(each) and each.is_dir()]


def inside(path: Path) -> bool:
    """Return whether a path is no link, and so stays where it is."""
    return not path.is_symlink() and ".." not in path.parts


def _text(file: Path) -> str:
    with file.open("rb") as read:
        return read.read(BYTES).decode("utf-8", errors="replace")


def _changed(folder: Path) -> datetime:
    return datetime.fromtimestamp(folder.stat().st_mtime, tz=UTC)
