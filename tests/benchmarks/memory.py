"""The memory of the whole lab while a learner works through the course, part by part.

Run it with `python lab.py bench memory`. Not a test: a machine that is busy or slow makes nothing
red. All figures are proportional set sizes: what parts share is divided among them, so that the
sum is what the machine gives.
"""

import json
import os
import secrets
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import psutil
from jupyter_client import BlockingKernelClient

from widgets.base.paths import KIT_ROOT, Layout
from widgets.lab.course_run import notebooks
from widgets.lab.environment import Environment
from widgets.lab.processes import stop
from widgets.lab.start import (
    free_port,
    learner_environment,
    prepare_workspace,
    server_command,
    wait_until_up,
)

CELL_SECONDS = 300
PAUSE = 0.5  # seconds between two looks
PARTS = {  # the first that a command line holds
    "jupyterlab": "JupyterLab",
    "ipykernel_launcher": "kernel",
    "widgets.mlflow_ui": "MLflow UI",
    "widgets.exercise": "checks",
    "flights.serve": "model server",
    "flights.loop": "loop",
}
REST = "git, CI, training, the rest"


@dataclass
class Memory:
    """Bytes by part: now, and when it was most."""

    folder: str
    server: int
    now: Counter[str] = field(default_factory=Counter)
    peak: Counter[str] = field(default_factory=Counter)

    def look(self) -> None:
        """Read the memory of every process of the lab."""
        found: Counter[str] = Counter()
        ours = {self.server}
        for process in sorted(psutil.process_iter(), key=lambda each: each.pid):
            with suppress(psutil.Error, OSError):
                if self._is_ours(process, ours):
                    ours.add(process.pid)
                    used = process.memory_full_info()
                    found[part(process)] += getattr(used, "pss", used.uss)
        self.now = found
        if found.total() > self.peak.total():
            self.peak = found

    def _is_ours(self, process: psutil.Process, ours: set[int]) -> bool:
        # A training that a push has started is nobody's child: it is told by where it works.
        return (
            process.pid in ours
            or process.ppid() in ours
            or self.folder in process.environ().get("MATURITY_WORKSPACE", "")
            or self.folder in process.cwd()
        )


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab."""

    address: str
    token: str
    runtime: Path

    def ask(self, path: str, body: object = None, method: str | None = None) -> bytes:
        """Return what the server answers."""
        asked = urllib.request.Request(
            f"{self.address}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {self.token}"},
            method=method,
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked) as answer:
            return bytes(answer.read())

    @contextmanager
    def kernel(self) -> Iterator[BlockingKernelClient]:
        """Start a kernel as an opened notebook does, and shut it down as a closed one does."""
        name = json.loads(self.ask("api/kernels", {}))["id"]
        client = BlockingKernelClient(connection_file=str(self.runtime / f"kernel-{name}.json"))
        client.load_connection_file()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=60)
            yield client
        finally:
            client.stop_channels()
            self.ask(f"api/kernels/{name}", method="DELETE")


def main() -> int:
    """Execute the course in a real JupyterLab, every exercise solved, and print."""
    with tempfile.TemporaryDirectory(prefix="a bench ", ignore_cleanup_errors=True) as scratch:
        layout = Layout(Path(scratch).resolve() / "workspace")
        with running(layout, Path(scratch)) as (lab, memory):
            memory.look()
            show("JupyterLab alone", memory.now)
            for notebook in notebooks():
                memory.peak.clear()
                with lab.kernel() as kernel, watched(memory):
                    for cell in nbformat.read(notebook, as_version=4).cells:
                        if cell.cell_type == "code":
                            run(kernel, cell)
                    if layout.mlflow_db.exists():
                        open_mlflow(lab)
                show(f"{notebook.stem}, peak", memory.peak)
                show(f"{notebook.stem}, at its end", memory.now)
    return 0


def open_mlflow(lab: Lab) -> None:
    """Start the MLflow UI as a click does, and wait until it answers."""
    until = time.monotonic() + CELL_SECONDS
    while time.monotonic() < until:
        with suppress(urllib.error.HTTPError):
            if lab.ask("mlflow/health") == b"OK":
                return
        time.sleep(PAUSE)
    raise SystemExit("the MLflow UI did not start")


@contextmanager
def running(layout: Layout, scratch: Path) -> Iterator[tuple[Lab, Memory]]:
    """Start JupyterLab as `lab.py` does; stop it and all below it at the end."""
    environment = Environment(KIT_ROOT)
    port, token, runtime = free_port(), secrets.token_hex(16), scratch / "runtime"
    env = learner_environment(environment.python, layout) | {
        "JUPYTER_TOKEN": token,
        "JUPYTER_RUNTIME_DIR": str(runtime),
        "MATURITY_SOLVE": "1",
    }
    layout.kit.mkdir(parents=True)
    prepare_workspace(environment, env)
    log = scratch / "jupyterlab.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            server_command(environment.python, layout, port, browser=False),
            env=env,
            cwd=layout.root,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until_up(process, port, log)
        yield Lab(f"http://127.0.0.1:{port}/", token, runtime), Memory(scratch.name, process.pid)
    finally:
        stop(process)


@contextmanager
def watched(memory: Memory) -> Iterator[None]:
    """Look again and again while a block runs, and once at its end."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(PAUSE):
            memory.look()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
        memory.look()


def run(kernel: BlockingKernelClient, cell: nbformat.NotebookNode) -> None:
    """Run a cell; a failed one ends the benchmark."""
    said = kernel.execute_interactive(
        cell.source, timeout=CELL_SECONDS, output_hook=lambda message: None
    )["content"]
    if said["status"] != "ok":
        raise SystemExit(f"cell {cell.id} failed: {said.get('ename')}: {said.get('evalue')}")


def part(process: psutil.Process) -> str:
    """Return which part of the lab a process is."""
    words = " ".join(process.cmdline())
    return next((name for text, name in PARTS.items() if text in words), REST)


def show(when: str, used: Counter[str]) -> None:
    """Print a line of the table."""
    parts = ", ".join(f"{name} {size / 2**20:.0f}" for name, size in used.most_common())
    print(f"{when:46} {used.total() / 2**20:5.0f} MB  ({parts})", flush=True)


if __name__ == "__main__":
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    sys.exit(main())
