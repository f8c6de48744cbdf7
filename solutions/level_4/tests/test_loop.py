"""What the loop answers to an alert."""

from datetime import date, timedelta

import pytest

from flights.alerts import Alert, Rule
from flights.loop import Try, answer

DAY = date(2013, 6, 1)
RULE = Rule("loss", "loss_excess", 0.05, 2, 5, "critical", True)
ALERT = Alert("loss-2013-06-01", "loss", DAY)


@pytest.mark.parametrize(
    ("after", "tries", "bad", "busy", "wanted"),
    [
        (0, [], True, False, "retrain"),
        (0, [], False, False, "nothing"),
        (0, [], True, True, "nothing"),
        (0, [(0, False)], False, False, "retrain"),
        (4, [(0, True)], True, False, "nothing"),
        (5, [(0, True)], True, False, "retrain"),
        (15, [(0, True), (5, True), (10, True)], True, False, "give up"),
    ],
)
def test_each_state_has_its_answer(after, tries, bad, busy, wanted):
    had = [Try(DAY + timedelta(days=day), ended) for day, ended in tries]
    assert answer(RULE, ALERT, had, DAY + timedelta(days=after), bad, busy) == wanted
