"""The clickable diagram: a thin view over the model and the states that it is handed."""

from collections.abc import Mapping
from pathlib import Path

import traitlets

from widgets.base.view import View
from widgets.diagram.describe import Exercises, all_pages, all_shown, in_words
from widgets.diagram.drawing import WIDE, draw
from widgets.diagram.summary import NOT_SEEN, States
from widgets.maturity import Model, Standing, load, words_of


class Diagram(View):
    """The maturity model with the state of each practice; everything in it can be opened.

    It is handed the states and does not fetch them. All its views follow `update`.

    Parameters
    ----------
    states : mapping of practice id to Standing, optional
        What is known; a practice that is not named is missing.
    exercises : mapping of practice id to a sequence of (id, title), optional
        Which exercises prove a practice, for example ``{"ci-for-code": [("1.4", "…")]}``.
    model : Model, optional
        The kit's own maturity model if not given.

    Raises
    ------
    KitError
        If a practice is named that the model does not have.
    """

    _esm = Path(__file__).with_name("diagram.js")
    _css = Path(__file__).with_name("diagram.css")

    pages = traitlets.Dict().tag(sync=True)
    shown = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        states: States | None = None,
        exercises: Exercises | None = None,
        model: Model | None = None,
    ) -> None:
        self._maturity = model or load()
        self._states: dict[str, Standing] = self._checked(states or {})
        super().__init__(
            pages=all_pages(self._maturity, exercises or {}),
            shown=all_shown(self._maturity, self._states)
            | {"news": "", "changed": [], "serial": 0},
        )

    @property
    def states(self) -> Mapping[str, Standing]:
        """The states that are shown now."""
        return dict(self._states)

    def update(self, states: States) -> list[str]:
        """Show new states, in every view of this diagram, and say what has changed.

        Parameters
        ----------
        states : mapping of practice id to Standing
            The practices that may have changed; the others stay as they are.

        Returns
        -------
        list of str
            One sentence for each practice whose state changed: ``Version control: proved``.
        """
        new = self._checked(states)
        changed = [name for name in new if words_of(new[name]) != words_of(self._known(name))]
        news = [f"{self._maturity.practice(name).title}: {words_of(new[name])}" for name in changed]
        if new.items() <= self._states.items():
            return news
        self._states |= new
        self.shown = all_shown(self._maturity, self._states) | {
            "news": ". ".join(news),
            "changed": changed,
            "serial": self.shown["serial"] + 1,
        }
        return news

    def text(self) -> str:
        """Return the model with the states, as plain text."""
        return in_words(self._maturity, self._states)

    def picture(self) -> str:
        """Return the model with the states, as an SVG that stands alone."""
        return draw(self._maturity, self._states, WIDE)

    def _known(self, practice: str) -> Standing:
        return self._states.get(practice, NOT_SEEN)

    def _checked(self, states: States) -> dict[str, Standing]:
        return {self._maturity.practice(name).id: standing for name, standing in states.items()}
