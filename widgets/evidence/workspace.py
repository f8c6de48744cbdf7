"""Names the sources of evidence in a learner's workspace and asks each collector."""

import os
import tomllib
from collections.abc import Sequence
from typing import Any

from widgets.base.paths import Layout
from widgets.evidence.code import CodeCollector
from widgets.evidence.deployment import DeploymentCollector
from widgets.evidence.finding import Collector, Finding
from widgets.evidence.mlflow_source import ReadOnce, source_of
from widgets.evidence.monitoring import MonitoringCollector
from widgets.evidence.mutants import MutantCollector, ProvedTests
from widgets.evidence.repository import Repository
from widgets.evidence.service import Service
from widgets.evidence.serving import ServingCollector
from widgets.evidence.training import TrainingCollector
from widgets.evidence.validation import ValidationCollector
from widgets.evidence.year_collector import YearCollector
from widgets.maturity import Model, State

NAME = "late-flights"  # of the experiment and of the registered model, if the project says nothing


def collect_workspace(model: Model, layout: Layout, tested: ProvedTests | None) -> list[Finding]:
    """Return everything that can be seen in the workspace, read only.

    Parameters
    ----------
    model : Model
        The maturity model, with its rules.
    layout : Layout
        The workspace.
    tested : ProvedTests or None
        The test files that have caught planted bugs.
    """
    origin = Repository(layout.origin)
    source, names = ReadOnce(source_of(layout.tracking_uri)), names_of(layout)
    service = Service(model, layout, source, names)
    collectors: list[Collector] = [
        CodeCollector(model, origin, layout.origin / "ci"),
        MutantCollector(origin, tested),
        TrainingCollector(
            model,
            source,
            names,
            origin,
            [Repository(layout.project / ".git")],
            layout.origin / "trainings",
        ),
        ValidationCollector(model, service),
        DeploymentCollector(model, service),
        ServingCollector(model, service),
        MonitoringCollector(model, service),
        YearCollector(model, layout, names),
    ]
    return [finding for collector in collectors for finding in _carefully(collector)]


def _carefully(collector: Collector) -> Sequence[Finding]:
    """Return what a collector finds; one that fails hides its own practices, and no others."""
    try:
        return collector.collect()
    except Exception as error:
        what = f"could not be looked at: {type(error).__name__}: {error}"
        mend = "Repair what is named there, then look again."
        where = type(collector).__name__
        return [Finding(name, State.HIDDEN, what, where, mend) for name in collector.practices]


def names_of(layout: Layout) -> tuple[str, str]:
    """Return the experiment and the registered model, as the project's own settings name them."""
    try:
        text = (layout.project / "pyproject.toml").read_text(encoding="utf-8")
        settings: Any = tomllib.loads(text)["tool"]["flights"]
        told = {key: settings[key] for key in ("experiment", "model") if settings.get(key)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        told = {}
    experiment = os.environ.get("FLIGHTS_EXPERIMENT") or told.get("experiment", NAME)
    return str(experiment), str(os.environ.get("FLIGHTS_MODEL") or told.get("model", NAME))
