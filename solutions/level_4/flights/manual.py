"""Counts what people did: each step by hand stands in the event log, with a name and a reason."""

import argparse
from collections.abc import Sequence

from flights.events import Event, read_events
from flights.settings import read_settings

PROGRAMS = frozenset({"loop", "gate", "canary", "policy", "pipeline"})


def steps_by_hand(events: Sequence[Event]) -> list[Event]:
    """Return what people did, the oldest first: the first line of each thing.

    A deployment by hand has three lines and is one step. An alert is told by the loop; that
    somebody acknowledges it, under the same id, is a step of its own.

    Parameters
    ----------
    events : sequence of Event
        The event log, or a part of it.
    """
    steps: dict[tuple[str, str], Event] = {}
    for event in events:
        if event.actor not in PROGRAMS:
            steps.setdefault((event.kind, event.id), event)
    return list(steps.values())


def main(argv: Sequence[str] | None = None) -> int:
    """Print each step by hand, and how many there were; return 0."""
    argparse.ArgumentParser(description=__doc__).parse_args(argv)
    steps = steps_by_hand(read_events(read_settings()))
    for step in steps:
        print(f"{step.kind:10} {step.step:13} by {step.actor}: {step.cause}")
    print(f"{len(steps)} steps by hand")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
