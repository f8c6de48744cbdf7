"""A year on its own: the world moves from April to December, and the learner's processes react.

Every three hours the passengers ask the learner's server, then the learner's loop is told that they
are over; at midnight the day lands first. How far it is, is written down after each of these: so it
can be killed at any moment, and the next call goes on from there to the same end.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Protocol

from widgets.base.errors import KitError
from widgets.base.paths import Layout
from widgets.world.turns import turn
from widgets.world.year_hours import Hours
from widgets.world.year_loop import PATIENCE, Loop
from widgets.world.year_place import main_commit, make_place, move_aside, moved_since
from widgets.world.year_process import end_leftovers, run_program
from widgets.world.year_state import YearFile, YearState, read_state
from widgets.world.year_steps import DAY, Step, steps
from widgets.world.year_words import YearProgress, event_line, local

FIRST = date(2013, 4, 1)
LAST = date(2013, 12, 31)
POLICIES_SECONDS = 1800.0
REFUSAL = "the year is under way already, in another terminal or notebook. Wait for its end."


class Readiness(Protocol):
    """How a model server is."""

    @property
    def ready(self) -> bool:
        """Whether it answers questions."""

    @property
    def problem(self) -> str:
        """What is wrong, or nothing."""


class Server(Protocol):
    """What the year needs of the kit's hand on a model server."""

    def start(self) -> Readiness:
        """Start it, and return how it is when it answers."""

    def stop(self) -> None:
        """End it, if it runs."""

    def status(self) -> Readiness:
        """Return how it is."""


class Year:
    """The year of one workspace; there is one at a time.

    Parameters
    ----------
    layout : Layout
        The learner's workspace; the year's own is `layout.year`.
    server : Server
        The hand on the model server of the year's workspace.
    ensure_store : callable
        Makes the MLflow database of a workspace.
    tell : callable
        Told how far it is after each step, and of each event.
    first, last : date, optional
        Its days.
    patience : float, optional
        Seconds that the loop has for an answer.
    """

    def __init__(
        self,
        layout: Layout,
        server: Server,
        ensure_store: Callable[[Layout], None],
        tell: Callable[[YearProgress], None],
        first: date = FIRST,
        last: date = LAST,
        patience: float = PATIENCE,
    ) -> None:
        self._layout = layout
        self._year = layout.year
        self._server = server
        self._ensure_store = ensure_store
        self._tell = tell
        self._first, self._last = first, last
        self._patience = patience

    def run(self, again: bool = False) -> YearState:
        """Run the year, or what is left of it; return how it ended.

        Parameters
        ----------
        again : bool, optional
            Begin anew; the year that is there is kept as `year.old`.

        Raises
        ------
        KitError
            If it cannot begin or go on. The next call goes on where it stopped.
        """
        with turn(self._layout.kit / "year.lock", 0, REFUSAL):
            found = None if again else read_state(self._year)
            if found and found.state == "done":
                return found
            commit = found.commit if found else main_commit(self._layout)
            self._server.stop()
            end_leftovers(self._year)
            if again:
                move_aside(self._year)
            file = YearFile(
                self._year, found or YearState(started=datetime.now(UTC), commit=commit)
            )
            say = self._teller(file)
            if found is None:
                make_place(self._layout, commit, self._first, self._ensure_store, say)
            elif moved_since(self._layout, commit):
                say(f"main has moved on; this year stays at {commit[:10]}, --again takes main")
            self._live(file)
            say("four ways through these months are compared: flights.policies")
            run_program("flights.policies", self._year, POLICIES_SECONDS)
            file.keep(state="done")
            return file.state

    def _live(self, file: YearFile) -> None:
        left = steps(self._first, self._last, file.state.told)
        step = next(left, None)
        if step is None:
            return
        with self._served(file), Loop(self._year, self._patience) as loop:
            hours = Hours(self._year, file, loop, lambda: self._server.status().problem)
            try:
                while step:
                    self._take(step, hours, file)
                    step = next(left, None)
            finally:
                hours.close()

    def _take(self, step: Step, hours: Hours, file: YearFile) -> None:
        say = self._teller(file)
        for event in hours.take(step):
            if line := event_line(event, step.now):
                say(line)
        say("")

    @contextmanager
    def _served(self, file: YearFile) -> Iterator[None]:
        self._teller(file)("your server and your loop are started")
        try:
            found = self._server.start()
            if not found.ready:
                raise KitError(
                    f"The year's server has no model: {found.problem} Did the gate say no to the "
                    f"first one (exercises 3.1 and 3.3)? See {self._year.logs / 'pipeline.log'}"
                )
            file.keep()  # from here on the place is whole
            yield
        finally:
            self._server.stop()

    def _teller(self, file: YearFile) -> Callable[[str], None]:
        """Return what tells a line, or nothing but how far it is."""

        def say(line: str) -> None:
            state = file.state
            passed = (local(state.told).date() - self._first).days if state.told else 0
            total = (self._last - self._first + DAY).days
            self._tell(YearProgress(passed, total, state.told, state.requests, state.failed, line))

        return say
