"""What an honest look finds at teams of several kinds; a false "proved" is the worst error."""

import pytest

from tests.unit.project.teams import TEAMS, Team
from widgets.maturity import State, load
from widgets.project.assess import assess_project

UNPROVED = {State.MISSING, State.HIDDEN}


@pytest.mark.parametrize("make", TEAMS, ids=lambda make: make.__name__)
def test_each_practice_is_what_it_is(make, tmp_path, database):
    team = Team(tmp_path, database)
    expected = make(team)
    result = assess_project(team.asked()).assessment
    found = {row.practice.id: row for row in result.practices}
    wrong = {}
    for practice in load().practices:
        row = found[practice.id]
        word = expected.get(practice.id)
        right = row.state.value == word if word else row.state in UNPROVED
        if not right:
            wrong[practice.id] = (word or "not proved", row.state.value, row.reason)
    assert not wrong
