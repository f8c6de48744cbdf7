"""Reads the records that CI runs left, and tells which of them the repository contradicts."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from widgets.evidence.repository import Repository


class Tests(BaseModel):
    """How many tests a run counted."""

    run: int
    passed: int
    failed: int
    errors: int = 0
    skipped: int
    functions: int | None = None

    @property
    def counted(self) -> int:
        """How many test functions ran; a function with forty cases is one."""
        return self.run if self.functions is None else self.functions


class CiFile(BaseModel):
    """The workflow that the run followed."""

    path: str
    digest: str


class Package(BaseModel):
    """One package of the run's environment; None: not installed, or not pinned."""

    installed: str | None
    pinned: str | None


class Record(BaseModel):
    """The part of a record that evidence needs; a CI may write more."""

    model_config = ConfigDict(extra="ignore")

    commit: str
    tree: str
    result: Literal["green", "red"]
    tests: Tests
    ci_file: CiFile | None = None
    packages: dict[str, Package] = {}
    started_at: AwareDatetime


@dataclass(frozen=True)
class Records:
    """All records of one folder.

    Attributes
    ----------
    good : dict
        The records that the repository agrees with, by commit.
    faults : tuple of str
        One sentence for each record that is unreadable or contradicted.
    """

    good: dict[str, Record]
    faults: tuple[str, ...]


def read_records(folder: Path, repository: Repository) -> Records:
    """Read `folder`/<commit>.json and hold each against the repository's own objects.

    A record that agrees in commit, tree, workflow and tests could still have been written by
    hand by somebody who copied all of that: a file in a folder that its subject may write to
    proves no more than this. A forge keeps its records where its users cannot write.
    """
    good: dict[str, Record] = {}
    faults: list[str] = []
    for path in sorted(folder.glob("*.json")):
        try:
            record = Record.model_validate_json(path.read_bytes())
        except (ValidationError, OSError):
            faults.append(f"{path.name} is not a CI record.")
            continue
        if fault := contradiction(record, path, repository):
            faults.append(f"{path.name}: {fault}")
        else:
            good[record.commit] = record
    return Records(good, tuple(faults))


def contradiction(record: Record, path: Path, repository: Repository) -> str | None:
    """Return what the repository says against `record`, or None."""
    if path.stem != record.commit:
        return f"it speaks of commit {record.commit[:8]}, not of the one in its name."
    if repository.resolve(record.commit) is None:
        return "the repository has no such commit."
    if repository.resolve_tree(record.commit) != record.tree:
        return "the commit has another tree than the record says."
    if record.result == "green" and record.tests.run == 0:
        return "it says green although no test ran."
    if record.result == "green" and (
        record.tests.failed or record.tests.errors or record.tests.skipped
    ):
        return "it says green although tests failed or were skipped."
    tests = record.tests
    if tests.run != tests.passed + tests.failed + tests.errors + tests.skipped:
        return "its numbers of tests do not add up."
    if record.ci_file is not None:
        text = repository.read(record.commit, record.ci_file.path)
        if text is None:
            return f"the commit has no {record.ci_file.path}."
        if record.ci_file.digest != "sha256:" + hashlib.sha256(text.encode()).hexdigest():
            return f"the commit's {record.ci_file.path} is another file than the one that ran."
    return None


def describe_runs(folder: Path, repository: Repository) -> list[str]:
    """Return one line a run, oldest first: its result, its tests, and what the commit is about."""
    good = read_records(folder, repository).good.values()
    return [
        f"{record.result:5}  {record.tests.run} tests, "
        f"{record.tests.failed + record.tests.errors} failed  "
        f"{repository.subject(record.commit)}"
        for record in sorted(good, key=lambda record: record.started_at)
    ]
