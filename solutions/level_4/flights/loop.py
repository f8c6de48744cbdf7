"""Closes the loop: what an alert says starts the pipeline, and its candidate meets the gate.

Time is a message. Each line on the standard input says what time it is in production; each is
answered with what was done because of it. So a year takes minutes, and is the same every time.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal, TextIO

import pandas as pd

from flights import clock
from flights.alerts import Alert, Rule, next_alert, read_rules
from flights.events import Event, read_events
from flights.journal import day_of, read_alerts, record
from flights.reference import local_day
from flights.retraining import retrain
from flights.rollout_state import read_rollout
from flights.router import write_whole
from flights.settings import Settings, read_settings, resolve
from flights.signals import Watch
from flights.store import connect
from flights.webhook import send

MOST_TRIES = 3  # retrainings for one alert; then a person has to think
ACTOR = "loop"


@dataclass(frozen=True)
class Try:
    """One retraining for an alert.

    Attributes
    ----------
    day : date
        The day at whose end it began.
    ended : bool
        Whether it came to its end; a kill may have come before.
    """

    day: date
    ended: bool


Answer = Literal["nothing", "retrain", "give up"]


def answer(
    rule: Rule, alert: Alert, tries: Sequence[Try], today: date, bad: bool, busy: bool
) -> Answer:
    """Return what an open alert asks for now.

    Parameters
    ----------
    tries : sequence of Try
        The retrainings that this alert has had.
    bad : bool
        Whether today still breaks the rule.
    busy : bool
        Whether something goes on already: a candidate is being tried, or somebody has paused
        the loop.
    """
    if not rule.retrain or busy:
        return "nothing"
    if tries and not tries[-1].ended:
        return "retrain"  # the same try again: a kill came in between
    if not bad:
        return "nothing"
    if tries and (today - tries[-1].day).days < rule.cooldown_days:
        return "nothing"
    return "give up" if len(tries) >= MOST_TRIES else "retrain"


class Loop:
    """The loop of one project.

    Parameters
    ----------
    settings : Settings
        Where everything is.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._watch = Watch(settings)
        self._told = settings.serving / "loop_time"

    def tick(self, moment: datetime) -> list[Event]:
        """Do what there is to do at a moment of production; return what was written down.

        A moment that lies not after the last one was answered before: nothing is done.

        Raises
        ------
        RuleError
            If the alert rules cannot be used.
        """
        if moment <= self._last():
            return []
        before = len(read_events(self._settings))
        clock.set_time(moment)
        if named := self._settings.seams.get("on_hour"):
            resolve(named)(self._settings)
        if today := clock.ended_day(moment):
            self._end_of(today)
        write_whole(self._told, moment.isoformat())
        return read_events(self._settings)[before:]

    def _last(self) -> datetime:
        try:
            return datetime.fromisoformat(self._told.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return datetime.fromisoformat("1970-01-01T00:00:00+00:00")

    def _end_of(self, today: date) -> None:
        self._watch.look(today)
        rules = read_rules(self._settings.root / "alerts.toml")
        for rule in rules.rules:
            values = self._watch.values(rule.signal)
            alerts = read_alerts(read_events(self._settings))
            if changed := next_alert(rule, values, alerts.get(rule.name), today):
                self._tell(rule, changed, values.get(today), rules.webhook)
            self._react(rule, values.get(today), today)

    def _tell(self, rule: Rule, alert: Alert, value: float | None, webhook: str) -> None:
        step = "resolved" if alert.resolved else "fired"
        known = "unknown" if value is None else f"{value:.3f}"
        cause = f"{rule.signal} {known}, threshold {rule.threshold:g}, {rule.for_days} days"
        record("alert", step, alert.id, self._settings, actor=ACTOR, cause=cause)
        told = {"id": alert.id, "step": step, "severity": rule.severity, "text": cause}
        send(webhook, told)

    def _react(self, rule: Rule, value: float | None, today: date) -> None:
        events = read_events(self._settings)
        alert = read_alerts(events).get(rule.name)
        if alert is None or alert.resolved:
            return
        bad = value is not None and value > rule.threshold
        busy = read_rollout(self._settings) is not None or is_paused(events)
        tries = tries_of(alert, events)
        what = answer(rule, alert, tries, today, bad, busy)
        if what == "retrain":
            number = len(tries) + (not tries or tries[-1].ended)
            retrain(alert.id, number, self._settings)
        elif what == "give up" and not has_given_up(alert, events):
            cause = f"{MOST_TRIES} retrainings did not help: a person has to look"
            record("loop", "gave-up", alert.id, self._settings, actor=ACTOR, cause=cause)


def tries_of(alert: Alert, events: Sequence[Event]) -> list[Try]:
    """Return the retrainings that an alert has had, the oldest first."""
    tries: dict[str, Try] = {}
    for event in events:
        if event.kind == "retraining" and event.id.rpartition("-")[0] == alert.id:
            first = tries.get(event.id)
            tries[event.id] = Try(first.day if first else day_of(event), event.step != "started")
    return list(tries.values())


def is_paused(events: Sequence[Event]) -> bool:
    """Return whether a person has told the loop to leave things as they are."""
    said = [event.step for event in events if event.kind == "loop" and event.step != "gave-up"]
    return bool(said) and said[-1] == "paused"


def has_given_up(alert: Alert, events: Sequence[Event]) -> bool:
    """Return whether a person was told about an alert that retraining does not help."""
    return any(event.kind == "loop" and event.id == alert.id for event in events)


def serve(lines: TextIO, answers: TextIO, settings: Settings) -> None:
    """Answer each line that says what time it is, until there are no more.

    A line that cannot be understood, or a failure, is answered with its error.
    """
    loop = Loop(settings)
    for line in lines:
        told: Mapping[str, object] = {}
        try:
            told = json.loads(line)
            moment = datetime.fromisoformat(str(told["now"]))
            with redirect_stdout(sys.stderr):  # what the steps print is for people
                events = loop.tick(moment)
            said: dict[str, object] = {"now": told["now"], "events": list(map(asdict, events))}
        except Exception as error:  # it is told, and the next hour is another try
            said = {"now": told.get("now") if isinstance(told, dict) else None}
            said["error"] = f"{type(error).__name__}: {error}"
        print(json.dumps(said), file=answers, flush=True)


def catch_up(nights: int, settings: Settings) -> list[Event]:
    """Look at the last nights as if each had just ended; return what was written down.

    For a loop that begins to listen while production runs already. What it does about an alert
    it does with all data that has landed by now, so these are a few nights, not a summer.
    """
    loop = Loop(settings)
    moments = [clock.midnight_after(day) for day in last_days(nights, settings)]
    return [event for moment in moments for event in loop.tick(moment)]


def last_days(number: int, settings: Settings) -> list[date]:
    """Return the last days of which outcomes have arrived, the oldest first; none before any."""
    file = settings.serving / "outcomes.parquet"
    if not file.exists():
        return []
    landed = pd.read_parquet(file, columns=["landed_at"])
    last = date.fromisoformat(local_day(landed["landed_at"]).max())
    return [last - timedelta(days=back) for back in reversed(range(number))]


def main(argv: Sequence[str] | None = None) -> int:
    """Listen until the standard input ends; return 0."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--nights", type=int, help="only look at the last nights, then end")
    words = parser.parse_args(argv)
    settings = read_settings(Path.cwd())
    connect(settings)
    if words.nights is None:
        serve(sys.stdin, sys.stdout, settings)
        return 0
    for event in catch_up(words.nights, settings):
        number = f"version {event.version}" if event.version else ""
        print(f"{event.kind:10} {event.step:9} {number:10} {event.cause}", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
