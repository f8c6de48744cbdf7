"""Reads what the origin's hook wrote about the trainings it started, one record a commit."""

from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from widgets.evidence.mlflow_runs import Run

SLACK = 2.0  # seconds: clocks are read to the second, and not at the same moment


class TrainingRecord(BaseModel):
    """The part of a record that evidence needs."""

    model_config = ConfigDict(extra="ignore")

    commit: str
    started_at: datetime
    finished_at: datetime
    exit_code: int | None


def read_training_record(folder: Path, commit: str) -> TrainingRecord | None:
    """Return `folder`/<commit>.json, or None if it is not there or not a record of this commit."""
    try:
        record = TrainingRecord.model_validate_json((folder / f"{commit}.json").read_bytes())
    except (OSError, ValidationError):
        return None
    return record if record.commit == commit else None


def denial(record: TrainingRecord, run: Run) -> str | None:
    """Return what the record says against this being the run that the hook started, or None."""
    if record.exit_code is None:
        return "its record says that the training was stopped"
    if record.exit_code != 0:
        return f"its record says that the training failed (exit code {record.exit_code})"
    begun, ended = _seconds(record.started_at) - SLACK, _seconds(record.finished_at) + SLACK
    # not the run's end: who opens it again later, to add a note, moves that
    if not begun <= run.started_at.timestamp() <= ended:
        return "its record says that the training ran at another time"
    return None


def _seconds(moment: datetime) -> float:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
