"""Starts the learner's model server, watches it, and stops it again."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress

import psutil

from widgets.base.errors import KitError
from widgets.base.paths import Layout
from widgets.base.processes import NEW_GROUP, OWN_GROUP, end_all
from widgets.services.keeper import POLITE_SECONDS
from widgets.services.status import MODULE, Status, ask, look, process_of, read_told

START_SECONDS = 90.0
LOG_LINES = 10
POLL = 0.1


class ServerError(KitError):
    """The model server did not start; the message holds its log's last lines."""


class ModelServer:
    """The model server of a workspace; there is at most one, whoever started it.

    What is started here ends with this process, whatever ends that one: a keeper stands between
    them. A server that somebody started in a terminal is found by its file, and can be stopped.

    Parameters
    ----------
    layout : Layout
        The workspace.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._keeper: subprocess.Popen[bytes] | None = None
        self.log = layout.logs / "server.log"

    @property
    def kept(self) -> bool:
        """Whether a server runs that was started here."""
        return self._keeper is not None and self._keeper.poll() is None

    def start(self, tick: Callable[[], None] = lambda: None) -> Status:
        """Start the server, unless one runs; return how it is when it answers.

        Parameters
        ----------
        tick : callable, optional
            Called about every second until then.

        Raises
        ------
        ServerError
            If it does not start; what a server that does not answer has left is cleared away.
        """
        found = self._answering(5.0) if process_of(read_told(self._layout)) else None
        if found:
            return found
        self.stop()
        if not (self._layout.project / "flights" / "serve.py").is_file():
            raise ServerError(
                "Your project has no server yet: exercise 3.2 brings flights/serve.py."
            )
        self._keeper = self._run()
        until = time.monotonic() + START_SECONDS
        told = time.monotonic()
        while time.monotonic() < until:
            if not self.kept:
                break
            if (found := look(self._layout)).answers:
                return found
            if time.monotonic() - told >= 1:
                told = time.monotonic()
                tick()
            time.sleep(POLL)
        elsewhere = self._answering(START_SECONDS if self._starts_elsewhere() else 0.0)
        if elsewhere:
            self._keeper = None
            return elsewhere
        self.stop()
        raise ServerError(f"The model server did not start.{self._last_words()}")

    def stop(self) -> None:
        """End the server: in order, then not. Without one it does nothing."""
        if self._keeper:
            if self._keeper.stdin:
                with suppress(OSError):
                    self._keeper.stdin.close()
            with suppress(subprocess.TimeoutExpired):
                self._keeper.wait(POLITE_SECONDS + 3)
            self._keeper = None
        told = read_told(self._layout)
        if process := process_of(told):
            end_in_order(process)
        if told and process_of(told) is None and read_told(self._layout) == told:
            self._layout.server_file.unlink(missing_ok=True)
            self._layout.server_token.unlink(missing_ok=True)

    def wait(self) -> None:
        """Wait until the server that was started here has ended.

        Raises
        ------
        ServerError
            If nobody has asked it to.
        """
        if self._keeper and self._keeper.wait() != 0:
            raise ServerError(self.status().problem)

    def status(self) -> Status:
        """Return how the server is; one that has died is told as a problem."""
        found = look(self._layout)
        if found.running:
            return found
        if self._keeper is not None and self._keeper.poll() not in (None, 0):
            return Status(problem=f"The model server has ended by itself.{self._last_words()}")
        if read_told(self._layout):
            return Status(problem="The model server has ended without a word. Start it again.")
        return Status()

    def ask(self, path: str, question: object = None) -> tuple[int, dict[str, object]]:
        """Ask the running server; return the HTTP status (0: no answer) and what it said."""
        told = read_told(self._layout)
        if told is None:
            return 0, {"problem": "No model server runs here yet: exercise 3.2."}
        try:
            return ask(told, path, question, patience=10.0)
        except OSError as error:
            return 0, {"problem": f"The model server does not answer ({error})."}

    def _run(self) -> "subprocess.Popen[bytes]":
        self.log.parent.mkdir(parents=True, exist_ok=True)
        server = [sys.executable, "-m", MODULE]
        with self.log.open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "widgets.services.keeper", *server],
                env=environment(self._layout),
                cwd=self._layout.project,
                stdin=subprocess.PIPE,  # it closes when this process ends
                stdout=log,
                stderr=log,
                start_new_session=OWN_GROUP,  # a Ctrl-C here is not meant for it
                creationflags=NEW_GROUP,
            )

    def _answering(self, seconds: float) -> Status | None:
        until = time.monotonic() + seconds
        while True:
            found = look(self._layout)
            if found.answers:
                return found
            if time.monotonic() > until:
                return None
            time.sleep(POLL)

    def _starts_elsewhere(self) -> bool:
        """Return whether the one that we started gave way to one that is just starting."""
        return not self.kept and "running already" in self._said()

    def _said(self) -> str:
        with suppress(OSError):
            return self.log.read_text(encoding="utf-8", errors="replace").strip()
        return ""

    def _last_words(self) -> str:
        said = self._said().splitlines()[-LOG_LINES:]
        tail = "\n".join(f"  {line}" for line in said)
        return f" Its last words:\n{tail}\nAll: {self.log}"


def environment(layout: Layout) -> dict[str, str]:
    """Return the environment in which a server works for this workspace, and for no other."""
    return os.environ | {
        "FLIGHTS_WORKSPACE": str(layout.root),
        "GIT_CEILING_DIRECTORIES": str(layout.root),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
        "PYTHONPATH": str(layout.project),
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
    }


def end_in_order(process: psutil.Process) -> None:
    """End a server that somebody else started, and if need be all that it started itself."""
    with suppress(psutil.Error):
        family = process.children(recursive=True)
        process.terminate()
        try:
            process.wait(POLITE_SECONDS)
        except psutil.TimeoutExpired:
            end_all([process, *family])
            process.wait(POLITE_SECONDS)
