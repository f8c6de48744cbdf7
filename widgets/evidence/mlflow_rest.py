"""Reads an MLflow server by its REST interface: a bounded number of requests, all of them reading.

Passwords come from where MLflow takes them (MLFLOW_TRACKING_USERNAME and _PASSWORD, or _TOKEN), go
to the named address alone (no redirect is followed) and are never shown.
"""

import base64
import json
import os
import time
from http.client import HTTPException, HTTPResponse
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import quote, unquote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

from pydantic import BaseModel, ValidationError

from widgets.base.addresses import shown
from widgets.evidence.mlflow_messages import (
    Directory,
    Experiments,
    LoggedModel,
    Models,
    OneExperiment,
    OneModel,
    OneRun,
    RunMessage,
    Runs,
    VersionMessage,
    Versions,
)
from widgets.evidence.mlflow_runs import (
    NEWEST,
    Run,
    Tracking,
    UnseenError,
    Version,
    names_of,
)
from widgets.evidence.model_files import holds_model
from widgets.maturity import State

SECONDS = 4.0  # for one answer
IN_ALL = 20.0  # for all of them together
BYTES = 32_000_000  # of one answer
PAGE = 250
ORIGINS = 50  # runs and models that are asked for one by one, newest versions first

Message = TypeVar("Message", bound=BaseModel)


class RestSource:
    """One MLflow server.

    Parameters
    ----------
    uri : str
        Its tracking address, `http://…` or `https://…`.
    """

    def __init__(self, uri: str) -> None:
        parts = urlsplit(uri)
        host = parts.netloc.rpartition("@")[2]
        self._base = f"{parts.scheme}://{host}{parts.path.rstrip('/')}/api/2.0/mlflow/"
        self._where = shown(uri)
        self._headers = {"Accept": "application/json"} | _authorization(
            unquote(parts.username or ""), unquote(parts.password or "")
        )

    def read(self, experiment: str, model: str) -> Tracking:
        """Return what the server answers now."""
        asking = _Asking(self._base, self._headers)
        try:
            return self._tracking(asking, experiment, model)
        except HTTPError as error:
            raise self._refused(error) from None
        except ValidationError:
            what = "it does not answer as an MLflow server does"
            raise self._hidden(what, "Name the address that MLflow clients use.") from None
        except (URLError, OSError, HTTPException, ValueError) as error:
            why = getattr(error, "reason", error) or type(error).__name__
            raise self._hidden(f"no answer ({why})", "Start it, or name its address.") from None

    def _tracking(self, asking: "_Asking", experiment: str, model: str) -> Tracking:
        experiments = asking.get("experiments/search", Experiments, max_results="100")
        found = (
            asking.get_if_there(
                "experiments/get-by-name", OneExperiment, experiment_name=experiment
            )
            if experiment
            else None
        )
        runs: list[Run] = []
        if found is not None and found.experiment.lifecycle_stage == "active":
            messages = self._runs(asking, found.experiment.experiment_id)
            runs = [message.run(experiment) for message in messages]
        registered = (
            asking.get_if_there("registered-models/get", OneModel, name=model) if model else None
        )
        versions = self._versions(asking, registered) if registered else ()
        origins = {run.id: run for run in runs}
        for version in reversed(versions):
            if version.run_id and version.run_id not in origins and asking.may_ask_one():
                one = asking.get_if_there("runs/get", OneRun, run_id=version.run_id)
                if one is not None:
                    origins[version.run_id] = one.run.run("")
        return Tracking(
            self._where,
            experiment,
            model,
            tuple(each.name for each in experiments.experiments),
            (model,) if registered else () if model else self._models(asking),
            tuple(sorted(runs, key=lambda run: run.started_at)),
            versions,
            origins,
        )

    def _models(self, asking: "_Asking") -> tuple[str, ...]:
        found = asking.get("registered-models/search", Models, max_results="100")
        return tuple(each.name for each in found.registered_models)

    def _runs(self, asking: "_Asking", number: str) -> list[RunMessage]:
        messages: list[RunMessage] = []
        token = ""
        while len(messages) < NEWEST:
            page = asking.post(
                "runs/search",
                Runs,
                experiment_ids=[number],
                run_view_type="ACTIVE_ONLY",
                max_results=PAGE,
                order_by=["attributes.start_time DESC"],
                **({"page_token": token} if token else {}),
            )
            messages += page.runs
            token = page.next_page_token
            if not token or not page.runs:
                break
        return messages[:NEWEST]

    def _versions(self, asking: "_Asking", registered: OneModel) -> tuple[Version, ...]:
        name = registered.registered_model.name
        quoted = name.replace("'", "\\'")
        messages: list[VersionMessage] = []
        token = ""
        while len(messages) < NEWEST:
            page = asking.get(
                "model-versions/search",
                Versions,
                filter=f"name='{quoted}'",
                max_results=str(PAGE),
                order_by="version_number DESC",
                **({"page_token": token} if token else {}),
            )
            messages += page.model_versions
            token = page.next_page_token
            if not token or not page.model_versions:
                break
        aliases = registered.registered_model.aliases
        newest = sorted(messages, key=lambda message: int(message.version), reverse=True)[:NEWEST]
        versions = []
        for message in newest:
            made_by, files = _model(asking, message)
            pointing = (a.alias for a in aliases if a.version == message.version)
            names = names_of(pointing, message.current_stage)
            versions.append(message.value(names, made_by, files))
        return tuple(reversed(versions))

    def _refused(self, error: HTTPError) -> UnseenError:
        error.close()
        if error.code in (401, 403):
            mend = "Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD (or _TOKEN)."
            return self._hidden(f"it does not let us in ({error.code})", mend)
        if 300 <= error.code < 400:
            mend = "Name the address where it really is."
            return self._hidden(f"it sends elsewhere ({error.code})", mend)
        mend = "Look into the server's log, or name the address that MLflow clients use."
        return self._hidden(f"it answers {error.code}", mend)

    def _hidden(self, what: str, mend: str) -> UnseenError:
        return UnseenError(State.HIDDEN, what, self._where, mend)


