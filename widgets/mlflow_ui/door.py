"""Keeps the MLflow UI on a port for who has its token: a port is open to all users of a machine.

A unix socket needs no such door: its folder is its user's alone.
"""

import secrets
from collections.abc import Mapping
from urllib.parse import parse_qs

from widgets.mlflow_ui.app import App, Receive, Scope, Send, answer

READING = {"GET", "HEAD", "OPTIONS"}
OWN_NAMES = ("127.0.0.1", "localhost")
CLOSED = (
    b"These pages belong to one user of this machine. Open the address that `maturity ui` has "
    b"printed: it ends in a token."
)
FOREIGN = b"This server answers under 127.0.0.1 and localhost only."
ELSEWHERE = b"Only pages of this server may ask it something."


class Door:
    """Lets requests through to the UI that bring its token, from its own pages.

    A browser brings the token once in the address and from then on in a cookie; a program in the
    header ``Authorization: Bearer``.

    Parameters
    ----------
    app
        What answers behind the door.
    token
        The token.
    port
        Where the server listens.
    origin
        Under which its pages are seen as well, where a host forwards the port to its user.
    """

    def __init__(self, app: App, token: str, port: int, origin: str = "") -> None:
        self._app = app
        self._token = token
        self._cookie = f"maturity-mlflow-{port}"  # cookies know no ports
        self._origin = origin
        self._hosts = {*OWN_NAMES, *(f"{name}:{port}" for name in OWN_NAMES)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {
            name.decode("latin-1"): text.decode("latin-1") for name, text in scope["headers"]
        }
        asked = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        if headers.get("host") not in self._hosts:
            await answer(send, 400, FOREIGN, b"text/plain")
        elif self._is_token(headers.get("authorization", "").removeprefix("Bearer ")):
            await self._app(scope, receive, send)
        elif scope["method"] == "GET" and self._is_token(asked.get("token", [""])[0]):
            await self._enter(send)
        elif not self._is_token(self._brought(headers)):
            await answer(send, 401, CLOSED, b"text/plain")
        elif not is_own(headers, scope["method"], self._origin):
            await answer(send, 403, ELSEWHERE, b"text/plain")
        else:
            await self._app(scope, receive, send)

    def _is_token(self, text: str) -> bool:
        return secrets.compare_digest(text.encode(), self._token.encode())

    def _brought(self, headers: Mapping[str, str]) -> str:
        """Return what stands in the cookie; other programs' cookies stand beside it."""
        cookies = (each.strip().partition("=") for each in headers.get("cookie", "").split(";"))
        return {name: value for name, _, value in cookies}.get(self._cookie, "")

    async def _enter(self, send: Send) -> None:
        """Put the token into a cookie, and lead to the address without it."""
        cookie = f"{self._cookie}={self._token}; HttpOnly; SameSite=Lax; Path=/"
        headers = [
            (b"location", b"/"),
            (b"set-cookie", cookie.encode()),
            (b"referrer-policy", b"no-referrer"),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


def is_own(headers: Mapping[str, str], method: str, forwarded: str = "") -> bool:
    """Return whether a request comes from a page of this server, or from no page.

    A link from elsewhere may lead here; a page from elsewhere may not ask.
    """
    origin = headers.get("origin")
    if origin is not None and origin not in {f"http://{headers['host']}", forwarded or None}:
        return False
    site = headers.get("sec-fetch-site", "none")  # a browser's word, which a page cannot change
    followed = method in READING and headers.get("sec-fetch-mode") == "navigate"
    return site in {"same-origin", "none"} or followed
