"""MLflow's web app for one workspace: with a calm first page, and without the assistant."""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from widgets.base.imports import large_imports
from widgets.base.paths import Layout
from widgets.mlflow_ui.store import QUIET

# What MLflow's own `mlflow server` tells its workers, and what we tell both.
SERVER = {
    **QUIET,
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "_MLFLOW_SGI_NAME": "uvicorn",
    "_MLFLOW_IN_JOB_EXECUTOR": "false",
}
# The first page in "model training", with no assistant and no news over it. Who has chosen
# otherwise keeps it; only the assistant's buttons stay away, since nothing is behind them.
FIRST_VIEW = """<style>[data-assistant-ui] { display: none !important; }</style><script>
for (const [key, value] of [
  ["mlflow.workflowType_v1", '"machine_learning"'],
  ["_mlflow_model_registry_promo_modal_dismissed_v1", "true"],
  ["mlflow.assistant.fab.autoOpenedOnFirstLoad_v1", "true"],
  ["mlflow.assistant.panelOpen_v1", "false"],
]) if (localStorage.getItem(key) === null) localStorage.setItem(key, value);
</script>"""
ASSISTANT = "/ajax-api/3.0/mlflow/assistant"

Scope = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Front:
    """MLflow's app with a calm first page, and without the assistant's programs.

    Parameters
    ----------
    app
        MLflow's app.
    page
        The first page, as it is sent.
    """

    def __init__(self, app: App, page: bytes) -> None:
        self._app = app
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = scope.get("path", "")
        if scope["type"] == "http" and path == "/" and scope["method"] == "GET":
            await answer(send, 200, self._page, b"text/html; charset=utf-8")
        elif scope["type"] == "http" and path.startswith(ASSISTANT):
            await answer(send, 404, b"There is no assistant here.", b"text/plain")
        else:
            await self._app(scope, receive, send)


async def answer(send: Send, status: int, body: bytes, kind: bytes) -> None:
    """Answer a request with a short body of our own."""
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-cache"),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"SAMEORIGIN"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def first_page(html: str) -> bytes:
    """Return MLflow's page with its first view settled before its own scripts run."""
    return html.replace("<script", f"{FIRST_VIEW}<script", 1).encode()


def load_app(layout: Layout) -> App:
    """Return the app for a workspace; a database that cannot be opened is an error here."""
    artifacts = layout.mlflow_artifacts.as_uri()
    os.environ.update(
        SERVER,
        _MLFLOW_SERVER_FILE_STORE=layout.tracking_uri,
        _MLFLOW_SERVER_ARTIFACT_ROOT=artifacts,
    )
    with large_imports():
        from mlflow import server
        from mlflow.server.fastapi_app import app
        from mlflow.server.handlers import initialize_backend_stores

    initialize_backend_stores(layout.tracking_uri, None, artifacts)
    page = Path(str(server.__file__)).with_name("js") / "build" / "index.html"
    return Front(app, first_page(page.read_text(encoding="utf-8")))
