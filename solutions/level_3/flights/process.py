"""Runs the server as one process of a workspace, and writes down where it can be asked."""

import json
import os
import signal
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from filelock import FileLock, Timeout

from flights.access import TokenDoor, new_token, token_file
from flights.deploy import DeployError, one_change_over
from flights.events import now
from flights.router import write_whole
from flights.settings import Settings
from flights.store import StoreError, connect

HOST = "127.0.0.1"  # this machine alone


class Announcing(uvicorn.Server):
    """A server that writes its address into a file once it answers."""

    def __init__(self, config: uvicorn.Config, file: Path, url: str) -> None:
        super().__init__(config)
        self._file, self._url = file, url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            told = {"url": self._url, "pid": os.getpid(), "started_at": now()}
            write_whole(self._file, json.dumps(told))
            print(f"the server answers at {self._url}; stop it with Ctrl-C", flush=True)


def run_alone(make_app: Callable[[Settings], FastAPI], settings: Settings, port: int) -> int:
    """Serve until a signal comes; return 0, or 1 if this workspace has a server already."""
    file = settings.serving / "server.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(file.with_suffix(".lock"), timeout=0)
    try:
        lock.acquire()
    except Timeout:
        print(f"a server is running already: {address(file) or 'it is just starting'}")
        return 1
    try:
        # TCP by name: only then asyncio sends each answer at once (TCP_NODELAY). Otherwise the last
        # bytes wait 40 ms for the client's receipt of the first.
        with socket.socket(proto=socket.IPPROTO_TCP) as listening:
            if os.name != "nt":
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((HOST, port))
            url = f"http://{HOST}:{listening.getsockname()[1]}"
            connect(settings)
            with one_change_over(settings):
                pass  # it has mended what a kill may have left half done
            end_in_order()
            app = TokenDoor(make_app(settings), new_token(settings))
            config = uvicorn.Config(app, access_log=False, log_level="warning")
            Announcing(config, file, url).run(sockets=[listening])
    except (OSError, sqlite3.Error, DeployError, StoreError) as error:
        print(f"the server cannot start: {error}")
        return 1
    finally:
        file.unlink(missing_ok=True)
        token_file(settings).unlink(missing_ok=True)
        lock.release()
    return 0


def end_in_order() -> None:
    """Let SIGTERM and SIGINT end this process with its last steps done, and exit code 0.

    Windows has no SIGTERM that another program could send; there SIGBREAK takes its place.
    """

    def end(number: int, frame: object) -> None:
        raise SystemExit(0)

    for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), end)


def address(file: Path) -> str:
    """Return where the server of this workspace can be asked, or nothing."""
    try:
        return str(json.loads(file.read_text(encoding="utf-8"))["url"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
