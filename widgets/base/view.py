"""The base of every widget: what a reader without a kernel sees in its place."""

import textwrap

import anywidget

WIDE = 100  # letters in a line of a widget's text


def wrapped(text: str, indent: str = "") -> list[str]:
    """Return a text in lines that a narrow page holds; what is indented is code and stays."""
    found = []
    for line in text.rstrip().splitlines():
        code = line[:1].isspace()
        found += (
            [indent + line]
            if code
            else textwrap.wrap(line, WIDE, initial_indent=indent, subsequent_indent=indent)
        )
    return found


class View(anywidget.AnyWidget):  # type: ignore[misc]  # anywidget's base is untyped
    """A widget with a stable text, and if it has one a picture, for pages without a kernel.

    GitHub, nbviewer and a notebook opened without running it show the picture, or the text.
    """

    def text(self) -> str:
        """Return what the widget says, in words that are the same on every machine."""
        raise NotImplementedError

    def picture(self) -> str | None:
        """Return the widget as an SVG document, or None if its text says it all."""
        return None

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict[str, object], dict[str, object]]:
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        data = {**data, "text/plain": self.text()}
        if picture := self.picture():
            data["image/svg+xml"] = picture
        return data, metadata
