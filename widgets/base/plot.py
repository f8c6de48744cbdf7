"""A figure in a notebook that says in words what it shows."""

import io
from base64 import b64encode
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Plot:
    """A figure, and what it says in words that are the same on every machine."""

    figure: "Figure"
    words: str

    def __repr__(self) -> str:
        return self.words

    def _repr_png_(self) -> bytes:
        picture = io.BytesIO()
        self.figure.savefig(picture, format="png")
        return picture.getvalue()

    def _repr_html_(self) -> str:
        return described(self._repr_png_(), self.words)


def describe_figures(shell: "InteractiveShell") -> None:
    """Give every figure that a cell shows the words of its titles and axes as alternative text.

    JupyterLab shows a bare PNG without one: who listens to the page hears nothing of it.
    """
    # Figure's own entries are taken away when the first plot chooses its format; its base's stay.
    formatter = shell.display_formatter.formatters["text/html"]
    formatter.for_type_by_name("matplotlib.figure", "FigureBase", _figure_html)


def _figure_html(figure: "Figure") -> str:
    from IPython.core.pylabtools import print_figure

    return described(print_figure(figure, "png"), words_of(figure))


def words_of(figure: "Figure") -> str:
    """Return what is written over and beside a figure's axes."""
    words = ["Plot", figure.get_suptitle()]
    for axes in figure.axes:
        labels = (axes.get_xlabel(), axes.get_ylabel())
        words += [axes.get_title(loc) for loc in ("left", "center", "right")]
        words += [f"{side}: {label}" for side, label in zip("xy", labels, strict=True) if label]
    return ". ".join(each.strip().rstrip(".").replace("\n", " ") for each in words if each.strip())


def described(png: bytes, words: str) -> str:
    """Return a picture as HTML, with what it shows in words."""
    return f'<img alt="{escape(words)}" src="data:image/png;base64,{b64encode(png).decode()}">'
