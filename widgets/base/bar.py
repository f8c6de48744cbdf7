"""A progress bar in a notebook, for what takes long. It goes away at the end."""

from types import TracebackType

from IPython.display import display
from ipywidgets import HTML, HBox, IntProgress


class Bar:
    """A bar that appears with the first progress.

    Parameters
    ----------
    total : int
        Where it is full.
    shown : bool, optional
        False where nobody looks on: then there is none.
    """

    def __init__(self, total: int, shown: bool = True) -> None:
        self._total = total
        self._shown = shown
        self._box: HBox | None = None

    def __enter__(self) -> "Bar":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._box:
            for each in (*self._box.children, self._box):
                each.close()

    def show(self, done: int, words: str) -> None:
        """Show how much is done, and some words beside it."""
        if not self._shown:
            return
        if self._box is None:
            self._box = HBox([IntProgress(max=self._total), HTML()])
            display(self._box)
        bar, text = self._box.children
        bar.value, text.value = done, words
