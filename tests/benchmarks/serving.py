"""What serving costs: the learner's server beside the pipeline itself and `mlflow models serve`.

Run it with `python lab.py bench serving`. Not a test: a machine that is busy or slow makes nothing
red. Read the ratios: all are to the pipeline called in process. Clients are threads of this
process, with connections that stay open; so they share the machine's cores with the server.
"""

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import psutil

from tests.benchmarks.pipeline import make_workspace
from widgets.base.paths import KIT_ROOT, Layout
from widgets.exercise.checker import FLIGHTS
from widgets.mlflow_ui.store import QUIET

REQUESTS = 400
CHANGES = 100
PATIENCE = 90  # seconds
TEXTS = ["carrier", "origin", "dest"]
WEATHER = ["temp", "dewp", "humid", "wind_speed", "wind_gust", "precip", "pressure", "visib"]


@dataclass(frozen=True)
class Way:
    """One way to ask for predictions: a port, a path, what is sent for some flights, a token."""

    port: int
    path: str
    body: Callable[[pd.DataFrame], bytes]
    pid: int
    token: str = ""


@dataclass(frozen=True)
class Answered:
    """What a stretch of requests came to: milliseconds each, how many failed, seconds in all."""

    times: np.ndarray
    failed: int
    seconds: float

    def __str__(self) -> str:
        p50, p99 = np.percentile(self.times, [50, 99])
        return (
            f"p50 {p50:6.1f} ms  p99 {p99:6.1f} ms  {len(self.times) / self.seconds:6.0f} a second"
        )


def main() -> int:
    """Measure in a fresh workspace with the solved project, and print."""
    with tempfile.TemporaryDirectory(prefix="a bench ", ignore_cleanup_errors=True) as scratch:
        layout = Layout(Path(scratch).resolve() / "workspace")
        make_workspace(layout)
        shutil.copytree(KIT_ROOT / "solutions" / "level_3", layout.project, dirs_exist_ok=True)
        os.environ |= QUIET | {"FLIGHTS_WORKSPACE": str(layout.root), "GIT_CEILING_DIRECTORIES": ""}
        os.environ.pop("MLFLOW_TRACKING_URI", None)
        sys.path.insert(0, str(layout.project))
        settings = register_two(layout)
        flights = pd.read_parquet(FLIGHTS / "2013-04.parquet").head(2000)
        base = in_process(settings, flights)
        with ours(layout) as way:
            compare("the learner's server", way, flights, base)
            log_cost(settings, flights, base)
            change_overs(settings, way, flights)
        with mlflows(layout) as way:
            compare("mlflow models serve", way, flights, base)
    return 0


def register_two(layout: Layout) -> Any:
    """Train and register two versions, the first as champion; return the project's settings."""
    settings = import_module("flights.settings").read_settings(layout.project)
    training, tracking = import_module("flights.training"), import_module("flights.tracking")
    pipeline, mlflow = import_module("flights.pipeline"), import_module("mlflow")
    pipeline.connect(settings)
    flights = import_module("flights.train").load_flights(settings.data)
    made = training.train_and_measure(flights)
    labels = tracking.tags(settings, pipeline.code_version(settings.root), "", "manual")
    settings.seams.clear()  # no gate, no deployment: they are not what is measured
    for _ in range(2):
        pipeline.register(tracking.log_training(made, labels, settings), labels, settings)
    mlflow.MlflowClient().set_registered_model_alias(settings.model, "champion", "1")
    return settings


def in_process(settings: Any, flights: pd.DataFrame) -> dict[int, float]:
    """Print how long the pipeline itself takes; return its median, by the number of flights."""
    loaded = import_module("flights.loader").load(1, settings)
    build = import_module("flights.features").build_features
    medians = {}
    print("The pipeline itself, in process (features and prediction)")
    for rows in (1, 50):
        times = []
        for number in range(200):
            part = flights.iloc[number : number + rows]
            began = time.perf_counter()
            loaded.probabilities(build(part))
            times.append((time.perf_counter() - began) * 1000)
        medians[rows] = float(np.median(times))
        print(f"  {rows:3} flights   p50 {medians[rows]:6.1f} ms  = 1.0 x")
    return medians


def compare(name: str, way: Way, flights: pd.DataFrame, base: dict[int, float]) -> None:
    """Print latency and rate of a way to ask, with its ratios, and its memory."""
    print(f"\n{name}")
    for rows, clients in ((1, 1), (50, 1), (1, 32)):
        ask(way, flights, rows, clients, 50)  # warm
        found = ask(way, flights, rows, clients, REQUESTS)
        ratio = np.median(found.times) / base[rows]
        print(f"  {rows:3} flights, {clients:2} clients  {found}  {ratio:4.1f} x", flush=True)
        assert not found.failed, f"{found.failed} requests failed"
    top = psutil.Process(way.pid)
    memory = sum(each.memory_full_info().pss for each in [top, *top.children(recursive=True)])
    print(f"  memory {memory / 2**20:.0f} MB (proportional, all its processes)")


def log_cost(settings: Any, flights: pd.DataFrame, base: dict[int, float]) -> None:
    """Print what writing one prediction down costs."""
    predictions = import_module("flights.predictions")
    flown = [import_module("flights.schema").Flight(**each) for each in asked(flights.head(300))]
    log = predictions.PredictionLog(settings)
    times = []
    for flight in flown:
        began = time.perf_counter()
        log.add([predictions.Entry(flight, 1, 0.5)])
        times.append((time.perf_counter() - began) * 1000)
    log.close()
    cost = float(np.median(times))
    print(f"  the prediction log: {cost:.2f} ms a request = {cost / base[1]:.2f} x")


