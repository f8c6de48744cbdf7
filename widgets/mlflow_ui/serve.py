"""The process of the MLflow UI: one server, on a socket that only this user can reach.

`python -m widgets.mlflow_ui.serve` is started by `process.py`. It writes one line when it is
ready, and ends when its standard input ends: so it never outlives whoever started it.
"""

import argparse
import os
import secrets
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

import uvicorn

from widgets.base.addresses import without_password
from widgets.base.paths import Layout
from widgets.mlflow_ui.app import App, load_app
from widgets.mlflow_ui.door import Door
from widgets.mlflow_ui.process import KEY, READY
from widgets.mlflow_ui.store import ensure_store, is_of_workspace
from widgets.mlflow_ui.targets import server as teams_server

LAST_ANSWERS = 3  # seconds for the requests that are still being answered


class Server(uvicorn.Server):
    """A server that tells when it can be asked.

    Parameters
    ----------
    app
        What answers.
    tell
        Called once, when it does.
    """

    def __init__(self, app: App, tell: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,
                ws="none",
                timeout_graceful_shutdown=1,
            )
        )
        self._tell = tell

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and tell it."""
        await super().startup(sockets)
        self._tell()


def main(argv: Sequence[str] | None = None) -> int:
    """Serve the current workspace until the standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--socket", help="the file of a unix socket")
    parser.add_argument("--port", type=int, default=0, help="else a port; 0 is a free one")
    words = parser.parse_args(argv)
    token = os.environ.pop(KEY, "")
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever else is said goes to the log
    servers: list[Server] = []
    threading.Thread(target=end_with_input, args=(servers, words.socket), daemon=True).start()
    try:
        layout = Layout.current()
        if theirs := teams_server(layout):
            raise SystemExit(f"MLFLOW_TRACKING_URI names a server: its own pages are at {theirs}")
        if is_of_workspace(layout):
            ensure_store(layout)
        listening = bind(words.socket, words.port)
        port = "" if words.socket else listening.getsockname()[1]
        if origin := forwarded_origin(port):
            os.environ.setdefault("MLFLOW_SERVER_CORS_ALLOWED_ORIGINS", origin)
        try:
            app = load_app(layout)
        except Exception:  # MLflow's words may hold the database's address with its password
            raise SystemExit(without_password(traceback.format_exc())) from None
        if not words.socket:
            app = Door(app, token or secrets.token_urlsafe(), int(port), origin)
        servers.append(Server(app, lambda: print(READY, port, file=told, flush=True)))
        servers[0].run(sockets=[listening])
    finally:
        remove(words.socket)
    return 0


def forwarded_origin(port: int | str) -> str:
    """Return the address under which GitHub shows a port of a codespace, or nothing elsewhere.

    The browser names it as the origin of each search, and MLflow answers no origin that it
    does not know.
    """
    name = os.environ.get("CODESPACE_NAME")
    domain = os.environ.get("GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN")
    return f"https://{name}-{port}.{domain}" if name and domain and port else ""


def bind(where: str | None, port: int) -> socket.socket:
    """Return a listening socket: the file `where`, or a port of this machine's own address."""
    if where:
        listening = socket.socket(socket.AF_UNIX)  # type: ignore[attr-defined,unused-ignore]
        listening.bind(where)
    else:
        listening = socket.socket()
        if os.name != "nt":  # there it would take a port that is in use
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            raise SystemExit(f"port {port} cannot be used ({error}): name another one") from None
    return listening


def end_with_input(servers: Sequence[Server], where: str | None) -> None:
    """Wait for the end of the standard input, then stop the server and this process."""
    while os.read(0, 1024):  # unbuffered: a buffer's lock would crash the interpreter's own end
        pass
    for server in servers:
        server.should_exit = True
        time.sleep(LAST_ANSWERS)
    remove(where)
    os._exit(0)


def remove(where: str | None) -> None:
    """Remove the file of a unix socket and the folder that was made for it."""
    if where:
        path = Path(where)
        path.unlink(missing_ok=True)
        if path.parent.is_dir():
            path.parent.rmdir()


if __name__ == "__main__":
    sys.exit(main())
