"""What a person says to the loop: I have seen it; wait; go on."""

import argparse
import uuid
from collections.abc import Sequence

from flights.deploy import person
from flights.events import read_events
from flights.journal import latest, record
from flights.loop import is_paused
from flights.settings import Settings, read_settings


def acknowledge(alert: str, reason: str, settings: Settings) -> None:
    """Write down that a person has seen an alert.

    Raises
    ------
    ValueError
        If there is no such alert.
    """
    alerts = latest("alert", read_events(settings))
    if alert not in alerts:
        raise ValueError(f"there is no alert {alert!r}; there are: {', '.join(alerts) or 'none'}")
    who = person(settings)
    record("alert", "acknowledged", alert, settings, actor=who, cause=reason or "seen")


def pause(reason: str, settings: Settings) -> None:
    """Let the loop watch and tell, but start nothing."""
    record("loop", "paused", uuid.uuid4().hex[:8], settings, actor=person(settings), cause=reason)


def go_on(reason: str, settings: Settings) -> None:
    """Let the loop act again."""
    record("loop", "resumed", uuid.uuid4().hex[:8], settings, actor=person(settings), cause=reason)


def main(argv: Sequence[str] | None = None) -> int:
    """Do what a person says; return 0, or 1 if it could not be done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["status", "acknowledge", "pause", "go-on"])
    parser.add_argument("alert", nargs="?", default="", help="which alert (for acknowledge)")
    parser.add_argument("--reason", default="", help="why: it is written down")
    words = parser.parse_args(argv)
    settings = read_settings()
    if words.what in ("pause", "go-on") and not words.reason.strip():
        print('say why: --reason "…"')
        return 1
    try:
        if words.what == "acknowledge":
            acknowledge(words.alert, words.reason, settings)
        elif words.what == "pause":
            pause(words.reason, settings)
        elif words.what == "go-on":
            go_on(words.reason, settings)
    except ValueError as error:
        print(error)
        return 1
    print(describe(settings))
    return 0


def describe(settings: Settings) -> str:
    """Return how the loop and its alerts are, a line each."""
    events = read_events(settings)
    lines = ["the loop is paused" if is_paused(events) else "the loop is at work"]
    for id, event in latest("alert", events).items():
        lines.append(f"  {id:20} {event.step:13} {event.cause}")
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
