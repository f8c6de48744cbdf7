"""The clients' own log, `serving/traffic.jsonl`: what was asked, and what came back.

It is the clients', for a server that has died logs nothing. One JSON object a line: for each
request, and for each look at the server's counters (`"scrape": true`).
"""

import json
import math
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from widgets.world.client import Reply
from widgets.world.departures import Departure

COUNTER = "flights_predictions_total"
LONGEST_ERROR = 300  # characters
Line = dict[str, Any]


class TrafficLog:
    """The log, opened by the one process that writes it.

    Parameters
    ----------
    path : Path
        Its file. A last line that a kill has torn is cut off.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        cut_torn_line(path)
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def write(self, line: Line) -> None:
        """Append a line, in one write."""
        os.write(self._file, json.dumps(line).encode() + b"\n")

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def cut_torn_line(path: Path) -> None:
    """Cut off what stands after the last whole line."""
    with suppress(FileNotFoundError), path.open("rb+") as file:
        text = file.read()
        if not text.endswith(b"\n"):
            file.truncate(text.rfind(b"\n") + 1)


def read_lines(path: Path) -> Iterator[Line]:
    """Yield the log's lines; one that is no JSON object is left out."""
    with suppress(FileNotFoundError), path.open("rb") as file:
        for text in file:
            with suppress(ValueError):
                line = json.loads(text)
                if isinstance(line, dict):
                    yield line


def asked_about(path: Path, flights: Sequence[Departure], answered: bool) -> set[int]:
    """Return which of a day's flights were asked about, or only those with an `answered` one."""
    found: set[int] = set()
    if not flights:
        return found
    first, last = flights[0].flight_id, flights[-1].flight_id
    for line in read_lines(path):
        if "first" in line and (line.get("ok") or not answered):
            found |= set(range(max(first, line["first"]), min(last, line["last"]) + 1))
    return found


def request_line(at: datetime, flights: Sequence[Departure], reply: Reply, ms: float) -> Line:
    """Return what is kept of a request about some flights."""
    versions, repeated, fault = understood(flights, reply)
    return {
        "at": at.isoformat(),
        "event_time": flights[0].scheduled_at.isoformat(),
        "flights": len(flights),
        "first": flights[0].flight_id,
        "last": flights[-1].flight_id,
        "ok": not fault,
        "status": reply.status,
        "ms": round(ms, 2),
        "versions": versions,
        "repeated": repeated,
        "error": fault[:LONGEST_ERROR],
    }


def understood(
    flights: Sequence[Departure], reply: Reply
) -> tuple[dict[str, list[float]], int, str]:
    """Return what a reply says: by version the flights and their probabilities' sum; the repeated.

    The third is what is wrong with the reply, or nothing.
    """
    if reply.status != 200:
        said = reply.body.decode("utf-8", errors="replace")
        return {}, 0, reply.error or f"status {reply.status}: {said}"
    versions: dict[str, list[float]] = {}
    repeated = 0
    try:
        predictions = json.loads(reply.body)["predictions"]
        for flight, told in zip(flights, predictions, strict=True):
            probability = float(told["probability"])
            if told["flight_id"] != flight.flight_id or not 0 <= probability <= 1:
                raise ValueError(f"flight {flight.flight_id} was answered with {told}")
            seen = versions.setdefault(str(int(told["version"])), [0, 0.0])
            seen[0] += 1
            seen[1] += probability
            repeated += bool(told.get("repeated"))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return {}, 0, f"the answer is not as agreed: {type(error).__name__}: {error}"
    return {name: [n, round(total, 6)] for name, (n, total) in versions.items()}, repeated, ""


def scrape_line(at: datetime, reply: Reply, ms: float) -> Line:
    """Return what is kept of a look at the server's counters."""
    ok = reply.status == 200
    return {
        "at": at.isoformat(),
        "scrape": True,
        "ok": ok,
        "status": reply.status,
        "ms": round(ms, 2),
        "predictions": predictions_counted(reply.body) if ok else None,
    }


def predictions_counted(text: bytes) -> float:
    """Return how many predictions a server has counted, all versions together."""
    total = 0.0
    for line in text.decode("utf-8", errors="replace").splitlines():
        name, _, value = line.rpartition(" ")
        if name.partition("{")[0] == COUNTER:
            with suppress(ValueError):
                total += float(value)
    return total if math.isfinite(total) else 0.0
