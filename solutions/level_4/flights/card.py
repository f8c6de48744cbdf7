"""The model card: one page about a version, made from its run, never written by hand.

The idea: Mitchell et al., "Model Cards for Model Reporting", 2019.
"""

import tomllib
from pathlib import Path

import mlflow
from mlflow.entities.model_registry import ModelVersion

from flights.settings import Settings

CARD = "card.md"
AIRPORTS = ("EWR", "JFK", "LGA")
SAID = ("owner", "licence", "purpose", "not_for", "limits")  # by people, in governance.toml
TEMPLATE = """# {model}, version {version}

| | |
| --- | --- |
| For | {purpose} |
| Not for | {not_for} |
| Owner | {owner} |
| Licence | {licence} |
| Limits | {limits} |
| Family | {family} |
| Learned from | {train_from} to {train_to}, digest {data_digest} |
| Judged on | {judge_from} to {judge_to} |
| Code | {commit} |
| Started by | {trigger} |

| | log loss | ROC AUC | calibration error |
| --- | --- | --- | --- |
{measures}
"""


def render(version: ModelVersion, settings: Settings) -> str:
    """Return a version's card, in Markdown. The same version has the same card, always."""
    run = mlflow.get_run(version.run_id).data
    known = {name: "unknown" for name in ("train_from", "train_to", "judge_from", "judge_to")}
    known |= {name: "unknown" for name in ("data_digest", "commit", "trigger")}
    known |= {name: "nobody has said it" for name in SAID} | read_governance(settings.root)
    told = known | run.params | run.tags
    rows = [("all flights", ""), *((airport, f"_{airport}") for airport in AIRPORTS)]
    names = ("log_loss", "roc_auc", "calibration_error")
    measures = [
        f"| {place} | "
        + " | ".join(number(run.metrics.get(f"{name}{end}")) for name in names)
        + " |"
        for place, end in rows
    ]
    told |= {"model": settings.model, "version": version.version}
    told |= {"family": run.params.get("model", "unknown"), "measures": "\n".join(measures)}
    return TEMPLATE.format_map(told)


def number(value: float | None) -> str:
    """Return a measure as it stands on the card."""
    return "unknown" if value is None else f"{value:.4f}"


def read_governance(root: Path) -> dict[str, str]:
    """Return what people have said of the model; nothing, if the file is missing or damaged."""
    try:
        table = tomllib.loads((root / "governance.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: str(table[name]) for name in SAID if str(table.get(name, "")).strip()}
