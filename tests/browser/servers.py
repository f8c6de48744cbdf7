"""The JupyterLabs of the browser tests: a learner's own, and one behind a hub or Binder."""

import os
import secrets
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

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

# A name that browsers find on this machine, and that JupyterLab does not take for its own.
HUB = "hub.example.localhost"
BASE = "/user/x/"
# BinderHub lets a script choose between JupyterLab and Notebook; here it would start neither.
CHOOSES = ["python3", "-c", "raise SystemExit('the host started its own Jupyter')"]


@dataclass(frozen=True)
class Server:
    """A running JupyterLab: where it answers, and the workspace that it serves."""

    address: str
    token: str
    layout: Layout


@dataclass(frozen=True)
class Hub(Server):
    """A JupyterLab as a hub starts it: under another name, with its pages below `/user/x/`."""

    process: "subprocess.Popen[bytes]" = field(repr=False)
    log: Path


@contextmanager
def started_lab(folder: Path, log: Path) -> Iterator[Server]:
    """Start JupyterLab with the words of `python lab.py`, on a fresh workspace in `folder`."""
    environment = Environment(KIT_ROOT)
    layout = Layout(folder)
    token = secrets.token_hex(16)
    env = learner_environment(environment.python, layout) | {"JUPYTER_TOKEN": token}
    prepare_workspace(environment, env)
    port = free_port()
    words = server_command(environment.python, layout, port, browser=False)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*words, "--expose-app-in-browser"],
            env=env,
            cwd=layout.root,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    try:
        wait_until_up(process, port, log)
        yield Server(f"http://127.0.0.1:{port}/", token, layout)
    finally:
        stop(process)


@contextmanager
def started_hub(
    program: Sequence[str], env: Mapping[str, str], layout: Layout, folder: Path, log: Path
) -> Iterator[Hub]:
    """Let `program`, which is run in `folder`, start JupyterLab as BinderHub would ask for it."""
    token, port = secrets.token_hex(16), free_port(9100)
    told = {"base_url": BASE, "token": token, "trust_xheaders": "True"}
    words = [
        *program,
        *CHOOSES,
        *["--ip=127.0.0.1", f"--port={port}"],  # Binder's container listens to all, this must not
        *[f"--{app}.{k}={v}" for app in ("NotebookApp", "ServerApp") for k, v in told.items()],
        *["--ServerApp.allow_remote_access=True", "--expose-app-in-browser"],
        *(["--allow-root"] if getattr(os, "geteuid", lambda: 1)() == 0 else []),
    ]
    with log.open("wb") as out:
        process = subprocess.Popen(
            words, env=env, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
    try:
        up = wait_until(lambda: answers(port) or process.poll() is not None, 240)
        assert up and process.poll() is None, log.read_text(errors="replace")
        yield Hub(f"http://{HUB}:{port}{BASE}", token, layout, process, log)
    finally:
        stop(process)


def wait_until(come_true: Callable[[], bool], seconds: float = 10) -> bool:
    """Return whether something comes true in time."""
    until = time.monotonic() + seconds
    while not come_true() and time.monotonic() < until:
        time.sleep(0.05)
    return come_true()


def answers(port: int) -> bool:
    """Return whether something listens on a port of this machine."""
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
