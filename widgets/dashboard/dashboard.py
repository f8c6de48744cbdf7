"""The live dashboard: it follows the clients' log while traffic runs, and then stands still."""

import base64
import contextlib
import io
import threading
from pathlib import Path

import traitlets

from widgets.base.paths import Layout
from widgets.base.view import View
from widgets.dashboard.describe import in_words, table
from widgets.dashboard.drawing import draw
from widgets.dashboard.feed import AXES, Axis, feed_of

SECOND = 1.0  # between two looks at the logs


class Dashboard(View):
    """Requests, latency, failures and the share predicted late, as the server's clients see them.

    A daemon thread looks once a second whether the logs have grown, and draws only then; it ends
    with `pause` and `close`. Files are read; the server is never asked.

    Parameters
    ----------
    layout : Layout
        The workspace whose logs are shown.
    axis : {"now", "days"}
        What is shown first: the last 120 seconds, or the days on which the flights leave.
    follow : bool
        Whether it follows the logs from the start.
    """

    _esm = Path(__file__).with_name("dashboard.js")
    _css = Path(__file__).with_name("dashboard.css")

    axis = traitlets.Enum(AXES, "now").tag(sync=True)
    shown = traitlets.Dict().tag(sync=True)
    following = traitlets.Bool(False).tag(sync=True)
    news = traitlets.Unicode().tag(sync=True)

    def __init__(self, layout: Layout, axis: Axis = "now", follow: bool = True) -> None:
        self._layout = layout
        self._feed = feed_of(layout)
        self._drawn: int | None = None
        self._unfinished = False
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        super().__init__(axis=axis)
        self.look()
        self.on_msg(self._receive)
        if follow:
            self.resume()

    def look(self) -> bool:
        """Read what is new and draw it; return whether there was anything."""
        serial = self._feed.refresh()
        if serial == self._drawn and not self._unfinished:
            return False
        self._drawn, self._unfinished = serial, self._feed.unfinished()
        boards = {axis: self._feed.board(axis) for axis in AXES}
        self.shown = {
            "drawings": {axis: draw(board) for axis, board in boards.items()},
            "tables": {axis: table(board) for axis, board in boards.items()},
            "problems": list(boards["now"].problems),
        }
        return True

    def resume(self) -> None:
        """Follow the logs, from now on."""
        if self.following:
            return
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._follow, args=(self._over,), daemon=True)
        self.following, self.news = True, ""
        self._thread.start()

    def pause(self, news: str = "Paused.") -> None:
        """Stand still, and say why."""
        self._over.set()
        self.following, self.news = False, news

    def close(self) -> None:
        """End the widget, and with it the thread."""
        self._over.set()
        super().close()

    def text(self) -> str:
        """Return how many requests there were, what failed, and which versions answered."""
        return in_words(self._feed.board("now"))

    def _follow(self, over: threading.Event) -> None:
        while not over.wait(SECOND):
            with contextlib.suppress(OSError):  # a file that just now cannot be read: next time
                self.look()

    def _receive(self, widget: object, content: object, buffers: object) -> None:
        verb = content.get("verb") if isinstance(content, dict) else None
        if verb == "pause":
            self.pause()
        elif verb == "resume":
            self.look()
            self.resume()

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict[str, object], dict[str, object]]:
        # A picture in pixels: what a stored SVG says would be compared, and no two runs are alike.
        data, metadata = super()._repr_mimebundle_(**kwargs)
        if self._feed.board("now").requests:
            from widgets.dashboard.figure import figure  # matplotlib takes half a second

            picture = io.BytesIO()
            figure(self._layout, self.axis).figure.savefig(picture, format="png")
            data["image/png"] = base64.b64encode(picture.getvalue()).decode()
        return data, metadata
