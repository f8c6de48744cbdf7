"""Reads MLflow's SQLite file by plain SQL, opened read only: a handful of queries, no store."""

import math
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from widgets.evidence.mlflow_runs import (
    NEWEST,
    Dataset,
    Run,
    Tracking,
    UnseenError,
    Version,
    at,
    named,
    names_of,
)
from widgets.evidence.model_files import model_files
from widgets.evidence.sqlite_file import reading
from widgets.maturity import State

NEEDED = {
    "experiments": {"experiment_id", "name", "lifecycle_stage"},
    "runs": {"run_uuid", "status", "start_time", "end_time", "lifecycle_stage", "experiment_id"},
    "params": {"key", "value", "run_uuid"},
    "latest_metrics": {"key", "value", "run_uuid"},
    "tags": {"key", "value", "run_uuid"},
}


class SqliteSource:
    """One SQLite file with MLflow's tracking and registry.

    Older schemas without datasets, aliases or logged models are read as far as they go.

    Parameters
    ----------
    file : Path
        The file; it need not be there.
    """

    def __init__(self, file: Path) -> None:
        self._file = file.absolute()
        self._where = f"{self._file.parent.name}/{file.name}"

    def read(self, experiment: str, model: str) -> Tracking:
        """Return what the file holds at this moment; nothing beside it is made or changed."""
        try:
            with reading(self._file, self._header()) as connection:
                return _Reading(connection, self._where).tracking(experiment, model)
        except (sqlite3.Error, OSError, ValueError, TypeError, AttributeError) as error:
            raise self._unreadable(error) from None

    def _header(self) -> bytes:
        try:
            with self._file.open("rb") as file:
                header = file.read(20)
        except FileNotFoundError:
            raise UnseenError(
                State.MISSING, "no MLflow records yet", self._where, "Track your trainings."
            ) from None
        if not header:
            raise UnseenError(State.MISSING, "an empty file", self._where, "Track your trainings.")
        return header

    def _unreadable(self, error: Exception) -> UnseenError:
        said = named([error])
        if "locked" in said or "busy" in said:
            what, mend = "another program is writing", "Look again in a minute."
        elif "not a database" in said or "malformed" in said:
            what = f"not a database that can be read ({said})"
            mend = "Put it back from a copy, or move it away and train again."
        elif "no such" in said or isinstance(error, ValueError | TypeError | AttributeError):
            what = f"not a schema of MLflow that is known here ({said})"
            mend = "Start `mlflow server` on it and name its http address."
        else:
            what = f"it cannot be opened ({said})"
            mend = "Open it once with MLflow's own UI, which mends what a killed writer left."
        return UnseenError(State.HIDDEN, what, self._where, mend)


