"""Reads the last finished year: `workspace/year/`, what its server, its loop and its world left."""

import json
import sqlite3
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from widgets.base.paths import Layout
from widgets.evidence.mlflow_runs import Tracking, UnseenError
from widgets.evidence.mlflow_sqlite import SqliteSource
from widgets.evidence.model_files import local_folder
from widgets.evidence.repository import Repository
from widgets.evidence.seals import Chain, Entry, model_problem, parsed, read_chain
from widgets.evidence.traffic_log import Request, TrafficLog
from widgets.maturity import State

RUN_IT = "Let a year run on its own: maturity year (exercise 4.6)."
MOST_SIGNALS = 5_000  # nights that are read: years of them
ANSWERED = """
    SELECT version, count(DISTINCT flight_id) FROM predictions
    WHERE event_time >= ? AND event_time < ? GROUP BY version
"""


@dataclass(frozen=True)
class Thing:
    """All lines of the event log about one thing: an alert, a retraining, a rollout, a change-over.

    Attributes
    ----------
    kind, id : str
        What it is.
    lines : list of mapping
        Its lines, in the order of the log.
    """

    kind: str
    id: str
    lines: list[Entry] = field(default_factory=list)

    def line(self, step: str) -> Entry | None:
        """Return its first line with a step, or None."""
        return next((line for line in self.lines if line.get("step") == step), None)

    def at(self, step: str) -> datetime | None:
        """Return the moment of production of a step, or None."""
        line = self.line(step)
        return moment(line.get("event_time")) if line else None


@dataclass(frozen=True)
class Year:
    """A finished year.

    Attributes
    ----------
    where : str
        Where it lies.
    state : mapping
        What year.json says.
    chain : Chain
        Its audit log.
    things : mapping of (kind, id) to Thing
        What stands in it, in the order in which it began.
    tracking : Tracking
        Its runs and its registry.
    nights : sequence of mapping
        The signals of each night.
    rules : sequence of str
        The names of the project's alert rules.
    requests, failed : int
        The clients' own count.
    change_overs : int
        Those that came between the first request and the last.
    """

    where: str
    layout: Layout
    state: Mapping[str, Any]
    chain: Chain
    things: Mapping[tuple[str, str], Thing]
    tracking: Tracking
    nights: Sequence[Mapping[str, Any]]
    rules: Sequence[str]
    requests: int
    failed: int
    change_overs: int

    def of(self, kind: str) -> list[Thing]:
        """Return all things of a kind, in the order in which they began."""
        return [thing for thing in self.things.values() if thing.kind == kind]

    def answered(self, since: datetime, until: datetime) -> Mapping[int, int]:
        """Return who predicted for how many flights that departed between two moments."""
        file = self.layout.predictions_db
        bounds = [each.astimezone(UTC).isoformat() for each in (since, until)]
        try:
            uri = f"{file.absolute().as_uri()}?mode=ro"
            with closing(sqlite3.connect(uri, uri=True, timeout=1)) as log:
                return dict(log.execute(ANSWERED, bounds).fetchall())
        except sqlite3.Error:
            return {}

    def sealed(self, number: int) -> str:
        """Return what is wrong with the card and the signature of a version, or nothing."""
        version = next((v for v in self.tracking.versions if v.version == number), None)
        if version is None:
            return "the registry has no such version"
        folder = local_folder(version.location)
        if folder is None:
            return "its files are not on this machine"
        keys = self.layout.root / "keys"
        return model_problem(folder, keys, version.tags.get("card.digest", ""))


def read_year(layout: Layout, names: tuple[str, str]) -> Year:
    """Return the last finished year of a workspace.

    Raises
    ------
    UnseenError
        If none has run to its end, if it is that of another workspace, or if something of it is
        not there.
    """
    year = layout.year
    where = f"{year.root.name}/"
    state = _json(year.root / "year.json")
    if not isinstance(state, dict):
        raise UnseenError(State.MISSING, "no year has run yet", where, RUN_IT)
    if state.get("state") != "done":
        raise UnseenError(State.MISSING, "the year is not over yet", where, RUN_IT)
    commit = str(state.get("commit") or "")
    if not Repository(layout.origin).known([commit]):
        what = f"a year of {commit[:10] or 'no commit'}, which the shared repository does not have"
        raise UnseenError(State.MISSING, what, where, f"{RUN_IT} (--again)")
    if not year.mlflow_db.exists():
        raise UnseenError(State.MISSING, "its registry is gone", where, f"{RUN_IT} (--again)")
    chain = read_chain(year.events_log, year.root / "keys")
    things: dict[tuple[str, str], Thing] = {}
    for entry in chain.entries:
        key = (str(entry.get("kind")), str(entry.get("id")))
        things.setdefault(key, Thing(*key)).lines.append(entry)
    requests, failed, begin, end = _traffic(year)
    moves = [moment(line.get("at")) for thing in things.values() for line in thing.lines
             if thing.kind in ("deploy", "rollback") and line.get("step") == "moved"]  # fmt: skip
    within = [at for at in moves if at and begin and end and begin <= at <= end]
    return Year(
        where=where,
        layout=year,
        state=state,
        chain=chain,
        things=things,
        tracking=SqliteSource(year.mlflow_db).read(*names),
        nights=_nights(year.serving / "signals.jsonl"),
        rules=_rules(year.project / "alerts.toml"),
        requests=requests,
        failed=failed,
        change_overs=len(within),
    )


def moment(text: object) -> datetime | None:
    """Return a moment as it stands in the logs, or None if it is none."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else None


def _json(file: Path) -> object:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _nights(file: Path) -> list[Mapping[str, Any]]:
    try:
        lines = file.read_bytes().splitlines()[-MOST_SIGNALS:]
    except OSError:
        return []
    return [night for line in lines if (night := parsed(line)) is not None]


def _rules(file: Path) -> list[str]:
    try:
        return list(tomllib.loads(file.read_text(encoding="utf-8")).get("rules", {}))
    except (OSError, ValueError, AttributeError, TypeError):
        return []


def _traffic(year: Layout) -> tuple[int, int, datetime | None, datetime | None]:
    """Return the requests, those that failed, and when the first and the last was sent."""
    counted: Counter[bool] = Counter()
    times: list[datetime] = []
    try:
        for line in TrafficLog(year.traffic_log, datetime.now(UTC) + timedelta(days=1)).read():
            if isinstance(line, Request):
                counted[line.ok] += 1
                times.append(line.at)
    except UnseenError:
        pass
    begin, end = (min(times), max(times)) if times else (None, None)
    return counted.total(), counted[False], begin, end
