"""The process that asks: a request for each flight as its day goes on, or day by day.

`python -m widgets.world.traffic` is started by `sending.py`. It writes a JSON object a line: how
far it is, and at the end what it came to or why it could not. It is small, for it shares the
machine with the server that it asks.
"""

import argparse
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa

from widgets.base.errors import KitError
from widgets.base.paths import Layout
from widgets.world.client import Client, Reply, address
from widgets.world.clock import to_day
from widgets.world.departures import Departure, by_hours, departures
from widgets.world.summary import Summary, Tally
from widgets.world.traffic_log import Line, TrafficLog, asked_about, request_line, scrape_line
from widgets.world.turns import turn
from widgets.world.world import World

CLIENTS = 8  # threads: as many requests can be under way at once
SCRAPE_SECONDS = 5.0
LAST_SECONDS = 15.0  # for the requests that are under way when somebody stops it
NO_MODEL = 503
Tell = Callable[[dict[str, object]], None]


class Traffic:
    """One stretch of traffic in a workspace; there is only one at a time.

    Parameters
    ----------
    layout : Layout
        The workspace whose server is asked.
    tell : callable
        Given how far it is, a small dictionary at a time.
    """

    def __init__(self, layout: Layout, tell: Tell) -> None:
        self._layout = layout
        self._tell = tell
        self._log = TrafficLog(layout.traffic_log)
        self._tally = Tally()
        self._one_line = threading.Lock()
        self._own = Client(layout.server_file)
        self._scraped = -SCRAPE_SECONDS
        self.stop = threading.Event()

    def live(self, rate: float, seconds: float | None) -> Summary:
        """Ask about the flights of the clock's day, `rate` a second, from where it was left.

        Each request has its moment, whatever became of those before it, and its latency counts
        from there: clients do not wait for one another.
        """
        self._find_server()
        today = World(self._layout).today
        flights = departures(today)
        if not flights:
            raise KitError(f"The year is over: no flight departs on {today}.")
        asked = asked_about(self._layout.traffic_log, flights, answered=False)
        left = [each for each in flights if each.flight_id not in asked]
        wanted = left if seconds is None else left[: round(rate * seconds)]
        self._scrape()
        self._send_at(wanted, rate)
        self._scrape()
        note = ""
        if len(wanted) == len(left):
            note = f"All flights of {today.day} {today:%B} have been asked about."
        return self._tally.summary(note)

    def until(self, day: date) -> Summary:
        """Ask about the flights of three hours at once, and let the nights pass, until `day`.

        Raises
        ------
        KitError
            If the server does not answer, or all day long not well. The clock then stands on
            that day, and the next call goes on there.
        """
        world = World(self._layout)
        if world.today >= day:
            return Summary(note=f"It is {world.today.day} {world.today:%B} already.")
        self._find_server()
        while (today := world.today) < day and not self.stop.is_set():
            self._day_in_hours(today)
            if not self.stop.is_set():
                world.advance_to(today + timedelta(days=1))
                self._progress(day=str(today))
        self._scrape()
        return self._tally.summary()

    def close(self) -> None:
        """Close the log and the connection."""
        self._log.close()
        self._own.close()

    def _day_in_hours(self, day: date) -> None:
        flights = departures(day)
        asked = asked_about(self._layout.traffic_log, flights, answered=True)
        answered = not flights or bool(asked)
        line: Line = {}
        for question in by_hours(flights, asked):
            if self.stop.is_set():
                return
            if time.monotonic() - self._scraped >= SCRAPE_SECONDS:
                self._scrape()
            line = self._ask(self._own, question, time.monotonic())
            answered = answered or line["ok"]
            if line["status"] in (0, NO_MODEL):
                raise KitError(stopped(day, "The server does not answer", line))
        if not answered:
            raise KitError(stopped(day, "Not one answer of the day was good", line))

    def _send_at(self, flights: Sequence[Departure], rate: float) -> None:
        numbered = iter(enumerate(flights))
        taking = threading.Lock()
        begin = time.monotonic()

        def client() -> None:
            own = Client(self._layout.server_file)
            while not self.stop.is_set():
                with taking:
                    number, flight = next(numbered, (0, None))
                if flight is None:
                    break
                due = begin + number / rate
                if self.stop.wait(max(0.0, due - time.monotonic())):
                    break
                self._ask(own, [flight], due)
            own.close()

        clients = [threading.Thread(target=client, daemon=True) for _ in range(CLIENTS)]
        for each in clients:
            each.start()
        told = begin
        while any(each.is_alive() for each in clients):
            clients[0].join(0.05)
            time.sleep(0.05)
            if time.monotonic() - told >= 1:
                told = time.monotonic()
                self._progress()
            if time.monotonic() - self._scraped >= SCRAPE_SECONDS:
                self._scrape()

    def _ask(self, client: Client, flights: Sequence[Departure], due: float) -> Line:
        body = json.dumps({"flights": [each.sent for each in flights]}).encode()
        at = datetime.now(UTC)
        reply = client.ask("/predict", body)
        line = request_line(at, flights, reply, (time.monotonic() - due) * 1000)
        with self._one_line:
            self._log.write(line)
            self._tally.add(line)
        return line

    def _scrape(self) -> None:
        at, began = datetime.now(UTC), time.monotonic()
        reply = self._own.ask("/metrics")
        line = scrape_line(at, reply, (time.monotonic() - began) * 1000)
        with self._one_line:
            self._log.write(line)
        self._scraped = began

    def _find_server(self) -> None:
        reply = Reply(0)
        if address(self._layout.server_file):
            reply = self._own.ask("/health")
        if reply.status != 200:
            raise KitError(
                "No model server answers here: there is nobody to ask. Start it with the button in "
                "the notebook of Level 3, or in a terminal with `maturity serve`, and call again."
                + (f" ({reply.error or f'status {reply.status}'})" if reply != Reply(0) else "")
            )

    def _progress(self, **more: object) -> None:
        self._tell({"flights": self._tally.flights, "failed": self._tally.failed, **more})


