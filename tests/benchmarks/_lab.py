"""A real JupyterLab for benchmarks: started as `lab.py` does, driven without a browser."""

import json
import secrets
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import nbformat
from jupyter_client import BlockingKernelClient

from widgets.base.paths import KIT_ROOT, Layout
from widgets.lab.environment import Environment
from widgets.lab.processes import stop
from widgets.lab.start import (
    free_port,
    learner_environment,
    prepare_workspace,
    server_command,
    wait_until_up,
)

CELL_SECONDS = 1800
PAUSE = 0.5  # seconds between two looks


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab, as `lab.py` starts it; `process` is its number."""

    address: str
    token: str
    runtime: Path
    process: int

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
            wait_until_ready(client)
            yield client
        finally:
            client.stop_channels()
            self.ask(f"api/kernels/{name}", method="DELETE")


def wait_until_ready(client: BlockingKernelClient) -> None:
    """Wait for a kernel that starts; on a busy machine its first heartbeat may come late."""
    until = time.monotonic() + CELL_SECONDS
    while True:
        try:
            return client.wait_for_ready(timeout=60)
        except RuntimeError:  # no heartbeat yet
            if time.monotonic() > until:
                raise
            time.sleep(PAUSE)


@contextmanager
def running(layout: Layout, scratch: Path) -> Iterator[Lab]:
    """Start JupyterLab as `lab.py` does; stop it and all below it at the end."""
    environment = Environment(KIT_ROOT)
    port, token, runtime = free_port(), secrets.token_hex(16), scratch / "runtime"
    env = learner_environment(environment.python, layout) | {
        "JUPYTER_TOKEN": token,
        "JUPYTER_RUNTIME_DIR": str(runtime),
        "MATURITY_SOLVE": "1",
    }
    layout.kit.mkdir(parents=True, exist_ok=True)
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
        yield Lab(f"http://127.0.0.1:{port}/", token, runtime, process.pid)
    finally:
        stop(process)


def run(kernel: BlockingKernelClient, cell: nbformat.NotebookNode) -> None:
    """Run a cell; a failed one ends the benchmark."""
    said = kernel.execute_interactive(
        cell.source, timeout=CELL_SECONDS, output_hook=lambda message: None
    )["content"]
    if said["status"] != "ok":
        raise SystemExit(f"cell {cell.id} failed: {said.get('ename')}: {said.get('evalue')}")


def open_mlflow(lab: Lab) -> None:
    """Start the MLflow UI as a click does, and wait until it answers."""
    until = time.monotonic() + CELL_SECONDS
    while time.monotonic() < until:
        with suppress(urllib.error.HTTPError):
            if lab.ask("mlflow/health") == b"OK":
                return
        time.sleep(PAUSE)
    raise SystemExit("the MLflow UI did not start")
