"""What does not get as far as our code: foreign hosts, bodies that are too large or are wrong."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.trustedhost import TrustedHostMiddleware
from fastapi.responses import JSONResponse

OWN_NAMES = ["127.0.0.1", "localhost"]
LARGEST = 2_000_000  # bytes: a thousand flights are 300,000
MOST_FAULTS = 20  # in one answer

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


class BodyLimit:
    """Answers 413 to a body that is larger than LARGEST, without reading it to its end."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Read the body, as far as is allowed, before the application sees the request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = b""
        more = True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return  # the client has gone
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > LARGEST:
                await refuse(send)
                return
        told = False

        async def whole() -> Message:
            nonlocal told
            if told:
                return await receive()
            told = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, whole, send)


async def refuse(send: Send) -> None:
    """Answer that the body is too large."""
    text = b'{"detail": "the body is larger than %d bytes: ask in several requests"}' % LARGEST
    kind = (b"content-type", b"application/json")
    headers = [kind, (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": text})


async def name_faults(request: Request, error: Exception) -> JSONResponse:
    """Answer 422 with each fault's place and kind; what was sent is not sent back."""
    assert isinstance(error, RequestValidationError)
    faults = [{name: each[name] for name in ("loc", "msg", "type")} for each in error.errors()]
    return JSONResponse({"detail": faults[:MOST_FAULTS]}, status_code=422)


def protect(app: FastAPI) -> None:
    """Let only requests through that are meant for this machine, and not too large.

    A page from elsewhere that a browser shows could otherwise ask us under its own name
    ("DNS rebinding").
    """
    app.add_exception_handler(RequestValidationError, name_faults)
    app.add_middleware(BodyLimit)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=OWN_NAMES)
