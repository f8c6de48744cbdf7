"""Logs as the clients and the learner's server write them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from widgets.base.paths import Layout

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
APRIL = datetime(2013, 4, 1, 13, 0, tzinfo=UTC)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout(tmp_path)
    made.serving.mkdir()
    return made


def request(
    second: float = 0,
    day: float = 0,
    p: float | None = 0.2,
    version: str = "6",
    ms: float = 6.0,
    flights: int = 1,
) -> dict[str, object]:
    """Return a line of the clients' log; with no `p` a request that failed."""
    return {
        "at": (NOON + timedelta(seconds=second)).isoformat(),
        "event_time": (APRIL + timedelta(days=day)).isoformat(),
        "flights": flights,
        "first": 80790,
        "last": 80789 + flights,
        "ok": p is not None,
        "status": 0 if p is None else 200,
        "ms": ms,
        "versions": {} if p is None else {version: [flights, round(p * flights, 6)]},
        "repeated": 0,
        "error": "" if p is not None else "no answer",
    }


def scrape(second: float = 0) -> dict[str, object]:
    """Return a look at the server's counters."""
    at = (NOON + timedelta(seconds=second)).isoformat()
    return {"at": at, "scrape": True, "ok": True, "status": 200, "ms": 1.0, "predictions": 12.0}


def event(
    second: float, kind: str = "deploy", step: str = "done", version: int = 7, id: str = "a1b2c3d4"
) -> dict[str, object]:
    """Return a line of the event log."""
    return {
        "at": (NOON + timedelta(seconds=second)).isoformat(),
        "kind": kind,
        "step": step,
        "id": id,
        "version": version,
        "previous": 6,
        "run_id": None,
        "actor": "gate",
        "cause": "gate said yes",
    }


@pytest.fixture
def write(layout: Layout) -> Callable[..., None]:
    """Append lines to one of the logs."""

    def append(*lines: dict[str, object] | str, to: str = "traffic") -> None:
        path = layout.traffic_log if to == "traffic" else layout.events_log
        with path.open("a", encoding="utf-8") as file:
            for line in lines:
                file.write(line if isinstance(line, str) else json.dumps(line) + "\n")

    return append
