"""Addresses as they may be shown: in a report, a log or a notebook, without what opens a door."""

import re
from urllib.parse import urlsplit


def shown(uri: str) -> str:
    """Return `uri` fit to be shown: without a user, a password or a query."""
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname or "", f":{parts.port}" if parts.port else ""
    except ValueError:
        return uri.split(":")[0] + ":…"
    if "@" in uri and not parts.netloc:  # an address whose scheme was forgotten
        return f"…@{uri.rpartition('@')[2]}"
    return f"{parts.scheme}://{host}{port}{parts.path}" if parts.scheme else uri


def without_password(text: str) -> str:
    """Return a text without the names and passwords that addresses in it may hold."""
    return re.sub(r"://[^/\s]+@", "://…@", text)
