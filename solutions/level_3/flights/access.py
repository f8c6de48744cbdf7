"""Who may ask the server: whoever can read the token's file, and nobody else on this machine.

127.0.0.1 keeps other machines out, and no other user of this one. So each start makes a token, and
writes it where this user alone can read.
"""

import os
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from flights.settings import Settings

# Liveness, and the description of what can be asked: they say nothing of flights or models.
OPEN = ("/health", "/openapi.json")
REFUSED = (
    b'{"detail": "the token is missing or wrong: send the header Authorization: Bearer TOKEN, '
    b'with what stands in serving/token of the workspace"}'
)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


class TokenDoor:
    """Answers 401 to a request without the token; the application does not see it."""

    def __init__(self, app: App, token: str) -> None:
        self._app = app
        self._wanted = f"Bearer {token}".encode()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] != "http" or scope["path"] in OPEN or self._knows(scope):
            await self._app(scope, receive, send)
            return
        headers = [(b"content-type", b"application/json"), (b"www-authenticate", b"Bearer")]
        headers.append((b"connection", b"close"))  # what else was sent is not read
        await send({"type": "http.response.start", "status": 401, "headers": headers})
        await send({"type": "http.response.body", "body": REFUSED})

    def _knows(self, scope: Message) -> bool:
        told = dict(scope["headers"]).get(b"authorization", b"")
        # Not ==: how long that takes tells how many letters were right.
        return secrets.compare_digest(told, self._wanted)


def token_file(settings: Settings) -> Path:
    """Return where the token of the running server stands."""
    return settings.serving / "token"


def new_token(settings: Settings) -> str:
    """Make a token and write it down, for this user alone to read."""
    token = secrets.token_urlsafe(32)
    file = token_file(settings)
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    # Its mode from the first moment on: whoever opens a file before a chmod can read on after it.
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as opened:
        opened.write(token.encode())
    draft.replace(file)
    return token


def authorization(settings: Settings) -> dict[str, str]:
    """Return the header with which this workspace's server lets a client in."""
    try:
        return {"Authorization": f"Bearer {token_file(settings).read_text(encoding='utf-8')}"}
    except OSError:
        return {}