class _Reading:
    """One transaction on one file."""

    def __init__(self, connection: sqlite3.Connection, where: str) -> None:
        self._connection = connection
        self._where = where
        self._columns: dict[str, set[str]] = defaultdict(set)
        for table, column in connection.execute(
            "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c"
            " WHERE m.type = 'table'"
        ):
            self._columns[table].add(column)
        lacking = [name for name, wanted in NEEDED.items() if not wanted <= self._columns[name]]
        if lacking:
            raise ValueError(f"missing or other tables: {', '.join(lacking)}")

    def tracking(self, experiment: str, model: str) -> Tracking:
        numbers = self._all(
            "SELECT experiment_id, name FROM experiments WHERE lifecycle_stage = 'active'"
        )
        mine = [number for number, name in numbers if name == experiment]
        marks = _marks(mine)
        runs = self._runs(
            f"experiment_id IN ({marks}) AND lifecycle_stage = 'active'"
            f" ORDER BY start_time DESC, run_uuid LIMIT {NEWEST}",
            mine,
        )
        versions = self._versions(model)
        known = {run.id: run for run in runs}
        others = sorted({v.run_id for v in versions if v.run_id} - known.keys())
        far = self._runs(f"run_uuid IN ({_marks(others)})", others) if others else []
        return Tracking(
            self._where,
            experiment,
            model,
            tuple(name for _, name in numbers),
            tuple(name for (name,) in self._some("registered_models", "name")),
            tuple(sorted(runs, key=lambda run: run.started_at)),
            versions,
            known | {run.id: run for run in far},
        )

    def _runs(self, condition: str, values: list[Any]) -> list[Run]:
        name = "name" if "name" in self._columns["runs"] else "''"
        gone = {
            number
            for number, stage in self._all("SELECT experiment_id, lifecycle_stage FROM experiments")
            if stage != "active"
        }
        names = dict(self._all("SELECT experiment_id, name FROM experiments"))
        rows = self._all(
            f"SELECT run_uuid, {name}, experiment_id, status, start_time, end_time,"  # noqa: S608
            f" lifecycle_stage FROM runs WHERE {condition}",
            values,
        )
        ids = [row[0] for row in rows]
        params, tags = self._pairs("params", ids), self._pairs("tags", ids)
        metrics, datasets = self._metrics(ids), self._datasets(ids)
        return [
            Run(
                id=run,
                name=label or tags[run].get("mlflow.runName", ""),
                experiment=names.get(number, ""),
                status=status or "",
                started_at=at(start),
                finished_at=at(end) if end else None,
                deleted=stage != "active" or number in gone,
                params=params[run],
                metrics=metrics[run],
                tags=tags[run],
                datasets=tuple(datasets[run]),
            )
            for run, label, number, status, start, end, stage in rows
        ]

    def _pairs(self, table: str, ids: list[str]) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for run, key, value in self._of_runs(f"SELECT run_uuid, key, value FROM {table}", ids):  # noqa: S608
            found[run][key] = str(value or "")
        return found

    def _metrics(self, ids: list[str]) -> dict[str, dict[str, float]]:
        found: dict[str, dict[str, float]] = defaultdict(dict)
        nan = "is_nan" if "is_nan" in self._columns["latest_metrics"] else "0"
        for run, key, value, is_nan in self._of_runs(
            f"SELECT run_uuid, key, value, {nan} FROM latest_metrics",  # noqa: S608
            ids,
        ):
            if not is_nan and math.isfinite(value) and not key.startswith("system/"):
                found[run][key] = value
        return found

    def _datasets(self, ids: list[str]) -> dict[str, list[Dataset]]:
        found: dict[str, list[Dataset]] = defaultdict(list)
        if not all(self._columns[name] for name in ("inputs", "datasets", "input_tags")):
            return found
        for run, name, digest, context in self._of_runs(
            "SELECT i.destination_id AS run_uuid, d.name, d.digest, t.value FROM inputs i"
            " JOIN datasets d ON d.dataset_uuid = i.source_id AND i.source_type = 'DATASET'"
            " LEFT JOIN input_tags t"
            " ON t.input_uuid = i.input_uuid AND t.name = 'mlflow.data.context'",
            ids,
            column="i.destination_id",
        ):
            found[run].append(Dataset(name or "", digest or "", context or ""))
        return found

    def _versions(self, model: str) -> tuple[Version, ...]:
        storage = "storage_location" if self._has("model_versions", "storage_location") else "NULL"
        rows = self._some(
            "model_versions",
            f"version, run_id, creation_time, status, source, {storage}, current_stage",
            " WHERE name = ? AND current_stage IS NOT 'Deleted_Internal'"
            f" ORDER BY version DESC LIMIT {NEWEST}",
            model,
        )
        tags: dict[int, dict[str, str]] = defaultdict(dict)
        for version, key, value in self._some(
            "model_version_tags", "version, key, value", " WHERE name = ?", model
        ):
            tags[version][key] = str(value or "")
        aliases: dict[int, list[str]] = defaultdict(list)
        for alias, version in self._some(
            "registered_model_aliases", "alias, version", " WHERE name = ?", model
        ):
            aliases[version].append(alias)
        logged = self._logged()
        versions = []
        for version, run, created, status, source, stored, stage in reversed(rows):
            made_by, location = logged.get(str(source).removeprefix("models:/"), (None, None))
            versions.append(
                Version(
                    model,
                    int(version),
                    run or None,
                    at(created),
                    status or "READY",
                    tags[version],
                    names_of(aliases[version], stage),
                    made_by,
                    model_files(location or stored or source),
                    location or stored or source,
                )
            )
        return tuple(versions)

    def _logged(self) -> dict[str, tuple[str | None, str | None]]:
        rows = self._some("logged_models", "model_id, source_run_id, artifact_location")
        return {model: (run, location) for model, run, location in rows}

    def _has(self, table: str, column: str) -> bool:
        return column in self._columns[table]

    def _some(self, table: str, columns: str, rest: str = "", *values: Any) -> list[Any]:
        """Return rows of a table that an older MLflow may not have."""
        if not self._columns[table]:
            return []
        return self._all(f"SELECT {columns} FROM {table}{rest}", list(values))  # noqa: S608

    def _of_runs(self, query: str, ids: list[str], column: str = "run_uuid") -> Iterable[Any]:
        # fewer variables than the oldest SQLite takes
        for start in range(0, len(ids), 900):
            some = ids[start : start + 900]
            yield from self._all(f"{query} WHERE {column} IN ({_marks(some)})", some)

    def _all(self, query: str, values: list[Any] | None = None) -> list[Any]:
        return self._connection.execute(query, values or []).fetchall()


def _marks(values: list[Any]) -> str:
    return ",".join("?" * len(values))
