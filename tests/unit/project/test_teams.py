"""What an honest look finds at teams of several kinds; a false "proved" is the worst error."""

import pytest

from tests.unit.project.teams import TEAMS, Team
from widgets.maturity import State, load
from widgets.project.assess import assess_project


@pytest.mark.parametrize("make", TEAMS, ids=lambda make: make.__name__)
def test_each_practice_is_what_it_is(make, tmp_path, database):
    team = Team(tmp_path, database)
    expected = make(team)
    result = assess_project(team.asked()).assessment
    found = {row.practice.id: row for row in result.practices}
    wrong = {}
    for practice in load().practices:
        row, word = found[practice.id], expected.get(practice.id, State.HIDDEN.value)
        if row.state.value != word:
            wrong[practice.id] = (word, row.state.value, row.reason)
    assert not wrong
