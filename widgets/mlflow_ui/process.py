"""Starts and stops the process of the MLflow UI, and knows why it did not start."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from widgets.base.errors import KitError
from widgets.base.paths import Layout
from widgets.base.processes import NEW_GROUP, OWN_GROUP

KEY = "MATURITY_MLFLOW_TOKEN"  # in the environment: others can read a process's words
READY = "ready"  # the first word of the line that `serve.py` writes
START_SECONDS = 120
LOG_LINES = 10
LONGEST_SOCKET = 100  # bytes in the path of a unix socket; the systems' limits begin at 104


class UiError(KitError):
    """The MLflow UI did not start; the message holds its log's last lines."""


class UiProcess:
    """One process that serves the MLflow UI of a workspace.

    It ends with the process that made it, whatever ends that one.

    Parameters
    ----------
    layout : Layout
        The workspace whose runs and models are shown.
    port : int, optional
        A port of this machine's own address, 0 for a free one. Without it: a unix socket where
        there is one, which nobody else on the machine can reach. A port opens with a token.
    """

    def __init__(self, layout: Layout, port: int | None = None) -> None:
        self.log = layout.logs / "mlflow_ui.log"
        self.socket = socket_path() if port is None else None
        self.port = 0
        self.token = "" if self.socket else secrets.token_urlsafe(32)
        self._database = layout.mlflow_db
        self._seen: tuple[int, int] | None = None
        self._told = ""
        self._first_line = threading.Event()
        where = ["--socket", self.socket] if self.socket else ["--port", str(port or 0)]
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "widgets.mlflow_ui.serve", *where],
                env=os.environ
                | {"MATURITY_WORKSPACE": str(layout.root), "PYTHONUTF8": "1", KEY: self.token},
                cwd=layout.root,
                stdin=subprocess.PIPE,  # it closes when this process ends
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=OWN_GROUP,  # a Ctrl-C here is not meant for it
                creationflags=NEW_GROUP,
            )
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def address(self) -> str:
        """Where a browser opens it, if it is on a port."""
        return f"http://127.0.0.1:{self.port}/?token={self.token}"

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self.process.poll() is None

    @property
    def shows_what_is_there(self) -> bool:
        """Whether it runs, and on the database that is there now: not on one since replaced."""
        return self.running and self._seen in (None, identity(self._database))

    @property
    def ready(self) -> bool:
        """Whether it can be asked."""
        return self._told.startswith(READY) and self.running

    @property
    def failed(self) -> bool:
        """Whether it has ended, or said that it will, before it could be asked."""
        return self._first_line.is_set() and not self._told.startswith(READY)

    def wait_until_ready(self, tick: Callable[[], None] = lambda: None) -> None:
        """Wait until it can be asked; `tick` is called about every second.

        Raises
        ------
        UiError
            If it ends, or takes too long.
        """
        for _ in range(START_SECONDS):
            if self._first_line.wait(1):
                break
            tick()
        if not self.ready:
            raise self.failure()

    def failure(self) -> UiError:
        """Stop it, and return what to tell a person."""
        self.stop()
        said = self.log.read_bytes().decode(errors="replace").strip().splitlines()
        tail = "\n".join(f"  {line}" for line in said[-LOG_LINES:])
        return UiError(f"The MLflow UI did not start. Its last words:\n{tail}\nAll: {self.log}")

    def stop(self) -> None:
        """End it: politely, then not."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                with suppress(OSError, ValueError):
                    pipe.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.socket:
            shutil.rmtree(Path(self.socket).parent, ignore_errors=True)

    def _listen(self) -> None:
        with suppress(OSError, ValueError):
            line = self.process.stdout.readline() if self.process.stdout else b""
            said = line.decode().split()
            self._seen = identity(self._database)
            self.port = int(said[1]) if len(said) > 1 else 0
            self._told = " ".join(said)
        self._first_line.set()


def identity(file: Path) -> tuple[int, int] | None:
    """Return what tells a file from another one that has taken its place."""
    with suppress(OSError):
        status = file.stat()
        return status.st_dev, status.st_ino
    return None


def socket_path() -> str | None:
    """Return the file of a new unix socket in a folder of this user, or None without such."""
    if not hasattr(socket, "AF_UNIX") or os.name == "nt":
        return None
    folder = tempfile.mkdtemp(prefix="maturity-mlflow-")
    path = str(Path(folder) / "ui")
    if len(os.fsencode(path)) <= LONGEST_SOCKET:
        return path
    Path(folder).rmdir()
    return None
