"""Starts JupyterLab on the learner's workspace, and stays with it until it is stopped."""

import os
import secrets
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

from widgets.base.errors import KitError
from widgets.base.paths import Layout
from widgets.lab.environment import Environment
from widgets.lab.processes import Steps, environment_for, stop

FIRST_NOTEBOOK = "notebooks/00_start_here.ipynb"
FIRST_PORT = 8888
PORTS_TRIED = 50
START_SECONDS = 120


def start(
    environment: Environment,
    layout: Layout,
    steps: Steps,
    browser: bool = True,
    port: int | None = None,
) -> int:
    """Prepare the workspace, run JupyterLab until it ends, and return its exit code.

    Raises
    ------
    KitError
        If the workspace cannot be prepared or JupyterLab does not start.
    """
    env = learner_environment(environment.python, layout)
    env.setdefault("JUPYTER_TOKEN", secrets.token_hex(16))  # not a word that others could see
    prepare_workspace(environment, env)
    port = port or free_port()
    log = layout.logs / "jupyterlab.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        process = subprocess.Popen(
            server_command(environment.python, layout, port, browser),
            env=env,
            cwd=layout.root,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    for name in ("SIGTERM", "SIGHUP"):  # a closed terminal, a stopped container
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: process.terminate())
    try:
        wait_until_up(process, port, log)
        address = f"http://127.0.0.1:{port}/lab/tree/{FIRST_NOTEBOOK}"
        steps.say("JupyterLab is ready. If no browser opens, open this address yourself:")
        print(f"\n    {address}?token={env['JUPYTER_TOKEN']}\n")
        print(f"Your work lies in {layout.root}.")
        print("Leave this window open while you learn. Stop with Ctrl-C here.", flush=True)
        return process.wait()
    except KeyboardInterrupt:
        print("\nStopping JupyterLab …", flush=True)
        with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
            process.wait(10)  # Ctrl-C has reached it too
        print(f"Stopped. Your work is saved in {layout.root}.")
        return 0
    finally:
        stop(process)


def learner_environment(python: Path, layout: Layout) -> dict[str, str]:
    """Return the environment of the learner's JupyterLab, its kernels and its terminals.

    Settings of other JupyterLabs of the same person play no part here, and git in the
    workspace never answers for the repository of the kit around it.
    """
    env = environment_for(python)
    ceilings = [str(layout.root), *filter(None, [env.get("GIT_CEILING_DIRECTORIES")])]
    return {
        **env,
        "MATURITY_WORKSPACE": str(layout.root),
        "GIT_CEILING_DIRECTORIES": os.pathsep.join(ceilings),
        "JUPYTER_CONFIG_DIR": str(layout.kit / "jupyter"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "IPYTHONDIR": str(layout.kit / "ipython"),
    }


def prepare_workspace(environment: Environment, env: dict[str, str]) -> None:
    """Let the kit lay out the workspace; show what it has to say about it."""
    words = [str(environment.python), "-m", "widgets.cli", "start"]
    answer = subprocess.run(
        words, cwd=environment.root, env=env, capture_output=True, text=True, encoding="utf-8"
    )
    if answer.returncode:
        said = (answer.stderr or answer.stdout).strip()
        raise KitError(f"The workspace could not be prepared:\n{said[-3000:]}")
    print(answer.stdout, end="", flush=True)


def server_command(python: Path, layout: Layout, port: int, browser: bool) -> list[str]:
    """Return the words that start JupyterLab: on this machine only, with a token."""
    as_root = getattr(os, "geteuid", lambda: 1)() == 0
    return [
        *[str(python), "-m", "jupyterlab"],
        *["--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"],
        f"--ServerApp.open_browser={browser}",
        *workspace_options(layout),
        "--ServerApp.answer_yes=True",  # Ctrl-C stops it without a question
        *(["--allow-root"] if as_root else []),
    ]


def workspace_options(layout: Layout) -> list[str]:
    """Return what JupyterLab is told of a workspace: its folder, and the page that opens."""
    return [
        f"--ServerApp.root_dir={layout.root}",
        f"--LabApp.default_url=/lab/tree/{FIRST_NOTEBOOK}",
    ]


def free_port(first: int = FIRST_PORT) -> int:
    """Return the first free port of this machine from `first` on."""
    for port in range(first, first + PORTS_TRIED):
        with socket.socket() as probe:
            if os.name != "nt":  # there it would take a port that is in use
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
    raise KitError(
        f"None of the ports {first} to {first + PORTS_TRIED - 1} is free on this machine. "
        "Close some of the programs that use them, or name a free one: lab.py --port 9500."
    )


def wait_until_up(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    """Wait until JupyterLab answers.

    Raises
    ------
    KitError
        If it ends or does not answer in time; with its last words.
    """
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        with suppress(urllib.error.URLError, OSError):
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                f"http://127.0.0.1:{port}/api", timeout=5
            ).close()
            return
        time.sleep(0.1)
    words = log.read_bytes().decode(errors="replace").strip().splitlines()[-12:]
    tail = "\n".join(f"  {line}" for line in words)
    raise KitError(f"JupyterLab did not start. Its last words:\n{tail}\nThe whole log: {log}")
