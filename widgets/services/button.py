"""A button in a notebook that starts and stops the model server, and says how it is."""

import threading
from pathlib import Path

import traitlets

from widgets.base.errors import KitError
from widgets.base.view import View
from widgets.services.server import ModelServer
from widgets.services.status import Status

LOOK_SECONDS = 2.0
DESCRIPTION = "/openapi.json"  # of all that can be asked


class ServerButton(View):
    """One button and one line; the line follows the server, whoever starts or ends it.

    Parameters
    ----------
    server : ModelServer
        The workspace's server.
    """

    _esm = Path(__file__).with_name("button.js")
    _css = Path(__file__).with_name("button.css")

    shown = traitlets.Dict().tag(sync=True)

    def __init__(self, server: ModelServer) -> None:
        self._server = server
        self._doing = ""
        self._refusal = ""
        self._one_verb = threading.Lock()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        super().__init__(shown=self._state(server.status()))
        self.on_msg(self._receive)
        threading.Thread(target=self._watch, daemon=True).start()

    def text(self) -> str:
        """Return whether the server answers, without what differs: no port, no version."""
        match self.shown["state"]:
            case "ready":
                return "The model server answers."
            case "running":
                return "The model server runs, but cannot answer questions."
            case _:
                return "The model server is not running."

    def close(self) -> None:
        """Take the widget away; the server goes on."""
        self._closed.set()
        super().close()

    def do(self, verb: str) -> None:
        """Start or stop the server in a thread (`wait`); a second click meanwhile does nothing."""
        doing = {"start": "starting", "stop": "stopping"}.get(verb, "")
        with self._one_verb:
            if self._doing or not doing:
                return
            self._doing = doing
        self._refusal = ""
        self.refresh()

        def run() -> None:
            try:
                if doing == "starting":
                    self._server.start()
                else:
                    self._server.stop()
            except (KitError, OSError) as error:
                self._refusal = str(error)
            finally:
                self._doing = ""
                self.refresh()

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Wait until what was asked for is done."""
        if self._thread:
            self._thread.join()

    def refresh(self) -> None:
        """Look at the server now."""
        self.shown = self._state(self._server.status())

    def _receive(self, widget: object, content: object, buffers: object) -> None:
        verb = content.get("verb") if isinstance(content, dict) else None
        if verb == "look":
            self.refresh()
        elif isinstance(verb, str):
            self.do(verb)

    def _watch(self) -> None:
        while not self._closed.wait(LOOK_SECONDS):
            self.refresh()

    def _state(self, found: Status) -> dict[str, str]:
        state = "ready" if found.ready else "running" if found.running else "off"
        if found.answers:
            self._refusal = ""
        line, _, log = (self._refusal or found.problem).partition("\n")
        match self._doing or state:
            case "starting":
                line, log = "The model server starts …", ""
            case "stopping":
                line, log = "The model server ends …", ""
            case "ready":
                line = f"It answers at {found.url} with version {found.version}. {line}".strip()
            case "running":
                line = f"It runs at {found.url}. {line}".strip()
            case _:
                line = line or "The model server is not running."
        return {
            "state": self._doing or state,
            "line": line,
            "log": log,
            "page": f"{found.url}{DESCRIPTION}" if found.answers else "",
        }
