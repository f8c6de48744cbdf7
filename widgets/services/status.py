"""What a model server says of itself: its file, and its answers on this machine."""

import http.client
import json
import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from widgets.base.paths import Layout

MODULE = "flights.serve"
PATIENCE = 2.0  # seconds for a sign of life
OUTDATED = "Your code has changed since it was started: stop it and start it anew."


@dataclass(frozen=True)
class Status:
    """How the server of a workspace is.

    Attributes
    ----------
    running : bool
        Whether its process is there.
    answers : bool
        Whether that answers at all.
    url : str
        Where it answers, or nothing.
    version : int or None
        Which version of the model answers.
    ready : bool
        Whether it can answer questions.
    problem : str
        What is wrong, for a person; or nothing.
    outdated : bool
        Whether the project's code was changed after it was started.
    """

    running: bool = False
    answers: bool = False
    url: str = ""
    version: int | None = None
    ready: bool = False
    problem: str = ""
    outdated: bool = False


@dataclass(frozen=True)
class Told:
    """What stands in the server's files: its address, process, start, and its token if any."""

    url: str
    pid: int
    started: float
    token: str = field(default="", repr=False)


def read_told(layout: Layout) -> Told | None:
    """Return what the server's file says, or None if it is not there or is damaged."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        told = json.loads(layout.server_file.read_text(encoding="utf-8"))
        url, pid = str(told["url"]), int(told["pid"])
        return Told(url, pid, moment(told.get("started_at")), read_token(layout))
    return None


def read_token(layout: Layout) -> str:
    """Return what the server wants to hear, or nothing: a server of one's own may want nothing."""
    with suppress(OSError, UnicodeDecodeError):
        return layout.server_token.read_text(encoding="utf-8").strip()
    return ""


def moment(text: object) -> float:
    """Return a time in ISO format as seconds since 1970; what is none has never been."""
    with suppress(ValueError):
        return datetime.fromisoformat(str(text)).timestamp()
    return math.inf


def process_of(told: Told | None) -> psutil.Process | None:
    """Return the process that a server's file names, if it is there and is such a server.

    A number is given again: after a crash it may be that of any program.
    """
    with suppress(psutil.Error, OverflowError, ValueError):
        if told and told.pid > 0:
            process = psutil.Process(told.pid)
            if process.status() != psutil.STATUS_ZOMBIE and is_server(process.cmdline()):
                return process
    return None


def is_server(words: Sequence[str]) -> bool:
    """Return whether the words of a command line start a model server."""
    named = ("-m", MODULE) in pairwise(words)
    paths = [Path(word.replace("\\", "/")) for word in words]
    return named or any(
        path.stem == "flights-serve" or path.parts[-2:] == ("flights", "serve.py") for path in paths
    )


def look(layout: Layout) -> Status:
    """Return how the server is that the workspace's file names."""
    told = read_told(layout)
    if told is None or process_of(told) is None:
        return Status()
    try:
        alive, _ = ask(told, "/health")
        status, said = ask(told, "/ready")
    except OSError as error:
        return Status(True, False, told.url, problem=f"It does not answer ({error}).")
    if alive != 200:
        return Status(True, False, told.url, problem=f"/health answers {alive}, not 200.")
    version = said.get("version")
    ready = status == 200
    problem = str(said.get("problem") or "")
    if not ready and not problem:
        problem = f"/ready answers {status}: it cannot answer questions yet."
    outdated = changed_since(layout, told.started)
    if outdated and not problem:
        problem = OUTDATED
    number = version if isinstance(version, int) else None
    return Status(True, True, told.url, number, ready, problem, outdated)


def changed_since(layout: Layout, started: float) -> bool:
    """Return whether a file of the project's package was changed after a server had started."""
    with suppress(OSError):
        changed = [path.stat().st_mtime for path in layout.project.glob("flights/*.py")]
        return max(changed, default=0.0) > started
    return False


def ask(
    told: Told, path: str, question: object = None, patience: float = PATIENCE
) -> tuple[int, dict[str, Any]]:
    """Ask a server something, a POST if there is a question; return the status and the answer.

    Raises
    ------
    OSError
        If it does not answer.
    """
    place = urlsplit(told.url)
    connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=patience)
    body = None if question is None else json.dumps(question).encode()
    try:
        headers = {"Content-Type": "application/json"}
        if told.token:
            headers["Authorization"] = f"Bearer {told.token}"
        connection.request("GET" if body is None else "POST", path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
    except (http.client.HTTPException, ValueError) as error:
        raise OSError(f"{type(error).__name__}: {error}") from None
    finally:
        connection.close()
    with suppress(ValueError):
        said = json.loads(text)
        if isinstance(said, dict):
            return answer.status, said
    return answer.status, {"text": text.decode("utf-8", errors="replace")}
