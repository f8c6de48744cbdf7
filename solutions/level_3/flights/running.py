"""Asks the running server of this workspace which version answers."""

import http.client
import json
import time
from urllib.parse import urlsplit

from flights.access import authorization
from flights.settings import Settings

CHANGE_SECONDS = 15.0  # in which it must answer with a new champion
POLL = 0.1


def wait_for_server(version: int | None, settings: Settings) -> str:
    """Wait until the running server answers with a version; return why it does not, or nothing.

    Where no server runs there is nothing to wait for: the next one starts with the champion.
    """
    deadline = time.monotonic() + CHANGE_SECONDS
    found: dict[str, object] | None = {}
    while time.monotonic() < deadline:
        found = ask_server(settings)
        if found is None or found.get("version") == version:
            return ""
        if found.get("wanted") == version and found.get("problem"):
            return str(found["problem"])
        time.sleep(POLL)
    return f"the server still answers with {found} after {CHANGE_SECONDS:.0f} seconds"


def ask_server(settings: Settings) -> dict[str, object] | None:
    """Return what the running server says of itself, or None if none runs."""
    try:
        told = json.loads((settings.serving / "server.json").read_text(encoding="utf-8"))
        place = urlsplit(str(told["url"]))
        connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=5)
        connection.request("GET", "/ready", headers=authorization(settings))
        found = json.loads(connection.getresponse().read())
        connection.close()
    except (OSError, ValueError, KeyError, TypeError, http.client.HTTPException):
        return None
    return found if isinstance(found, dict) else None
