"""The clock in a notebook: shows the world's date and what has landed, and moves it forward."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import traitlets

from widgets.base.errors import KitError
from widgets.base.view import View
from widgets.world.clock import to_day
from widgets.world.world import World


class ClockWidget(View):
    """The date in the world, with a button for the next night and one for a target.

    Parameters
    ----------
    world : World
        The world that is shown and moved.
    target : str or date, optional
        A day that the notebook wants the learner to go to.
    on_change : callable, optional
        Called after the clock has moved.
    """

    _esm = Path(__file__).with_name("clock_widget.js")
    _css = Path(__file__).with_name("clock_widget.css")

    shown = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        world: World,
        target: str | date | None = None,
        on_change: Callable[[], None] | None = None,
    ) -> None:
        self._world = world
        self._target = to_day(target) if target is not None else None
        self._on_change = on_change or (lambda: None)
        super().__init__(shown=self._state())
        self.on_msg(self._receive)

    def text(self) -> str:
        """Return the date and the flights that have landed."""
        landed = self._world.flights_landed()
        lines = [f"{_words(self._world.today)} in the world"]
        lines += [f"  {month}: {rows:,} flights have landed" for month, rows in landed.items()]
        return "\n".join(lines)

    def _receive(self, widget: object, content: object, buffers: object) -> None:
        verb = content.get("verb") if isinstance(content, dict) else None
        problem = ""
        try:
            if verb == "night":
                self._world.advance()
            elif verb == "target" and self._target is not None:
                self._world.advance_to(self._target)
        except (KitError, OSError) as error:
            problem = str(error)
        self.shown = self._state(problem)
        if verb in ("night", "target"):
            self._on_change()

    def _state(self, problem: str = "") -> dict[str, object]:
        today = self._world.today
        landed = self._world.flights_landed()
        return {
            "today": _words(today),
            "landed": [{"month": month, "flights": rows} for month, rows in landed.items()],
            "target": _words(self._target) if self._target else "",
            "reached": self._target is not None and today >= self._target,
            "ended": not landed or today.year > 2013,
            "problem": problem or self._world.problem or "",
        }


def _words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
