"""The drawing is a whole SVG with units, gaps where nothing is known, and versions told apart."""

import math
from xml.etree import ElementTree

import pytest

from tests.unit.dashboard.conftest import NOON, event, request
from widgets.dashboard.describe import summary, table
from widgets.dashboard.drawing import draw
from widgets.dashboard.feed import Feed
from widgets.dashboard.panels import COLOURS, MOST, SPLIT, colour_of, dashes_of, panels
from widgets.dashboard.scale import day_ticks, top_of

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def board(layout, write, monkeypatch):
    monkeypatch.setattr("time.time", lambda: NOON.timestamp() + 1000)

    def made(*lines, axis="now", events=()):
        write(*lines)
        write(*events, to="events")
        feed = Feed(layout)
        feed.refresh()
        return feed.board(axis)

    return made


def texts(svg):
    return [node.text for node in ElementTree.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("axis", ["now", "days"])
def test_an_empty_board_says_how_to_get_traffic(board, axis):
    assert "No traffic yet. course.traffic() sends some." in texts(draw(board(axis=axis)))


@pytest.mark.parametrize(
    ("axis", "words"),
    [("now", "Requests, per second"), ("days", "Requests, per day")],
)
def test_every_axis_has_its_unit(board, axis, words):
    found = texts(draw(board(request(0), request(1, day=1), axis=axis)))
    assert words in found
    assert "Latency of good answers, ms" in found
    assert "Share predicted late (mean probability), %" in found


def test_change_overs_are_named_and_many_do_not_overlap(board):
    events = [event(n / 10, version=n, id=str(n)) for n in range(30)]
    svg = draw(board(request(0), request(3), events=events))
    assert svg.count('class="kb-mark"') == 30
    assert svg.count('class="kb-change"') == 3


def test_a_curve_has_a_gap_where_nothing_was_answered(board):
    lines = [request(n, p=None if n == 3 else 0.2) for n in range(7)]
    (latency, _) = panels(board(*lines))[1].curves
    assert [value is None for value in latency.values] == [n == 3 for n in range(7)]
    assert "nan" not in draw(board())


def test_a_single_step_is_a_dot(board):
    assert "<circle" in draw(board(request(0), axis="days"))


def test_versions_that_follow_each_other_differ_in_colour_and_dashes():
    for one in range(40):
        assert colour_of(one) != colour_of(one + 1)
        assert dashes_of(one) != dashes_of(one + 1)
    styles = {(colour_of(n), dashes_of(n)) for n in range(16)}
    assert len(styles) == len(COLOURS) * 4


def test_of_many_versions_the_newest_have_curves(board):
    lines = [request(n, version=str(n)) for n in range(20)]
    names = [curve.name for curve in panels(board(*lines))[-1].curves]
    assert names == ["all versions", *(f"v{n}" for n in range(20 - MOST, 20))]


@pytest.mark.parametrize("highest", [0.2, 1, 1.01, 9.99, 10, 87, 100.5, 5e4])
def test_an_axis_ends_at_a_round_number_just_above(board, highest):
    panel = panels(board(request(0, ms=highest)))[1]
    end = top_of(panel)
    most = max(value for curve in panel.curves for value in curve.values)
    assert most <= end * (1 + 1e-9)
    assert end <= max(1, 2 * most)
    assert math.isclose(end, float(f"{end:.2g}"))


@pytest.mark.parametrize("days", [1, 2, 8, 30, 122, 275])
def test_some_days_are_named(days):
    ticks = day_ticks(range(734_959, 734_959 + days))
    assert 1 <= len(ticks) <= 9


def test_the_table_says_the_same_by_coarser_steps(board):
    shown = table(
        board(*(request(n, version="6" if n < 9 else "7") for n in range(25)), events=[event(9)])
    )
    assert shown["columns"][1:] == [
        *("Requests", "Failed", "p50, ms", "p99, ms", "Predicted late, %"),
        *("v6, %", "v7, %", "By v6, % of flights", "By v7, % of flights", "What happened"),
    ]
    assert [row[1] for row in shown["rows"]] == ["5", "10", "10"]
    assert shown["rows"][-1][-5:] == ["20.0", "20.0", "90.0", "10.0", "v7 deployed"]


def test_one_version_alone_has_no_split(board):
    assert SPLIT not in " ".join(panel.title for panel in panels(board(request(0), request(1))))


def test_the_split_moves_with_what_each_version_answered(board):
    lines = [request(n, version="6", flights=9 if n < 60 else 5) for n in range(120)]
    lines += [request(n, version="7", flights=1 if n < 60 else 5) for n in range(30, 120)]
    split = panels(board(*lines))[3]
    old, new = split.curves
    assert (split.title, split.unit) == (SPLIT, "%")
    assert (new.values[29], new.values[59], new.values[-1]) == (0, 10, 50)
    assert all(a + b == pytest.approx(100) for a, b in zip(old.values, new.values, strict=True))
    assert [round(value) for value in new.values[59:63]] == [10, 30, 50, 50]


def test_the_split_has_no_value_where_nobody_was_answered(board):
    lines = [request(0), request(0, version="7"), request(40, p=None), request(41)]
    _, new = panels(board(*lines))[3].curves
    assert (new.values[0], new.values[9], new.values[40], new.values[41]) == (50, 50, None, 0)


def test_a_screen_reader_hears_the_newest_step(board):
    said = summary(board(request(0), request(1, p=None), axis="days"))
    assert "1 Apr: 2 requests, 1 failed, latency p50" in said
    assert said.endswith("20% predicted late")
