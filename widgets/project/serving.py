"""Asks a running service who it is: two questions by GET, and nothing is sent to it."""

import json
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from widgets.base.addresses import shown
from widgets.base.errors import KitError
from widgets.evidence import Finding
from widgets.evidence.mlflow_runs import Tracking
from widgets.maturity import State
from widgets.project.practices import questions

NO_MORE = {"archived", "archive", "deprecated", "old", "retired", "previous", "none"}
CURRENT = {
    *("champion", "production", "prod", "live", "current", "serving", "deployed", "active"),
    *("stable", "default", "released"),
}  # what teams call the version that is to answer
SECONDS = 4.0
BYTES = 2_000_000
IDENTITY = ("ready", "version", "health", "healthz", "info", "")
COUNTERS = re.compile(
    r"^([A-Za-z_:][\w:]*(?:_total|_count|_bucket))(?:\{[^\n]*\})?\s+[\d.eE+-]+", re.M
)


@dataclass(frozen=True)
class Service:
    """What a service said of itself.

    Attributes
    ----------
    where : str
        Its address, fit to be shown.
    answers : bool
        Whether it answered at all.
    model, version : str
        The model's name and version, as far as it names them; else empty.
    said_at : str
        The path that named them.
    counters : tuple of str
        The names of the counters at /metrics.
    """

    where: str
    answers: bool = False
    model: str = ""
    version: str = ""
    said_at: str = ""
    counters: tuple[str, ...] = ()


def ask_service(url: str, token_file: Path | None = None) -> Service:
    """Return what a service says of itself.

    Parameters
    ----------
    url : str
        Its address.
    token_file : Path, optional
        The file with the token that it wants to hear; a redirect is not followed with it.

    Raises
    ------
    KitError
        If the address is not one of http, or the file cannot be read.
    """
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        known = False
    if not known:
        raise KitError(f"{shown(url)}: no address of a service. Name it as http://host:port.")
    base, where, token = url.rstrip("/"), shown(url), read_token(token_file)
    answers, model, version, said_at = False, "", "", ""
    for path in IDENTITY:
        text = _get(f"{base}/{path}", token)
        answers = answers or text is not None
        found = model_in(text)
        if found:
            (model, version), said_at = found, f"/{path}"
            break
    metrics = _get(f"{base}/metrics", token)
    names = tuple(sorted(set(COUNTERS.findall(metrics or ""))))
    return Service(where, answers or metrics is not None, model, version, said_at, names)


def read_token(file: Path | None) -> str:
    """Return the token in a file, or nothing without a file.

    Raises
    ------
    KitError
        If it cannot be read, or holds more than one word.
    """
    if file is None:
        return ""
    try:
        token = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise KitError(f"{file}: the service's token cannot be read ({error}).") from error
    if len(token.split()) != 1 or not token.isascii():
        raise KitError(f"{file}: wanted is the service's token, one word, and nothing else.")
    return token


def model_in(text: str | None) -> tuple[str, str] | None:
    """Return the model and its version that an answer names; None if it names none.

    Only a version that is said to be the model's counts: most services have one of their own.
    """
    try:
        told = json.loads(text or "")
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    inner = told.get("model")
    if isinstance(inner, dict):
        return _pair(inner.get("name"), inner.get("version"))
    if "model_version" in told:
        return _pair(told.get("model_name", inner), told["model_version"])
    return None


def _pair(name: object, version: object) -> tuple[str, str] | None:
    if isinstance(version, bool) or not isinstance(version, str | int):
        return None
    return (name if isinstance(name, str) else "", str(version).removeprefix("v"))


def service_findings(service: Service | None, tracking: Tracking | None) -> list[Finding]:
    """Return what is seen of serving and of monitoring."""
    shows = {name: each.shows for name, each in questions().items()}
    if service is None or not service.answers:
        where = service.where if service else "--serving-url"
        what = "it does not answer" if service else "no service was looked at"
        return [
            Finding(practice, State.HIDDEN, what, where, f"Would show it: {shows[practice]}.")
            for practice in ("serving-from-registry", "basic-monitoring")
        ]
    return [_agrees(service, tracking), _counts(service)]


def _agrees(service: Service, tracking: Tracking | None) -> Finding:
    practice = "serving-from-registry"
    where = f"{service.where}{service.said_at}"
    if not service.version:
        what, mend = (
            "it does not say which version of the model answers",
            questions()[practice].next,
        )
        return Finding(practice, State.MISSING, what, where, mend)
    what = f"version {service.version} of {service.model or 'a model without a name'} answers"
    pointed: Mapping[str, list[str]] = {
        str(version.version): list(version.aliases)
        for version in (tracking.versions if tracking else ())
        if {name.lower() for name in version.aliases} - NO_MORE
    }
    if not pointed:
        mend = "Name the registry as well: --tracking-uri."
        return Finding(practice, State.CLAIMED, what, where, mend)
    assert tracking is not None
    if service.model not in ("", tracking.model):
        what += f"; the registry that was looked at holds {tracking.model}"
        return Finding(practice, State.CLAIMED, what, where, "Name its model with --model.")
    if service.version not in pointed:
        what += f"; the aliases point to version {', '.join(pointed)}"
        return Finding(practice, State.MISSING, what, where, questions()[practice].next)
    called = pointed[service.version]
    what += f", and the registry calls it {', '.join(called)}, at this moment"
    if not CURRENT & {name.lower() for name in called}:
        others = {v: names for v, names in pointed.items() if CURRENT & {n.lower() for n in names}}
        if others:
            what += f"; version {', '.join(others)} is the one that is to answer"
            return Finding(practice, State.MISSING, what, where, questions()[practice].next)
        mend = "Whether that name means the one that is to answer, only you know: champion would."
        return Finding(practice, State.CLAIMED, what, where, mend)
    if not service.model:
        mend = "Let the service name its model as well as the version."
        return Finding(practice, State.CLAIMED, what, where, mend)
    return Finding(practice, State.PROVED, what, f"{where}; {tracking.where}")


def _counts(service: Service) -> Finding:
    practice, where = "basic-monitoring", f"{service.where}/metrics"
    if not service.counters:
        mend = questions()[practice].next
        return Finding(practice, State.MISSING, "no counters are answered", where, mend)
    what = f"{len(service.counters)} counters are answered ({', '.join(service.counters[:3])}, …)"
    mend = "Whether each prediction is written down, only you can look up."
    return Finding(practice, State.CLAIMED, what, where, mend)


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def _get(address: str, token: str) -> str | None:
    """Return an answer's text, or None without a good one in time."""
    told: list[str | None] = []
    # Head lines that drip one by one are never over: no limit of the socket ends them.
    asking = threading.Thread(target=lambda: told.append(_read(address, token)), daemon=True)
    asking.start()
    asking.join(SECONDS + 1)
    return told[0] if told else None


def _read(address: str, token: str) -> str | None:
    headers = {"Accept": "application/json, text/plain"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = Request(address, headers=headers)  # noqa: S310
    until = time.monotonic() + SECONDS
    try:
        with build_opener(_NoRedirect(), ProxyHandler({})).open(request, timeout=SECONDS) as answer:
            raw = b""
            while part := answer.read1(65536):
                raw += part
                if len(raw) > BYTES or time.monotonic() > until:
                    return None
            return raw.decode(errors="replace")
    except (URLError, OSError, HTTPException, ValueError):
        return None