class _Asking:
    """The requests of one reading, with what they may cost."""

    def __init__(self, base: str, headers: dict[str, str]) -> None:
        self._base, self._headers = base, headers
        self._opener: OpenerDirector = build_opener(_NoRedirect())
        self._until = time.monotonic() + IN_ALL
        self._singles = ORIGINS

    def may_ask_one(self) -> bool:
        """Return whether one more single run or model may be asked for."""
        self._singles -= 1
        return self._singles >= 0

    def get(self, path: str, message: type[Message], **query: str) -> Message:
        asked = f"?{urlencode(query)}" if query else ""
        return self._ask(Request(f"{self._base}{path}{asked}", headers=self._headers), message)  # noqa: S310

    def get_if_there(self, path: str, message: type[Message], **query: str) -> Message | None:
        """Return the answer, or None if the server says that there is no such thing."""
        try:
            return self.get(path, message, **query)
        except HTTPError as error:
            if error.code != 404 or b"RESOURCE_DOES_NOT_EXIST" not in error.read(10_000):
                raise
            error.close()
            return None

    def post(self, path: str, message: type[Message], **body: Any) -> Message:
        headers = self._headers | {"Content-Type": "application/json"}
        data = json.dumps(body).encode()
        return self._ask(Request(f"{self._base}{path}", data, headers), message)  # noqa: S310

    def _ask(self, request: Request, message: type[Message]) -> Message:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"its answers took more than {IN_ALL:.0f} seconds")
        with self._opener.open(request, timeout=min(SECONDS, left)) as answer:
            return message.model_validate_json(_whole(answer, self._until))


class _NoRedirect(HTTPRedirectHandler):
    """Turns a redirect into an error: a password must not follow it to another host."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _whole(answer: HTTPResponse, until: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    while part := answer.read1(65536):  # what has come: a drip must not outlast the time
        size += len(part)
        parts.append(part)
        if size > BYTES:
            raise ValueError(f"an answer of more than {BYTES // 1_000_000} MB")
        if time.monotonic() > until:
            raise TimeoutError(f"its answers took more than {IN_ALL:.0f} seconds")
    return b"".join(parts)


def _authorization(user: str, password: str) -> dict[str, str]:
    user = os.environ.get("MLFLOW_TRACKING_USERNAME", user)
    password = os.environ.get("MLFLOW_TRACKING_PASSWORD", password)
    token = os.environ.get("MLFLOW_TRACKING_TOKEN")
    if user and password:
        pair = base64.b64encode(f"{user}:{password}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}
    return {"Authorization": f"Bearer {token}"} if token else {}


def _model(asking: _Asking, version: VersionMessage) -> tuple[str | None, bool | None]:
    """Return the run that made the version's model, and whether its files are there."""
    logged = version.source.removeprefix("models:/")
    if logged == version.source:  # a folder of the server's machine, or a store of its own
        return None, None
    if not asking.may_ask_one():
        return None, None
    path = f"logged-models/{quote(logged, safe='')}"
    found = asking.get_if_there(path, LoggedModel)
    if found is None:
        return None, False
    try:
        folder = asking.get(f"{path}/artifacts/directories", Directory)
    except HTTPError as error:
        error.close()
        return found.model.info.source_run_id or None, None
    names = {file.path.rpartition("/")[2] for file in folder.files}
    return found.model.info.source_run_id or None, holds_model(names)
