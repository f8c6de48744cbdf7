"""The year's picture and table: what is counted, marked, said, and named as not helped."""

import json

import pytest

from widgets.base.errors import KitError
from widgets.base.paths import Layout
from widgets.dashboard.year_figure import LANES, year_figure
from widgets.dashboard.year_report import Moment, moments, read_year, table

LOSSES = {
    "untouched": [0.60, 0.50, 0.40],
    "monthly": [0.60, 0.48, 0.41],
    "loop": [0.59, 0.5015, 0.43],
    "boosting": [0.58, 0.47, 0.39],
}


def line(kind: str, step: str, id: str, day: int, actor: str = "loop", cause: str = "") -> dict:
    at = f"2013-04-{day:02}T04:00:00+00:00"
    return {
        "kind": kind,
        "step": step,
        "id": id,
        "event_time": at,
        "actor": actor,
        "cause": cause,
    }


EVENTS = [
    line("alert", "fired", "spread-2013-04-02", 3, cause="drifted_columns 8.000, threshold 4"),
    line("alert", "fired", "wrong-2013-04-03", 4, cause="loss_excess 0.128, threshold 0.05"),
    line("retraining", "started", "wrong-2013-04-03-1", 4),
    line("retraining", "done", "wrong-2013-04-03-1", 4, cause="the gate's decision: no"),
    line("retraining", "failed", "wrong-2013-04-03-2", 5, cause="step train: disk full"),
    line("retraining", "done", "wrong-2013-04-03-3", 6, cause="the gate's decision: yes"),
    line("policy", "refused", "policy-4", 6, actor="policy"),
    line("canary", "started", "a", 7, actor="canary"),
    line("canary", "step", "a", 8, actor="canary"),
    line("canary", "promoted", "a", 9, actor="canary"),
    line("canary", "withdrawn", "b", 10, actor="canary"),
    line("rollback", "done", "c", 11, actor="ada"),
    line("rollback", "intent", "c", 11, actor="ada"),
    line("deploy", "done", "d", 12, actor="gate"),
]


@pytest.fixture
def year(layout: Layout) -> Layout:
    made = layout.year
    made.serving.mkdir(parents=True)
    (made.root / "year.json").write_text(
        json.dumps({"state": "done", "requests": 1926, "failed": 2})
    )
    policies = {
        name: {"loss": loss, "all": sum(loss) / 3, "trainings": place}
        for place, (name, loss) in enumerate(LOSSES.items())
    }
    compared = {
        "months": ["2013-04", "2013-05", "2013-06"],
        "late": [0.28, 0.22, 0.31],
        "policies": policies,
    }
    (made.root / "policies.json").write_text(json.dumps(compared))
    lines = [json.dumps(event) for event in EVENTS]
    made.events_log.write_text("\n".join([*lines, '{"torn": ']))
    steps = layout.project / "analysis" / "steps.yaml"
    steps.parent.mkdir(parents=True)
    steps.write_text("manual_steps: [run, save, copy, tell]\n")
    return made


@pytest.mark.parametrize(
    ("lane", "count"),
    [
        ("alert: drift", 1),
        ("alert: loss", 1),
        ("retrained", 3),
        ("refused", 2),
        ("canary step", 1),
        ("promoted", 1),
        ("withdrawn or back", 2),
    ],
)
def test_each_event_is_marked_in_its_lane_once(layout, year, lane, count):
    assert lane in LANES
    assert read_year(layout).count(lane) == count


def test_every_lane_that_an_event_can_have_is_drawn(layout, year):
    assert {moment.lane for moment in read_year(layout).moments} == set(LANES)


def test_the_moments_are_in_order_and_an_event_without_a_time_is_none():
    late, early = line("rollback", "done", "c", 9), line("rollback", "done", "b", 2)
    found = moments([late, early, line("rollback", "done", "d", 3) | {"event_time": None}])
    assert [moment.at.day for moment in found] == [2, 9]
    assert all(isinstance(moment, Moment) for moment in found)


def test_steps_by_hand_are_things_that_people_did_and_not_lines(layout, year):
    report = read_year(layout)
    assert (report.by_hand, report.before) == (1, 4)


def test_months_in_which_the_loop_did_not_help_are_named(layout, year):
    assert read_year(layout).not_helped() == ["2013-06"]  # 0.0015 more in May is no difference
    said = table(read_year(layout))
    assert "Months in which the loop did not help: 2013-06." in said
    assert "Steps by hand: 4 for one retraining at Level 0, 1 in this year." in said
    assert "1,926 requests, 2 failed." in said


def test_the_table_has_each_month_and_each_policy_in_its_column(layout, year):
    rows = {row.split()[0]: row.split()[1:] for row in table(read_year(layout)).splitlines() if row}
    assert rows["2013-05"] == ["22%", "0.500", "0.480", "0.501", "0.470"]
    assert rows["all"] == ["0.5000", "0.4967", "0.5072", "0.4800"]
    assert rows["trainings"] == ["0", "1", "2", "3"]


def test_without_the_steps_of_level_0_they_are_unknown(layout, year):
    (layout.project / "analysis" / "steps.yaml").unlink()
    assert "Steps by hand: unknown for one retraining" in table(read_year(layout))


def test_the_picture_has_every_policy_with_its_figure_and_every_lane(layout, year):
    plot = year_figure(layout)
    above, below = plot.figure.axes
    assert [line.get_ydata().tolist() for line in above.get_lines()] == list(LOSSES.values())
    legend = [text.get_text() for text in above.get_legend().get_texts()]
    assert legend[2] == "the full loop (0.507)"
    assert [text.get_text() for text in below.get_yticklabels()] == list(LANES)
    assert [len(line.get_xdata()) for line in below.get_lines()] == [1, 1, 3, 2, 1, 1, 2]
    assert "log loss" in above.get_ylabel()
    assert repr(plot).startswith("Log loss, April to December: gradient boosting")
    assert "withdrawn or back 2" in repr(plot)
    assert plot._repr_png_().startswith(b"\x89PNG")


def test_where_no_year_has_run_the_picture_says_what_to_do(layout):
    assert "maturity year" in repr(year_figure(layout))
    with pytest.raises(KitError, match="exercise 4"):
        read_year(layout)


def test_a_year_that_is_not_over_says_so(layout, year):
    (year.root / "year.json").write_text('{"state": "under way"}')
    with pytest.raises(KitError, match="not over yet"):
        read_year(layout)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"months": [], "late": [], "policies": 5}'])
def test_damaged_figures_are_named_with_the_mend(layout, year, text):
    (year.root / "policies.json").write_text(text)
    with pytest.raises(KitError, match="maturity year --again"):
        read_year(layout)