def stopped(day: date, what: str, line: Line) -> str:
    """Return what is told when the hours cannot go on."""
    return (
        f"{what}, so the clock stands on {day.day} {day:%B}: {line['error']}. What was asked is "
        "kept. Look after the server, start it anew if it has ended, and call again: it goes on "
        "where it stopped."
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Send what the words ask for; return 0, or 1 if it could not be sent."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rate", type=float, default=15.0, help="requests a second")
    parser.add_argument("--seconds", type=float, help="else until the day's flights are asked")
    parser.add_argument("--until", metavar="DATE", help="day by day, with the nights between")
    parser.add_argument("--end-with-input", action="store_true", help="end with who started it")
    words = parser.parse_args(argv)
    pa.set_memory_pool(pa.system_memory_pool())  # gives back what it does not need any more

    def tell(line: dict[str, object]) -> None:
        with suppress(OSError):  # nobody listens any more
            print(json.dumps(line), flush=True)

    layout = Layout.current()
    refusal = "other traffic is under way in this workspace. Wait for its end, and call again."
    try:
        if not words.rate > 0:
            raise KitError(f"{words.rate:g} requests a second cannot be sent: name a rate above 0.")
        day = to_day(words.until) if words.until else None
        with turn(layout.kit / "traffic.lock", 0, refusal):
            traffic = Traffic(layout, tell)
            stop_when_told(traffic.stop, words.end_with_input)
            done = traffic.until(day) if day else traffic.live(words.rate, words.seconds)
            traffic.close()
    except (KitError, OSError) as error:
        tell({"problem": str(error)})
        return 1
    tell({"summary": done.value()})
    return 0


def stop_when_told(stop: threading.Event, with_input: bool) -> None:
    """Set `stop` at a Ctrl-C, a SIGTERM and, if asked for, at the standard input's end."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    if with_input:
        threading.Thread(target=stop_with_input, args=(stop,), daemon=True).start()


def stop_with_input(stop: threading.Event) -> None:
    """Wait for the end of the standard input, then stop; at the latest after LAST_SECONDS."""
    while os.read(0, 1024):
        pass
    stop.set()
    time.sleep(LAST_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
