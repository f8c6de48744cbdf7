"""Writes down what the loop does, and reads it again: the event log is all that it remembers."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from flights import clock
from flights.alerts import Alert
from flights.events import Event, now, write
from flights.settings import Settings


def record(
    kind: str,
    step: str,
    id: str,
    settings: Settings,
    *,
    actor: str,
    cause: str,
    version: int | None = None,
    previous: int | None = None,
    run_id: str | None = None,
) -> Event:
    """Write an event that belongs to the present moment of production, and return it."""
    event = Event(
        at=now(),
        kind=kind,
        step=step,
        id=id,
        version=version,
        previous=previous,
        run_id=run_id,
        actor=settings.actor or actor,
        cause=cause,
        event_time=clock.event_time(),
    )
    write(event, settings)
    return event


def latest(kind: str, events: Sequence[Event]) -> dict[str, Event]:
    """Return the last event of each thing of a kind, by its id, the oldest thing first."""
    return {event.id: event for event in events if event.kind == kind}


def read_alerts(events: Sequence[Event]) -> dict[str, Alert]:
    """Return the latest alert of each rule, by the rule's name."""
    steps: dict[str, dict[str, date]] = {}
    for event in events:
        if event.kind == "alert":
            steps.setdefault(event.id, {})[event.step] = day_of(event)
    alerts = {}
    for id, days in steps.items():
        rule, fired = id[:-11], date.fromisoformat(id[-10:])
        alerts[rule] = Alert(id, rule, fired, days.get("resolved"), days.get("acknowledged"))
    return alerts


def day_of(event: Event) -> date:
    """Return the day whose end an event belongs to; without one, the day it was written on."""
    moment = datetime.fromisoformat(event.event_time or event.at)
    return (moment.astimezone(clock.HERE) - timedelta(microseconds=1)).date()
