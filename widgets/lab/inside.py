"""The doctor's look into a finished `.venv`: imports, bytecode, a JupyterLab that answers."""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from widgets.base.errors import KitError
from widgets.base.paths import Layout
from widgets.lab.environment import Environment
from widgets.lab.finding import Finding, bad, good, note
from widgets.lab.processes import stop
from widgets.lab.start import free_port, learner_environment, server_command, wait_until_up

PACKAGES = (
    "jupyterlab ipywidgets anywidget pandas pyarrow sklearn matplotlib mlflow pytest pydantic"
)
AGAIN = "Delete the folder .venv and run: python lab.py setup"
COMPILED = """
import importlib.util, pathlib, sysconfig
folder = pathlib.Path(sysconfig.get_path("purelib"))
files = [path for name in ("sklearn", "pandas", "mlflow") for path in (folder / name).rglob("*.py")]
done = sum(pathlib.Path(importlib.util.cache_from_source(str(path))).exists() for path in files)
print(done / max(1, len(files)))
"""


def look_inside(environment: Environment) -> Iterator[Finding]:
    """Look whether what is installed works."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        layout = Layout(Path(scratch).resolve() / "workspace")
        layout.kit.mkdir(parents=True)
        yield look_at_packages(environment, layout)
        yield look_at_bytecode(environment, layout)
        yield look_at_jupyterlab(environment, layout)


def look_at_packages(environment: Environment, layout: Layout) -> Finding:
    """Import what the course imports."""
    began = time.monotonic()
    answer = _python(environment, layout, f"import {', '.join(PACKAGES.split())}")
    if answer.returncode:
        words = answer.stderr.strip().splitlines() or ["no word"]
        return bad("packages", f"cannot be imported: {words[-1]}", AGAIN)
    return good("packages", f"imported in {time.monotonic() - began:.0f} s")


def look_at_bytecode(environment: Environment, layout: Layout) -> Finding:
    """Look whether the packages are compiled: without, each start takes some times as long."""
    answer = _python(environment, layout, COMPILED)
    share = float(answer.stdout or 0)
    if share < 0.95:
        mend = f'"{environment.python}" -m compileall -q "{environment.folder}"'
        return note("bytecode", f"{share:.0%} compiled: imports are slow", mend)
    return good("bytecode", "compiled")


def look_at_jupyterlab(environment: Environment, layout: Layout) -> Finding:
    """Start a JupyterLab on this machine's own address and wait for its answer."""
    log = layout.root / "log"
    began = time.monotonic()
    try:
        port = free_port(8988)
        with log.open("wb") as out:
            process = subprocess.Popen(
                server_command(environment.python, layout, port, browser=False),
                env=learner_environment(environment.python, layout),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        try:
            wait_until_up(process, port, log)
        finally:
            with suppress(OSError):
                stop(process)
    except KitError as error:
        return bad("JupyterLab", str(error), "A firewall may forbid 127.0.0.1. Else: " + AGAIN)
    return good("JupyterLab", f"answers after {time.monotonic() - began:.0f} s")


def _python(
    environment: Environment, layout: Layout, code: str
) -> "subprocess.CompletedProcess[str]":
    env = learner_environment(environment.python, layout)
    words = [str(environment.python), "-c", code]
    return subprocess.run(
        words,
        cwd=environment.folder,
        env=env,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        timeout=120,
    )
