"""How long the MLflow UI takes to start and what it costs, beside `mlflow server` as it comes.

Run it with `python lab.py bench mlflow_ui`. Not a test: a machine that is busy or slow makes
nothing red. Read the ratios.
"""

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from widgets.base.paths import Layout
from widgets.mlflow_ui.process import UiProcess
from widgets.mlflow_ui.store import ensure_store, make_empty

ROUNDS = 3
PATIENCE = 180  # seconds
SETTLED = 5  # seconds after the first answer, when workers and job runners are there


@dataclass(frozen=True)
class Cost:
    """What one start cost: seconds to a healthy answer, proportional bytes, processes."""

    seconds: float
    memory: float
    processes: int


def main() -> int:
    """Measure, and print the medians with their ratios to ours."""
    with tempfile.TemporaryDirectory(prefix="a bench ", ignore_cleanup_errors=True) as scratch:
        layout = Layout(Path(scratch).resolve() / "workspace")
        began = time.monotonic()
        make_empty(Path(scratch) / "empty.db")
        made = time.monotonic() - began
        ensure_store(Layout(Path(scratch).resolve() / "first"))  # makes the cached one
        began = time.monotonic()
        ensure_store(layout)
        copied = time.monotonic() - began
        print(f"An empty database: made in {made:.1f} s, copied in {copied * 1000:.0f} ms\n")
        print(f"{f'The UI, median of {ROUNDS}':36}  healthy           memory     processes")
        ours = median(lambda: of_the_kit(layout))
        show("one process on a unix socket", ours, ours)
        lean = median(lambda: of_mlflow(layout, ["--workers", "1"]))
        show("mlflow server --workers 1, no jobs", lean, ours)
        show("mlflow server as it comes", median(lambda: of_mlflow(layout, [])), ours)
    return 0


def show(name: str, cost: Cost, ours: Cost) -> None:
    """Print one line of the table."""
    print(
        f"  {name:34} {cost.seconds:5.1f} s {cost.seconds / ours.seconds:4.1f} x"
        f" {cost.memory / 2**20:6.0f} MB {cost.memory / ours.memory:4.1f} x {cost.processes:4}",
        flush=True,
    )


def median(measure: Callable[[], Cost]) -> Cost:
    """Return the middle one of some rounds, by seconds."""
    return sorted((measure() for _ in range(ROUNDS)), key=lambda cost: cost.seconds)[ROUNDS // 2]


def of_the_kit(layout: Layout) -> Cost:
    """Start the kit's process as JupyterLab does."""
    began = time.monotonic()
    process = UiProcess(layout)
    try:
        process.wait_until_ready()
        return cost(process.process.pid, time.monotonic() - began)
    finally:
        process.stop()


def of_mlflow(layout: Layout, words: list[str]) -> Cost:
    """Start MLflow's own command on the same database."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    jobs = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"} if words else {}
    began = time.monotonic()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "mlflow", "server", "--port", str(port), *words),
            *("--backend-store-uri", layout.tracking_uri),
        ],
        env=os.environ | jobs | {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"},
        cwd=layout.root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not healthy(port):
            if process.poll() is not None or time.monotonic() - began > PATIENCE:
                raise SystemExit("mlflow server did not start")
            time.sleep(0.1)
        return cost(process.pid, time.monotonic() - began)
    finally:
        end(process)


def healthy(port: int) -> bool:
    """Return whether a server answers on a port."""
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with suppress(OSError, http.client.HTTPException), closing(asked):
        asked.request("GET", "/health")
        return asked.getresponse().status == 200
    return False


def cost(pid: int, seconds: float) -> Cost:
    """Return the memory of a process and all below it, once they have settled."""
    time.sleep(SETTLED)
    top = psutil.Process(pid)
    family = [top, *top.children(recursive=True)]
    memory = 0
    for each in family:
        with suppress(psutil.NoSuchProcess):
            used = each.memory_full_info()
            memory += getattr(used, "pss", used.uss)
    return Cost(seconds, memory, len(family))


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a process and all below it."""
    family = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(10)
    for each in family:
        with suppress(psutil.NoSuchProcess):
            each.kill()
    process.kill()
    process.wait()


if __name__ == "__main__":
    sys.exit(main())