def change_overs(settings: Any, way: Way, flights: pd.DataFrame) -> None:
    """Move the champion to and fro under constant load; print what failed, and the latencies."""
    client = import_module("mlflow").MlflowClient()
    over = threading.Event()
    found: list[Answered] = []

    def load() -> None:
        while not over.is_set():
            found.append(ask(way, flights, 1, 1, 50))

    loaders = [threading.Thread(target=load) for _ in range(4)]
    for each in loaders:
        each.start()
    took = []
    for number in range(CHANGES):
        wanted = 2 - number % 2
        client.set_registered_model_alias(settings.model, "champion", str(wanted))
        began = time.perf_counter()
        while ready(way) != wanted:
            time.sleep(0.02)
        took.append(time.perf_counter() - began)
    over.set()
    for each in loaders:
        each.join()
    times = np.concatenate([each.times for each in found])
    failed = sum(each.failed for each in found)
    p50, p99 = np.percentile(times, [50, 99])
    print(f"  {CHANGES} change-overs under 4 clients: {failed} of {len(times)} requests failed")
    print(f"    p50 {p50:.1f} ms, p99 {p99:.1f} ms, highest {times.max():.0f} ms")
    print(f"    from the alias to the new answer: {np.median(took):.2f} s (it looks every 0.5 s)")


def ask(way: Way, flights: pd.DataFrame, rows: int, clients: int, requests: int) -> Answered:
    """Send requests from some clients at once, as fast as they are answered."""
    bodies = [way.body(flights.iloc[n * rows : (n + 1) * rows]) for n in range(40)]
    times: list[float] = []
    failed: list[int] = []

    def client(share: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", way.port, timeout=PATIENCE)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with closing(connection):
            for number in range(share):
                began = time.perf_counter()
                kind = {"Content-Type": "application/json", "Authorization": f"Bearer {way.token}"}
                connection.request("POST", way.path, bodies[number % len(bodies)], kind)
                answer = connection.getresponse()
                answer.read()
                times.append((time.perf_counter() - began) * 1000)
                if answer.status != 200:
                    failed.append(answer.status)

    threads = [
        threading.Thread(target=client, args=(max(1, requests // clients),)) for _ in range(clients)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Answered(np.array(times), len(failed), time.perf_counter() - began)


def asked(flights: pd.DataFrame) -> list[dict[str, Any]]:
    """Return flights as a client sends them."""
    rows = flights[["flight_id", *TEXTS, "distance", *WEATHER]].astype(object)
    rows = rows.where(rows.notna(), None)
    times = flights["scheduled_at"].map(pd.Timestamp.isoformat)
    return rows.assign(scheduled_at=times).to_dict("records")


def ready(way: Way) -> int | None:
    """Return the version that the learner's server answers with."""
    connection = http.client.HTTPConnection("127.0.0.1", way.port, timeout=PATIENCE)
    with closing(connection):
        key = {"Authorization": f"Bearer {way.token}"}
        connection.request("GET", "/ready", headers=key)
        version: int | None = json.loads(connection.getresponse().read())["version"]
        return version


@contextmanager
def ours(layout: Layout) -> Iterator[Way]:
    """Start the learner's server."""
    with started([sys.executable, "-m", "flights.serve"], layout) as process:
        url = wait_for(lambda: json.loads(layout.server_file.read_text())["url"])
        port = int(urlsplit(url).port or 0)
        yield Way(
            port,
            "/predict",
            lambda part: json.dumps({"flights": asked(part)}).encode(),
            process.pid,
            layout.server_token.read_text(),
        )


def question(part: pd.DataFrame) -> bytes:
    """Return a request to the learner's server."""
    return json.dumps({"flights": asked(part)}).encode()


@contextmanager
def mlflows(layout: Layout) -> Iterator[Way]:
    """Start MLflow's own server with the same model."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    build = import_module("flights.features").build_features

    def body(part: pd.DataFrame) -> bytes:
        split = build(part).to_json(orient="split", index=False)
        return f'{{"dataframe_split": {split}}}'.encode()

    words = [sys.executable, "-m", "mlflow", "models", "serve", "--env-manager", "local"]
    words += ["-m", "models:/late-flights@champion", "--host", "127.0.0.1", "--port", str(port)]
    with started(words, layout) as process:
        wait_for(lambda: health(port))
        yield Way(port, "/invocations", body, process.pid)


def health(port: int) -> bool:
    """Return True if MLflow's server answers; raise OSError if it does not."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with closing(connection):
        connection.request("GET", "/health")
        if connection.getresponse().status != 200:
            raise OSError("not yet")
        return True


@contextmanager
def started(words: list[str], layout: Layout) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a server while a block lasts, and end it with all below it."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # for uvicorn
    env = os.environ | {"MLFLOW_TRACKING_URI": layout.tracking_uri, "PATH": path}
    process = subprocess.Popen(
        words, cwd=layout.project, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        family = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        for each in [*family, process]:
            with suppress(psutil.NoSuchProcess, ProcessLookupError):
                each.kill()
        process.wait()


def wait_for(answer: Callable[[], Any]) -> Any:
    """Return what is answered as soon as it does not fail any more."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with suppress(OSError, ValueError, http.client.HTTPException):
            return answer()
        time.sleep(0.1)
    raise SystemExit("a server did not start")


if __name__ == "__main__":
    sys.exit(main())
