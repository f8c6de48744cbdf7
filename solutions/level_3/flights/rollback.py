"""Back to the last good version, in one command, with who, when and why."""

import argparse
from collections.abc import Sequence

from flights.deploy import DeployError, change_over, one_change_over, person
from flights.events import Event, read_events
from flights.settings import Settings, read_settings
from flights.store import StoreError, connect


def in_service(events: Sequence[Event]) -> list[int]:
    """Return the versions that were brought into service and not taken back, the oldest first.

    The last one serves. A rollback takes the last one away: so a second rollback goes one further
    back, and never forward again to what somebody has just fled from.
    """
    stack: list[int] = []
    for event in events:
        if event.step != "done" or event.version is None:
            continue
        if event.kind == "deploy" and stack[-1:] == [event.version]:
            continue  # deployed once more: it served already
        if event.kind == "deploy":
            stack.append(event.version)
        elif event.kind == "rollback":
            stack.pop()
    return stack


def roll_back(reason: str, settings: Settings) -> int:
    """Go back to the version that served before, and return its number.

    From now on nothing is deployed by itself, until somebody resumes.

    Raises
    ------
    DeployError
        If no reason is given, there is nothing to go back to, or the server refuses it.
    """
    if not reason.strip():
        raise DeployError('say why: --reason "…"; who comes tomorrow will ask')
    connect(settings)
    with one_change_over(settings):
        stack = in_service(read_events(settings))
        if len(stack) < 2:
            there = f"version {stack[0]} is the first" if stack else "no version was ever"
            raise DeployError(f"there is nothing to go back to: {there} that was deployed")
        change_over("rollback", stack[-2], person(settings), reason, settings)
    return stack[-2]


def main(argv: Sequence[str] | None = None) -> int:
    """Roll back; return 0, or 1 if it could not be done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reason", default="", help="why: it is written down")
    words = parser.parse_args(argv)
    try:
        version = roll_back(words.reason, read_settings())
    except (DeployError, StoreError) as error:
        print(error)
        return 1
    print(f"version {version} serves again; nothing is deployed by itself until you resume:")
    print('  python -m flights.deploy --resume --reason "…"')
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
