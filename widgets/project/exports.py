"""What a clone cannot hold, as the engineer exported it: CI runs, deployments, alerts."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from widgets.base.errors import KitError

BYTES = 50_000_000
ENTRIES = 20_000
SLACK = timedelta(minutes=2)  # between the clocks of two machines
GREEN = {"success", "passed"}
RED = {"failure", "failed", "timed_out"}
COMMANDS = {
    "ci-runs.json": (
        "gh run list --limit 500 --json headSha,headBranch,event,conclusion,createdAt,updatedAt,"
        "workflowName,url > ci-runs.json",
        "glab api 'projects/:id/pipelines?per_page=100' > ci-runs.json",
    ),
    "deployments.json": (
        "gh api graphql -F owner='{owner}' -F name='{repo}' -f query='query($owner:String!,"
        "$name:String!){repository(owner:$owner,name:$name){deployments(last:100){nodes{commitOid "
        "environment createdAt state creator{login __typename}}}}}' "
        "--jq .data.repository.deployments.nodes > deployments.json",
        "glab api 'projects/:id/deployments?per_page=100' > deployments.json",
    ),
    "alerts.json": (
        "# what Alertmanager sent to your pager, a list of the alerts in its webhooks' messages "
        "(labels, annotations, startsAt, endsAt, status): Alertmanager itself keeps those that "
        "last, and no past ones",
    ),
}


@dataclass(frozen=True)
class CiRun:
    """A run of the CI, as the forge recorded it."""

    commit: str
    branch: str
    event: str
    result: str
    began: datetime
    ended: datetime
    workflow: str


@dataclass(frozen=True)
class Deployment:
    """Something that was brought somewhere, as the forge recorded it."""

    commit: str
    environment: str
    at: datetime
    worked: bool
    by: str
    by_program: bool


@dataclass(frozen=True)
class PastAlert:
    """An alert; `ended` is None while it lasts."""

    name: str
    began: datetime
    ended: datetime | None
    words: str


@dataclass(frozen=True)
class Exports:
    """What lay in the folder. A kind is None if its file is not there."""

    ci_runs: tuple[CiRun, ...] | None = None
    deployments: tuple[Deployment, ...] | None = None
    alerts: tuple[PastAlert, ...] | None = None
    notes: tuple[str, ...] = ()

    def missing(self) -> list[str]:
        """Return the names of the files that are not there."""
        kinds = (self.ci_runs, self.deployments, self.alerts)
        return [name for name, kind in zip(COMMANDS, kinds, strict=True) if kind is None]


def read_exports(folder: Path | None) -> Exports:
    """Return what lies in a folder of exports; entries that cannot be read are counted.

    Raises
    ------
    KitError
        If the folder is not there, or a file in it is no list of JSON objects.
    """
    if folder is None:
        return Exports()
    if not folder.is_dir():
        raise KitError(f"{folder}: there is no such folder. Name that of the exports.")
    notes: list[str] = []
    runs = _read(folder / "ci-runs.json", _ci_run, notes)
    deployments = _read(folder / "deployments.json", _deployment, notes)
    alerts = _read(folder / "alerts.json", _alert, notes)
    return Exports(runs, deployments, alerts, tuple(notes))


def _read(file: Path, make: Any, notes: list[str]) -> tuple[Any, ...] | None:
    if not file.is_file():
        return None
    if file.stat().st_size > BYTES:
        raise KitError(f"{file}: larger than {BYTES // 1_000_000} MB. Export fewer entries.")
    try:
        told = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise KitError(f"{file}: this is not JSON ({error}). Export it again.") from None
    if not isinstance(told, list):
        raise KitError(f"{file}: a list is wanted, this is {type(told).__name__}. Export it again.")
    made = []
    for entry in told[:ENTRIES]:
        try:
            made.append(make(entry))
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            continue
    lost = len(told) - len(made)
    if lost:
        notes.append(f"{file.name}: {lost:,} of {len(told):,} entries could not be read")
    return tuple(made)


def _ci_run(entry: dict[str, Any]) -> CiRun:
    """Read GitHub's entry, or GitLab's."""
    if "headSha" in entry:
        result, event = entry["conclusion"] or "", entry["event"]
        commit, branch, workflow = entry["headSha"], entry["headBranch"], entry["workflowName"]
        times = entry["createdAt"], entry["updatedAt"]
    else:
        result, event = entry["status"], entry.get("source") or ""
        commit, branch, workflow = entry["sha"], entry["ref"], ""
        times = entry["created_at"], entry["updated_at"]
    began, ended = (_moment(each) for each in times)
    return CiRun(str(commit), str(branch), str(event), str(result), began, ended, str(workflow))


def _deployment(entry: dict[str, Any]) -> Deployment:
    if "commitOid" in entry:
        creator = entry.get("creator") or {}
        worked = str(entry["state"]).lower() in {"active", "inactive", "success"}
        by, program = str(creator.get("login", "")), creator.get("__typename") == "Bot"
        commit, environment, at = entry["commitOid"], entry["environment"], entry["createdAt"]
    else:
        user = entry.get("user") or {}
        worked = entry["status"] == "success"
        by = str(user.get("username", ""))
        program = bool(user.get("bot"))
        commit, at = entry["sha"], entry["created_at"]
        environment = entry["environment"]["name"]
    moment = _moment(at)
    return Deployment(str(commit), str(environment), moment, worked, by, program)


def _alert(entry: dict[str, Any]) -> PastAlert:
    labels, notes = entry["labels"], entry.get("annotations") or {}
    began, until = _moment(entry["startsAt"]), entry.get("endsAt")
    # What still lasts has the year 1 as its end, or one that is ahead; or its status says so.
    lasts = not until or str(until).startswith("0001") or _state(entry) not in ("", "resolved")
    ended = None if lasts else _moment(str(until))
    words = " ".join(str(each) for each in (*labels.values(), *notes.values()))[:2000]
    over = ended if ended and began < ended <= datetime.now(UTC) else None
    return PastAlert(str(labels["alertname"]), began, over, words)


def _state(entry: dict[str, Any]) -> str:
    status = entry.get("status")
    return str((status.get("state") if isinstance(status, dict) else status) or "")


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if not 2000 <= at.year < 2200:
        raise ValueError(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def how_to_export(missing: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each missing file with the commands that make it."""
    for name in missing:
        yield name, COMMANDS[name]
