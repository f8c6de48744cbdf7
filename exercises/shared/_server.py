"""Starts the learner's server in the check's workspace, asks it, kills it."""

import http.client
import json
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

START_SECONDS = 40
PAUSE = 0.05  # seconds between two requests of a client: the machine has more to do than answer
# `python -m flights.serve`, but it looks at the alias ten times as often: a check waits less.
START = """
import flights.router
flights.router.POLL = 0.05
from flights.serve import main
raise SystemExit(main([]))
"""
WEATHER = ["temp", "dewp", "humid", "wind_speed", "wind_gust", "precip", "pressure", "visib"]
TEXTS = ["carrier", "origin", "dest"]


class Server:
    """The learner's server, as a process of its own.

    Parameters
    ----------
    program : callable
        Starts a program of the learner's, the check's fixture.
    project, bench : Path
        The learner's project, and the workspace that it serves.
    """

    def __init__(self, program: Any, project: Path, bench: Path) -> None:
        self._file = bench / "serving" / "server.json"
        self._file.unlink(missing_ok=True)
        self._token = self._file.with_name("token")
        self._log = (bench / "server.log").open("ab+")
        self.process = program(["-c", START], project, log=self._log)
        self._place = self._wait()
        self._key = {"Authorization": f"Bearer {self._token.read_text(encoding='utf-8')}"}

    def _wait(self) -> tuple[str, int]:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            with suppress(OSError, ValueError):
                url = urlsplit(json.loads(self._file.read_text(encoding="utf-8"))["url"])
                return str(url.hostname), int(url.port or 0)
            time.sleep(0.02)
        raise AssertionError(
            f"`python -m flights.serve` does not answer. Its last words:\n{self.said()}"
        )

    def said(self) -> str:
        """Return the end of what the server printed, without the stack of an error."""
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").splitlines()
        told = [line for line in lines if line and not line.startswith((" ", "Traceback"))]
        return "\n".join(told[-3:])

    def ask(self, path: str, body: object = None, raw: bytes | None = None, **headers: str) -> Any:
        """Ask once; return the status and the answer: what its JSON says, or its text."""
        connection = http.client.HTTPConnection(*self._place, timeout=20)
        method = "GET" if body is None and raw is None else "POST"
        sent = raw if raw is not None else json.dumps(body).encode()
        try:
            kind = {"Content-Type": "application/json"} | self._key | headers
            connection.request(method, path, None if method == "GET" else sent, kind)
            answer = connection.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise AssertionError(
                f"{method} {path}: no answer ({type(error).__name__}: {error}). The server's last "
                f"words:\n{self.said()}"
            ) from None
        finally:
            connection.close()
        with suppress(ValueError):
            return answer.status, json.loads(text)
        return answer.status, text

    def predict(self, flights: pd.DataFrame) -> list[dict[str, Any]]:
        """Ask about flights; return the predictions, if the answer is 200 and has that form."""
        status, answer = self.ask("/predict", {"flights": asked(flights)})
        assert status == 200, (
            f"/predict answers {status}: {str(answer)[:300]}\n{self.said()[-300:]}"
        )
        found: list[dict[str, Any]] = answer["predictions"]
        return found

    def ready(self) -> dict[str, Any]:
        """Return what /ready says."""
        found: dict[str, Any] = self.ask("/ready")[1]
        return found

    def wait_for(self, version: int, seconds: float = 6) -> bool:
        """Wait until a version answers; return whether it does."""
        return wait_until(lambda: self.ready()["version"] == version, seconds)

    def metric(self, name: str) -> float:
        """Return the sum of all values of a counter in /metrics."""
        lines = str(self.ask("/metrics")[1]).splitlines()
        values = [
            line.rpartition(" ")[2] for line in lines if line.startswith((f"{name} ", f"{name}{{"))
        ]
        return sum(map(float, values))

    def kill(self) -> None:
        """End it at once, in the middle of whatever it does."""
        self.process.kill()

    def stop(self) -> int:
        """End it in order; return its exit code."""
        self.process.stop()
        try:
            return self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()
            return -9


@dataclass
class Load:
    """Requests that go on and on, from several clients at once, until the block ends."""

    server: Server
    flights: pd.DataFrame
    clients: int = 2
    answers: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def __enter__(self) -> "Load":
        self._end = threading.Event()
        self._threads = [threading.Thread(target=self._go, args=(n,)) for n in range(self.clients)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()

    def _go(self, number: int) -> None:
        place = number
        while not self._end.is_set():
            place = (place + self.clients) % len(self.flights)
            try:
                (found,) = self.server.predict(self.flights.iloc[[place]])
                self.answers.append((place, found))
            except (AssertionError, KeyError, ValueError) as error:
                self.failures.append(str(error))
            time.sleep(PAUSE)


def asked(flights: pd.DataFrame) -> list[dict[str, Any]]:
    """Return flights as a client sends them."""
    rows = []
    for row in flights.to_dict("records"):
        told = {name: row[name] for name in (*TEXTS, "distance", *WEATHER)}
        told = {name: None if pd.isna(value) else value for name, value in told.items()}
        when = row["scheduled_at"].isoformat()
        rows.append({"flight_id": int(row["flight_id"]), "scheduled_at": when} | told)
    return rows


def wait_until(true: Any, seconds: float) -> bool:
    """Wait until something is true; return whether it is."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.05)
    return bool(true())
