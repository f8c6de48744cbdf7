"""The record of one CI run (`origin.git/ci/<commit>.json`): hooks write it, evidence reads it."""

import re
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from widgets.base.content import Content
from widgets.base.errors import KitError
from widgets.base.files import write_atomic

FOLDER = "ci"
COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class Counts(Content):
    """What the tests said. `errors` are tests that could not start or be collected.

    `functions` are the different test functions: one that ran on forty cases is one.
    """

    run: int = 0
    passed: int = 0
    failed: int = 0
    errors: int = 0
    skipped: int = 0
    functions: int = 0
    failed_names: tuple[str, ...] = ()


class CiFile(Content):
    """The workflow that was run: its path in the commit, and `sha256:` of its bytes."""

    path: str
    digest: str


class Package(Content):
    """One line of requirements.txt: what was installed during the run, what is pinned."""

    installed: str | None
    pinned: str | None


class Record(Content):
    """One finished run. An unfinished one leaves no record."""

    commit: str
    tree: str
    branch: str
    result: Literal["green", "red"]
    reason: str | None
    failed_step: str | None
    tests: Counts
    ci_file: CiFile | None
    packages: dict[str, Package]
    started_at: datetime
    finished_at: datetime
    seconds: float


class RecordError(KitError):
    """A record that was not written by the forge, or was damaged."""


def record_path(origin: Path, commit: str) -> Path:
    """Return where the record of `commit` lies, whether or not it is there."""
    return origin / FOLDER / f"{commit}.json"


def log_path(origin: Path, commit: str) -> Path:
    """Return where the output of the run of `commit` lies."""
    return origin / FOLDER / f"{commit}.log"


def write_record(origin: Path, record: Record, log: str) -> None:
    """Write the log, then the record: where there is a record, its log is whole."""
    write_atomic(log_path(origin, record.commit), log)
    write_atomic(record_path(origin, record.commit), record.model_dump_json(indent=2) + "\n")


def read_record(origin: Path, commit: str) -> Record | None:
    """Return the record of `commit`, or None if no run of it has ended.

    Raises
    ------
    RecordError
        If the file does not have a record's form or speaks of another commit.
    """
    path = record_path(origin, commit)
    try:
        record = Record.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"]) or "the whole file"
        raise RecordError(
            f"{path}: not a record of the CI: {place}: {fault['msg']}. "
            "Remove the file and push the commit to a new branch to run the CI again."
        ) from None
    if record.commit != commit:
        raise RecordError(f"{path}: speaks of another commit, {record.commit}. Remove the file.")
    return record


def read_records(origin: Path) -> list[Record]:
    """Return all records of `origin`, the oldest first. Raises RecordError at the first bad one."""
    commits = [
        path.stem for path in (origin / FOLDER).glob("*.json") if COMMIT.fullmatch(path.stem)
    ]
    records = [record for commit in commits if (record := read_record(origin, commit))]
    return sorted(records, key=lambda record: record.finished_at)
