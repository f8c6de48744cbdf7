"""What a text names, found in the MLflow UI: the address behind its `#`.

Looks are read-only and need no MLflow: a kernel that only shows a button imports nothing heavy.
"""

import json
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import quote

from widgets.base.addresses import shown
from widgets.base.errors import KitError
from widgets.base.paths import Layout
from widgets.mlflow_ui.store import is_of_workspace

FORMS = """\
  (nothing)                      the experiments
  experiments/late-flights       an experiment
  runs/<run id>                  a run
  a list of run ids              these runs, compared
  models                         the registry
  models/late-flights            a registered model
  models/late-flights/3          a version
  models/late-flights@champion   the version that has an alias"""
EXPERIMENTS = "#/experiments"
PART = r"([^/@]+)"


@dataclass(frozen=True)
class Found:
    """Where something is in the MLflow UI; or, if it is not there yet, what to tell."""

    address: str = ""
    missing: str = ""


@dataclass(frozen=True)
class Target:
    """Something that the MLflow UI can show.

    Attributes
    ----------
    kind : str
        experiments, experiment, run, compare, models, model, version or alias.
    names : tuple of str
        The name; of a version and an alias two; of runs that are compared their ids.
    """

    kind: str
    names: tuple[str, ...] = ()

    @classmethod
    def parse(cls, what: str | Sequence[str]) -> "Target":
        """Return what the words mean.

        Raises
        ------
        KitError
            If they mean nothing; the message lists what there is.
        """
        if not isinstance(what, str):
            return cls("compare", tuple(what)) if len(what) != 1 else cls("run", tuple(what))
        for kind, form in (
            ("experiments", r"(?:experiments)?"),
            ("experiment", r"experiments/(.+)"),
            ("run", rf"runs/{PART}"),
            ("models", r"models"),
            ("model", rf"models/{PART}"),
            ("version", rf"models/{PART}/(\d+)"),
            ("alias", rf"models/{PART}@{PART}"),
        ):
            if found := re.fullmatch(form, what):
                return cls(kind, found.groups())
        raise KitError(f"{what!r} is nothing that the MLflow UI shows. It shows:\n{FORMS}")

    @property
    def label(self) -> str:
        """The words on a button."""
        name, more = (*self.names, "", "")[:2]
        return {
            "experiments": "Open MLflow",
            "experiment": f"Open the experiment {name}",
            "run": "Open this run",
            "compare": "Compare these runs",
            "models": "Open the registry",
            "model": f"Open the model {name}",
            "version": f"Open version {more} of {name}",
            "alias": f"Open the {more} of {name}",
        }[self.kind]


def find(target: Target, layout: Layout) -> Found:
    """Return where a target is in the UI of a workspace, or of a team's server."""
    if not is_of_workspace(layout):
        return Found(_without_a_look(target))
    if not layout.mlflow_db.exists():
        return _found(target, [])
    try:
        with closing(sqlite3.connect(layout.mlflow_db.as_uri() + "?mode=ro", uri=True)) as opened:
            return _found(target, _rows(target, opened))
    except sqlite3.Error as error:
        return Found(missing=f"{layout.mlflow_db} cannot be read: {error}.")


def server(layout: Layout) -> str:
    """Return the address of a team's MLflow server, or nothing: the kit's own shows it then."""
    address = layout.tracking_uri
    if not address.startswith(("http://", "https://")):
        return ""
    return shown(address).rstrip("/") + "/"  # it is kept in a notebook: without a password


def _rows(target: Target, opened: sqlite3.Connection) -> list[tuple[str, ...]]:
    question = {
        "experiment": "SELECT experiment_id FROM experiments WHERE name = ?",
        "run": "SELECT experiment_id, run_uuid FROM runs WHERE run_uuid = ?",
        "model": "SELECT name FROM registered_models WHERE name = ?",
        "version": "SELECT name, version FROM model_versions WHERE name = ? AND version = ?",
        "alias": "SELECT name, version FROM registered_model_aliases WHERE name = ? AND alias = ?",
    }.get(target.kind)
    if target.kind == "compare":
        marks = ", ".join("?" * len(target.names))
        question = f"SELECT experiment_id, run_uuid FROM runs WHERE run_uuid IN ({marks})"  # noqa: S608
    if question is None:
        return []
    return [tuple(map(str, row)) for row in opened.execute(question, target.names)]


def _found(target: Target, rows: list[tuple[str, ...]]) -> Found:
    name, more = (*target.names, "", "")[:2]
    if target.kind in ("experiments", "models"):
        return Found(f"#/{target.kind}")
    if target.kind == "compare":
        if len(rows) < 2:
            return Found(missing="There are no two of these runs yet.")
        order = sorted(rows, key=lambda row: target.names.index(row[1]))
        return Found(_compare([run for _, run in order], sorted({row[0] for row in rows})))
    if not rows:
        return Found(
            missing={
                "experiment": f"There is no experiment {name} yet: its first run makes it.",
                "run": "This run is not in your workspace's MLflow.",
                "model": f"There is no model {name} yet: the first to be registered makes it.",
                "version": f"There is no version {more} of {name} yet.",
                "alias": f"No version of {name} is the {more} yet.",
            }[target.kind]
        )
    row = rows[0]
    if target.kind == "experiment":
        return Found(f"#/experiments/{row[0]}")
    if target.kind == "run":
        return Found(f"#/experiments/{row[0]}/runs/{row[1]}")
    return Found(_model(*row))


def _without_a_look(target: Target) -> str:
    """Return an address that needs nothing but the names."""
    if target.kind == "run":
        return f"#/runs/{target.names[0]}"
    if target.kind in ("model", "version"):
        return _model(*target.names)
    if target.kind == "alias":
        return _model(target.names[0])
    return "#/models" if target.kind == "models" else EXPERIMENTS


def _model(name: str, version: str = "") -> str:
    return f"#/models/{quote(name, safe='')}" + (f"/versions/{version}" if version else "")


def _compare(runs: list[str], experiments: list[str]) -> str:
    named = (quote(json.dumps(ids, separators=(",", ":"))) for ids in (runs, experiments))
    return "#/compare-runs?runs={}&experiments={}".format(*named)
