"""The world of one workspace: its date, and the flights that have landed by then."""

from contextlib import AbstractContextManager
from datetime import date, timedelta

from widgets.base.errors import KitError
from widgets.base.paths import Layout
from widgets.world.clock import FIRST_DAY, LAST_DAY, Clock, to_day
from widgets.world.landing import last_landing, months_until, rows_in, write_landed
from widgets.world.outcomes import write_outcomes
from widgets.world.turns import turn

PATIENCE = 60.0  # seconds that a move waits for one made by another process


class World:
    """The simulated production of a workspace.

    Data lands, then the outcomes become known, then the clock is moved. So a kill between them
    leaves flights that the next call finds already there, never a date without its flights.

    Parameters
    ----------
    layout : Layout
        The workspace: `data/` is where flights land, `serving/outcomes.parquet` says who
        was late, `.kit/clock.json` holds the date.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._clock = Clock(layout.clock)

    @property
    def problem(self) -> str | None:
        """What was wrong with the clock's file, if anything was."""
        return self._clock.problem

    def start(self) -> None:
        """Begin on 1 March 2013 with January and February landed; again, it does nothing."""
        with self._one_move_at_a_time():
            self._land(self._clock.read() or self._found_again() or FIRST_DAY)

    @property
    def today(self) -> date:
        """The date in the world: what has landed by its first minute is in `data/`."""
        today = self._clock.read()
        if today is None:
            self.start()
            today = self._clock.read()
        return today or FIRST_DAY

    def advance_to(self, day: str | date) -> date:
        """Move the clock to `day` and let the nights between pass; return the date it shows.

        Where the clock is already there, or later, nothing happens.

        Raises
        ------
        ClockError
            If `day` is not a date, or not one of the world's.
        """
        wanted = to_day(day)
        if wanted > self.today:
            with self._one_move_at_a_time():
                if wanted > (self._clock.read() or FIRST_DAY):
                    self._land(wanted)
        return self.today

    def advance(self, nights: int = 1) -> date:
        """Let some nights pass, at most to the end of the year; return the date it shows."""
        return self.advance_to(min(self.today + timedelta(days=nights), LAST_DAY))

    def flights_landed(self) -> dict[str, int]:
        """Return how many flights of each month lie in `data/`."""
        months = months_until(self.today)
        found = {month: rows_in(self._layout.data / f"{month}.parquet") for month in months}
        return {month: rows or 0 for month, rows in found.items()}

    def _land(self, day: date) -> None:
        try:
            for month in months_until(day):
                write_landed(month, day, self._layout.data)
            write_outcomes(day, self._layout.outcomes)
            if self._clock.read() != day:
                self._clock.write(day)
        except OSError as error:
            raise KitError(
                f"{self._layout.root}: the flights cannot land here ({error}). Is the folder "
                "writable, and is there room on the disk? The date stays as it was."
            ) from error

    def _one_move_at_a_time(self) -> AbstractContextManager[None]:
        refusal = (
            "the clock cannot be moved. Either another program moves it just now: try again in a "
            "minute; or this folder cannot be written."
        )
        return turn(self._layout.kit / "world.lock", PATIENCE, refusal)

    def _found_again(self) -> date | None:
        newest = last_landing(self._layout.data)
        return None if newest is None else max(FIRST_DAY, min(newest + timedelta(days=1), LAST_DAY))


def landed_months(layout: Layout) -> list[str]:
    """Return the months whose last night has passed: 2013-01, 2013-02, …"""
    today = World(layout).today
    return [month for month in months_until(today) if month < f"{today:%Y-%m}"]
