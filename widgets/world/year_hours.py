"""The hours of the year: the passengers ask, the day lands, the loop is told, and all is kept."""

import json
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Protocol

from widgets.base.errors import KitError
from widgets.base.paths import Layout
from widgets.world.client import Client
from widgets.world.departures import Departure
from widgets.world.traffic_log import Line, TrafficLog, request_line, scrape_line
from widgets.world.world import World
from widgets.world.year_loop import Event
from widgets.world.year_state import YearFile
from widgets.world.year_steps import Step
from widgets.world.year_words import when

NO_ANSWER = (0, 503)  # nobody there; no model
MOST_BAD = 8  # questions one after the other without a good answer, a day: that is no accident


class Tells(Protocol):
    """Whoever is told the time, and answers with what came of it."""

    def tell(self, now: datetime) -> Sequence[Event]:
        """Tell that it is `now`."""


class Hours:
    """Takes a year through its steps, from whichever it has come to.

    Parameters
    ----------
    year : Layout
        The year's workspace.
    file : YearFile
        Where it is kept how far it is.
    loop : Tells
        The learner's loop.
    problem : callable
        Returns what is wrong with the server, for a person.
    """

    def __init__(
        self, year: Layout, file: YearFile, loop: Tells, problem: Callable[[], str]
    ) -> None:
        self._file = file
        self._loop = loop
        self._problem = problem
        self._world = World(year)
        self._client = Client(year.server_file)
        self._log = TrafficLog(year.traffic_log)
        self._bad = 0

    def take(self, step: Step) -> Sequence[Event]:
        """Take one step; return what the loop did.

        A kill leaves hours that were asked about and not told: they are told. A question that was
        not written down is asked once more, and the server's log marks it as repeated.

        Raises
        ------
        KitError
            If the server or the loop does not answer. The next call begins with this step.
        """
        if step.flights and self._file.state.asked != step.now:
            self._ask_about(step)
        if step.begins:
            self._world.advance_to(step.begins)
            self._scrape()
        events = self._loop.tell(step.now)
        self._file.keep(told=step.now)
        return events

    def close(self) -> None:
        """Close the log and the connection."""
        self._log.close()
        self._client.close()

    def _ask_about(self, step: Step) -> None:
        line = self._ask(step.flights)
        self._bad = 0 if line["ok"] else self._bad + 1
        if line["status"] in NO_ANSWER or self._bad >= MOST_BAD:
            raise KitError(
                f"Your server gave no good answer about the three hours until {when(step.now)}: "
                f"{line['error']}. {self._problem()}\nNothing is lost: `maturity year` starts it "
                "and goes on here. If its code must be mended first, bring the mended one to main "
                "and begin anew: `maturity year --again`."
            )
        state = self._file.state
        self._file.keep(
            asked=step.now, requests=state.requests + 1, failed=state.failed + (not line["ok"])
        )

    def _ask(self, flights: list[Departure]) -> Line:
        body = json.dumps({"flights": [each.sent for each in flights]}).encode()
        at, began = datetime.now(UTC), time.monotonic()
        reply = self._client.ask("/predict", body)
        line = request_line(at, flights, reply, (time.monotonic() - began) * 1000)
        self._log.write(line)
        return line

    def _scrape(self) -> None:
        at, began = datetime.now(UTC), time.monotonic()
        reply = self._client.ask("/metrics")
        self._log.write(scrape_line(at, reply, (time.monotonic() - began) * 1000))
