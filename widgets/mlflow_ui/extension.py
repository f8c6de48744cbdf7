"""What JupyterLab loads: the MLflow UI under its own address, `…/mlflow/`, and a launcher tile.

It is an entry of jupyter-server-proxy with a handler of our own. JupyterLab finds this module by
`settings/mlflow_ui.json` of the lab.
"""

import asyncio
from pathlib import Path
from typing import Any

from jupyter_server_proxy.config import LauncherEntry, ServerProcess
from jupyter_server_proxy.handlers import NamedLocalProxyHandler
from tornado import web
from traitlets.config import Config

from widgets.base.paths import Layout
from widgets.mlflow_ui.process import START_SECONDS, UiError, UiProcess

NAME = "mlflow"  # its address below JupyterLab's
TITLE = "MLflow"
HERE = Path(__file__)
READING = {"GET", "HEAD", "OPTIONS"}


class Owner:
    """The one who starts the UI at the first request, and again should it have ended."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._process: UiProcess | None = None

    @property
    def is_ready(self) -> bool:
        """Whether the UI can be asked at once."""
        process = self._process
        return process is not None and process.ready and process.shows_what_is_there

    async def ready(self) -> UiProcess:
        """Return the UI when it can be asked.

        Raises
        ------
        UiError
            If it does not start.
        """
        async with self._lock:
            if self._process and not self._process.shows_what_is_there:
                self._process.stop()
                self._process = None
            process = self._process = self._process or UiProcess(Layout.current())
            for _ in range(START_SECONDS * 20):
                if process.ready:
                    return process
                if process.failed:
                    break
                await asyncio.sleep(0.05)
            self._process = None
            raise await asyncio.to_thread(process.failure)


class Handler(NamedLocalProxyHandler):  # type: ignore[misc]  # jupyter-server-proxy is untyped
    """Passes requests on to the UI, if they come from a page of this JupyterLab."""

    def initialize(self, owner: Owner) -> None:
        """Take what tornado hands to each request."""
        self.owner = owner
        self.ui_token = ""  # `token` is JupyterLab's

    async def prepare(self) -> None:
        """Refuse what another site's page wants to change, before anything else sees it.

        jupyter-server-proxy leaves this to the app behind it, and that app knows neither the
        name nor the origin under which it is seen.
        """
        await super().prepare()
        if self.request.method not in READING and not self.from_our_page():
            raise web.HTTPError(403, "Only pages of this JupyterLab may change something here.")

    def from_our_page(self) -> bool:
        """Return whether a request comes from a page of this JupyterLab, or from no page."""
        # A browser says this where it is safe to believe it, whatever a proxy made of Host.
        site = self.request.headers.get("Sec-Fetch-Site", "none")
        return bool(self.check_origin()) and site in {"same-origin", "none"}

    def proxy_request_headers(self) -> Any:
        """Return the headers as MLflow wants to see them: from this machine."""
        headers = super().proxy_request_headers()
        headers["Host"] = "localhost"
        if "Origin" in headers:
            headers["Origin"] = "http://localhost"
        if self.ui_token:
            headers["Authorization"] = f"Bearer {self.ui_token}"
        return headers

    async def http_get(self, path: str) -> None:
        """Answer a read; a page that is opened while the UI starts shows a sign of life."""
        if path.strip("/") == "" and not self.owner.is_ready:
            self.set_header("Content-Type", "text/html; charset=utf-8")
            self.set_header("Cache-Control", "no-store")
            self.finish(HERE.with_name("waiting.html").read_bytes())
        else:
            await super().http_get(path)

    async def proxy(self, port: int, path: str) -> None:
        """Pass a request on to the UI, which is started if need be."""
        try:
            process = await self.owner.ready()
        except UiError as error:
            self.set_status(503)
            self.set_header("Content-Type", "text/plain; charset=utf-8")
            self.finish(str(error))
            return
        self.port, self.unix_socket = process.port, process.socket
        self.ui_token = process.token
        await super().proxy(process.port, path)


class MlflowUi(ServerProcess):  # type: ignore[misc]  # jupyter-server-proxy is untyped
    """The entry of jupyter-server-proxy."""

    def __init__(self, **settings: Any) -> None:
        # Of the launcher's categories only "Notebook", the default, shows an entry's icon.
        tile = LauncherEntry(title=TITLE, icon_path=HERE.with_name("icon.svg"))
        super().__init__(**{"name": NAME, "launcher_entry": tile, **settings})
        self.launcher_entry.title = TITLE  # the entry's validation names it after its address

    def get_proxy_base_class(self) -> tuple[type, dict[str, Any]]:
        """Return our handler, with one owner for all its requests."""
        return Handler, {"owner": Owner()}


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _link_jupyter_server_extension(app: Any) -> None:
    """Add the entry beside those of others, before jupyter-server-proxy reads them."""
    config = Config()
    config.ServerProxy.servers.update({NAME: MlflowUi()})
    app.update_config(config)


def _load_jupyter_server_extension(app: Any) -> None:
    """Do nothing: jupyter-server-proxy loads the entry."""
