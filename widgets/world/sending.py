"""Starts the process that asks, listens to it, and ends it together with whoever started it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from widgets.base.errors import KitError
from widgets.base.paths import Layout
from widgets.base.processes import NEW_GROUP, OWN_GROUP
from widgets.world.summary import Summary

LOG_LINES = 10
LAST_SECONDS = 20.0


@dataclass(frozen=True)
class Progress:
    """How far the traffic is: flights asked about and failed, and the day that has just ended."""

    flights: int
    failed: int
    day: date | None = None


Tell = Callable[[Progress], None]


def send_live(
    layout: Layout, rate: float, seconds: float | None, tell: Tell = lambda progress: None
) -> Summary:
    """Send traffic as the clock's day goes on.

    Parameters
    ----------
    layout : Layout
        The workspace whose server is asked.
    rate : float
        Requests a second, one for each flight.
    seconds : float or None
        How long; None until all flights of the day have been asked about.
    tell : callable, optional
        Told about every second how far it is.

    Raises
    ------
    KitError
        If no server answers at the beginning. What fails later is counted.
    """
    words = [] if seconds is None else ["--seconds", str(seconds)]
    return _send(layout, ["--rate", str(rate), *words], tell)


def send_until(layout: Layout, day: str | date, tell: Tell = lambda progress: None) -> Summary:
    """Send traffic for three hours at once and let the nights pass, until the clock shows `day`.

    Raises
    ------
    KitError
        If the server does not answer; the clock then stands on the day that is not done.
    """
    return _send(layout, ["--until", str(day)], tell)


def _send(layout: Layout, words: Sequence[str], tell: Tell) -> Summary:
    layout.logs.mkdir(parents=True, exist_ok=True)
    log = layout.logs / "traffic.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "widgets.world.traffic", "--end-with-input", *words],
            env=os.environ | {"MATURITY_WORKSPACE": str(layout.root), "PYTHONUTF8": "1"},
            cwd=layout.root,
            stdin=subprocess.PIPE,  # it closes when this process ends
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=OWN_GROUP,  # a Ctrl-C is for us: we tell it, and wait for its end
            creationflags=NEW_GROUP,
        )
    try:
        for line in _said(process):
            if "summary" in line:
                return Summary(**line["summary"])
            if "problem" in line:
                raise KitError(line["problem"])
            day = date.fromisoformat(line["day"]) if "day" in line else None
            tell(Progress(line["flights"], line["failed"], day))
    finally:
        _end(process)
    said = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:]
    last = "\n".join(f"  {line}" for line in said)
    raise KitError(f"The traffic ended before its time. Its last words:\n{last}\nAll: {log}")


def _said(process: "subprocess.Popen[bytes]") -> Iterator[dict[str, Any]]:
    assert process.stdout is not None
    for text in process.stdout:
        yield json.loads(text)


def _end(process: "subprocess.Popen[bytes]") -> None:
    assert process.stdin is not None and process.stdout is not None
    with suppress(OSError):
        process.stdin.close()
    try:
        process.wait(LAST_SECONDS)  # what it still says fits into the pipe
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()
