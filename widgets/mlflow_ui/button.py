"""A button in a notebook that opens the MLflow UI at what the text talks about."""

from collections.abc import Sequence
from pathlib import Path

import traitlets

from widgets.base.paths import Layout
from widgets.base.view import View
from widgets.mlflow_ui.targets import Target, find, server


class MlflowButton(View):
    """One button; what it opens is looked up anew whenever somebody turns to it.

    Parameters
    ----------
    layout : Layout
        The workspace.
    what : str or sequence of str
        What is opened: see `targets.FORMS`.
    label : str, optional
        The words on the button.
    """

    _esm = Path(__file__).with_name("button.js")
    _css = Path(__file__).with_name("button.css")

    label = traitlets.Unicode().tag(sync=True)
    shown = traitlets.Dict().tag(sync=True)

    def __init__(self, layout: Layout, what: str | Sequence[str] = "", label: str = "") -> None:
        self._layout = layout
        self._target = Target.parse(what)
        super().__init__(label=label or self._target.label, shown=self._state())
        self.on_msg(self._receive)

    def text(self) -> str:
        """Return the words on the button, and where it leads."""
        return f"[{self.label}] (in the MLflow UI)"

    def _receive(self, widget: object, content: object, buffers: object) -> None:
        if isinstance(content, dict) and content.get("verb") == "look":
            self.shown = self._state()

    def _state(self) -> dict[str, str]:
        found = find(self._target, self._layout)
        return {
            "address": found.address,
            "missing": found.missing,
            "server": server(self._layout),
        }
