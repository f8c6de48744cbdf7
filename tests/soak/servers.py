"""A PostgreSQL cluster and an MLflow server of their own, for as long as a test lasts."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SECONDS = 180  # until a server answers, on a busy machine
ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def postgres_programs() -> Path | None:
    """Return the folder with initdb and pg_ctl, the newest; None if there is none."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3])
    )
    return debian[-1].parent if debian else None


@contextmanager
def postgres(folder: Path, programs: Path) -> Iterator[str]:
    """Run a cluster in `folder`, on a socket there and on no port; give its address."""
    folder.mkdir(mode=0o700)
    user = {"user": "postgres", "group": "postgres"} if ROOT else {}  # it refuses to run as root
    if user:
        shutil.chown(folder, **user)
        make_passable(folder)
    place = str(folder / "data")
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "cwd": folder, **user}
    words = ["-D", place, "-U", "mlflow", "-A", "trust", "-E", "UTF8", "--no-locale"]
    subprocess.run([programs / "initdb", *words], **quiet)
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}'"
    options += " -c unix_socket_permissions=0700"
    control = [programs / "pg_ctl", "-D", place, "-w", "-t", str(SECONDS)]
    subprocess.run([*control, "-l", str(folder / "log"), "-o", options, "start"], **quiet)
    try:
        words = ["-h", str(folder), "-U", "mlflow", "mlflow"]
        subprocess.run([programs / "createdb", *words], **quiet)
        yield f"postgresql+psycopg2://mlflow@/mlflow?host={folder}"
    finally:
        subprocess.run([*control, "-m", "fast", "stop"], **quiet)


def make_passable(folder: Path) -> None:
    """Let another user pass through our temporary folders (only through: they stay unreadable)."""
    for above in folder.parents:
        if above.stat().st_uid == os.geteuid() and not above.stat().st_mode & 0o001:
            above.chmod(above.stat().st_mode | 0o011)


@contextmanager
def mlflow_server(store: str, artifacts: Path, log: Path, workers: int = 2) -> Iterator[str]:
    """Run MLflow's server on loopback, artifacts passing through it; give its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["--backend-store-uri", store, "--serve-artifacts"]
    words += ["--artifacts-destination", artifacts.as_uri(), "--host", "127.0.0.1"]
    words += ["--port", str(port), "--workers", str(workers)]
    env = os.environ | {
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "mlflow", "server", *words],
            env=env,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_until_it_answers(f"http://127.0.0.1:{port}/health", process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()


def wait_until_it_answers(address: str, process: subprocess.Popen, log: Path) -> None:
    """Return when the server answers; raise a RuntimeError if it has ended or takes too long."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    raise RuntimeError(f"MLflow's server does not answer:\n{log.read_text()[-3000:]}")
