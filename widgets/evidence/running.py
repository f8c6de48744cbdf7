"""Asks whether a model server runs now: a note, for what is proved lies in the logs."""

import json
import socket
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

HERE = "127.0.0.1"  # no other host is ever asked
SECONDS = 0.5
BYTES = 4096


def running_now(server_file: Path) -> str:
    """Return in a few words whether a server runs here, by one GET /health; empty: none says so."""
    port = port_of(server_file)
    if port is None:
        return ""
    return f"running now on port {port}" if is_alive(port) else "not running now"


def port_of(server_file: Path) -> int | None:
    """Return the port that a server says it has on this machine, or None."""
    with suppress(OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        if server_file.is_file():
            with server_file.open("rb") as file:
                place = urlsplit(json.loads(file.read(BYTES))["url"])
            if place.scheme == "http" and place.hostname == HERE:
                return place.port or None
    return None


def is_alive(port: int) -> bool:
    """Return whether something answers GET /health with 200."""
    asked = f"GET /health HTTP/1.1\r\nHost: {HERE}:{port}\r\nConnection: close\r\n\r\n"
    with suppress(OSError), socket.create_connection((HERE, port), SECONDS) as connection:
        connection.settimeout(SECONDS)
        connection.sendall(asked.encode())
        return connection.recv(64).startswith((b"HTTP/1.1 200 ", b"HTTP/1.0 200 "))
    return False
