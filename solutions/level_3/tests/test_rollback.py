"""What is in service, read out of the event log."""

import pytest

from flights.events import Event
from flights.rollback import in_service


def event(kind: str, version: int, step: str = "done") -> Event:
    return Event("", kind, step, "", version, None, None, "", "")


ONE, TWO, THREE = (event("deploy", version) for version in (1, 2, 3))


@pytest.mark.parametrize(
    ("events", "stack"),
    [
        ([], []),
        ([ONE, TWO], [1, 2]),
        ([ONE, TWO, event("rollback", 1)], [1]),
        ([ONE, event("deploy", 2, "moved"), event("deploy", 2, "undone")], [1]),
        ([ONE, TWO, THREE, event("rollback", 2), event("rollback", 1)], [1]),
        ([ONE, TWO, event("rollback", 1), THREE], [1, 3]),
        ([ONE, TWO, event("resume", 2)], [1, 2]),
        ([ONE, TWO, TWO], [1, 2]),
        ([ONE, TWO, ONE], [1, 2, 1]),
    ],
)
def test_a_rollback_takes_the_top_away(events, stack):
    assert in_service(events) == stack
