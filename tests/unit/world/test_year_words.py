"""What a person reads while the year runs, and the file that says how far it is."""

import json
from datetime import UTC, datetime

import pytest

from widgets.base.errors import KitError
from widgets.world.year_state import YearFile, YearState, read_state, state_file
from widgets.world.year_words import YearProgress, event_line, policy_lines

NOW = datetime(2013, 4, 24, 4, tzinfo=UTC)
STARTED = datetime(2026, 11, 24, 1, 2, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (
            {"kind": "alert", "step": "fired", "cause": "loss_excess 0.129 > 0.05\non 2 days"},
            "24 April 00:00  alert fired: loss_excess 0.129 > 0.05 on 2 days",
        ),
        (
            {"kind": "policy", "step": "refused", "version": 7, "cause": "no owner"},
            "24 April 00:00  policy refused, version 7: no owner",
        ),
        ({"kind": "deploy", "step": "moved", "version": 7}, ""),
        ({}, "24 April 00:00  ?"),
    ],
)
def test_an_event_is_one_line_and_what_only_leads_to_another_is_none(event, line):
    assert event_line(event, NOW) == line


def test_a_long_cause_is_cut():
    assert len(event_line({"kind": "alert", "cause": "because " * 50}, NOW)) == 160


def test_how_far_it_is_names_the_date_and_the_requests():
    assert str(YearProgress(23, 275, NOW, 1234, 1)) == "24 April 00:00  1,234 requests, 1 failed"
    assert str(YearProgress(0, 275)) == "0 requests, 0 failed"


def test_the_state_is_kept_as_agreed_and_read_again(layout):
    file = YearFile(layout, YearState(started=STARTED, commit="abc", seconds=40.0))
    assert read_state(layout) is None
    file.keep(asked=NOW, requests=1)
    kept = json.loads(state_file(layout).read_text())
    assert 40.0 <= kept.pop("seconds") < 50
    assert kept == {
        "state": "running",
        "asked": "2013-04-24T04:00:00+00:00",
        "told": None,
        "requests": 1,
        "failed": 0,
        "started": "2026-11-24T01:02:03+00:00",
        "commit": "abc",
    }
    assert read_state(layout) == file.state


@pytest.mark.parametrize("text", ["", "{", "[]", '{"state": "paused"}'])
def test_a_damaged_state_is_said_and_nothing_is_touched(layout, text):
    layout.root.mkdir()
    state_file(layout).write_text(text)
    with pytest.raises(KitError, match=r"year\.json is damaged.*--again"):
        read_state(layout)
    assert state_file(layout).read_text() == text


def test_the_policies_are_told_one_by_one_and_a_damaged_file_tells_none(layout):
    layout.root.mkdir()
    assert list(policy_lines(layout)) == []
    file = layout.root / "policies.json"
    file.write_text('{"policies": {"loop": {"all": 0.51351, "trainings": 5}}}')
    assert list(policy_lines(layout)) == ["  loop         log loss 0.5135, 5 trainings"]
    file.write_text("[1]")
    assert list(policy_lines(layout)) == []
