"""A client of the learner's model server: one connection that stays open, and no second try."""

import http.client
import json
import select
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

PATIENCE = 10.0  # seconds for an answer
IDLE = 2.0  # seconds after which a connection is made anew: servers close those that rest
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Reply:
    """What came back: a status (0: no answer), a body, and why there was no answer."""

    status: int
    body: bytes = b""
    error: str = ""


class Client:
    """One client of the server whose address stands in a file.

    The address is read for each new connection. So a server that was started anew, on another
    port, is found by the request that follows the failed one.

    Parameters
    ----------
    server_file : Path
        The file with the server's address, `serving/server.json`; its token stands beside it.
    """

    def __init__(self, server_file: Path) -> None:
        self._file = server_file
        self._connection: http.client.HTTPConnection | None = None
        self._used = 0.0
        self._headers = JSON

    def ask(self, path: str, body: bytes | None = None) -> Reply:
        """Send one request, a POST if there is a body; whatever goes wrong is in the reply."""
        try:
            connection = self._open()
            connection.request("GET" if body is None else "POST", path, body, self._headers)
            answer = connection.getresponse()
            reply = Reply(answer.status, answer.read())
        except (OSError, http.client.HTTPException) as error:
            self.close()
            return Reply(0, error=f"{type(error).__name__}: {error}")
        self._used = time.monotonic()
        return reply

    def close(self) -> None:
        """Close the connection; the next request opens another one."""
        if self._connection:
            self._connection.close()
        self._connection = None

    def _open(self) -> http.client.HTTPConnection:
        if self._connection and (
            time.monotonic() - self._used > IDLE or is_left(self._connection.sock)
        ):
            self.close()
        if self._connection is None:
            place = address(self._file)
            if place is None:
                raise ConnectionError(f"no server: {self._file.name} is not there")
            self._connection = http.client.HTTPConnection(*place, timeout=PATIENCE)
            self._headers = JSON | authorization(self._file)
        return self._connection


def is_left(line: socket.socket | None) -> bool:
    """Return whether the other side has closed a connection on which no answer is awaited."""
    try:
        return line is None or bool(select.select([line], [], [], 0)[0])
    except (OSError, ValueError):
        return True


def address(server_file: Path) -> tuple[str, int] | None:
    """Return the host and the port of the running server, or None if none says where it is."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        place = urlsplit(str(json.loads(server_file.read_text(encoding="utf-8"))["url"]))
        if place.hostname and place.port:
            return place.hostname, place.port
    return None


def authorization(server_file: Path) -> dict[str, str]:
    """Return the header with the running server's token, or none: not every server wants one."""
    with suppress(OSError, UnicodeDecodeError):
        token = server_file.with_name("token").read_text(encoding="utf-8").strip()
        return {"Authorization": f"Bearer {token}"}
    return {}
