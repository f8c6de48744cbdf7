"""The figures that stand still, and the summer: what the model said beside what came."""

from datetime import date

import pytest

from tests.unit.dashboard.conftest import event, request
from widgets.dashboard.figure import figure
from widgets.dashboard.summer import FEWEST, Week, green, headline, summer, weeks
from widgets.world.outcomes import write_outcomes

MONDAYS = [date(2013, 4, day).toordinal() for day in (1, 8, 15)]


@pytest.mark.parametrize(
    ("axis", "label"), [("now", "seconds before"), ("days", "the day on which the flights leave")]
)
def test_a_figure_has_labels_units_and_marks(layout, write, axis, label):
    write(*(request(n, day=n, version="6" if n < 5 else "7") for n in range(9)))
    write(event(5), to="events")
    plot = figure(layout, axis)
    rooms = plot.figure.axes
    step = "per second" if axis == "now" else "per day"
    assert [room.get_ylabel() for room in rooms] == [step, "ms", step, "%", "%"]
    assert rooms[-1].get_xlabel().startswith(label)
    assert [text.get_text() for text in rooms[0].texts] == ["v7 deployed"]
    legend = [text.get_text() for text in rooms[-1].get_legend().get_texts()]
    assert legend == ["all versions", "v6", "v7"]
    assert "9 requests, 0 failed" in repr(plot)
    assert plot._repr_png_().startswith(b"\x89PNG")


def test_without_traffic_a_figure_says_so(layout):
    for plot in (figure(layout), summer(layout)):
        assert "yet" in repr(plot)
        assert plot._repr_png_().startswith(b"\x89PNG")


def test_a_week_joins_what_was_said_with_what_came(layout, write):
    write(*(request(day, day=day, p=0.1, flights=900) for day in range(14)))
    write_outcomes(date(2013, 4, 16), layout.outcomes)
    first, second = weeks(layout)
    assert [first.x, second.x] == MONDAYS[:2]
    assert first.said == second.said == pytest.approx(0.1)
    # counted with pandas from the kit's flights: those of 1 to 7 and of 8 to 14 April
    assert (first.known, round(first.late, 3)) == (6558, 0.201)
    assert (second.known, round(second.late, 3)) == (6331, 0.289)


def test_only_days_about_which_somebody_asked_are_compared(layout, write):
    write(request(0, day=0))
    write_outcomes(date(2013, 4, 16), layout.outcomes)
    (week,) = weeks(layout)
    assert 0 < week.known < 1000


def test_the_title_names_the_worst_week_and_that_no_light_was_red():
    found = [
        Week(MONDAYS[0], 0.2, 0.25, 6000, 0.0, 9.0),
        Week(MONDAYS[1], 0.1, 0.4, 6000, 0.0, 9.0),
        Week(MONDAYS[2], 0.1, 0.9, FEWEST - 1, 0.0, 9.0),  # one of whose flights few have landed
    ]
    assert headline(found) == "In the week of 8 Apr the model said 10% late; 40% were"
    assert green(found) == "All the while every light was green: no request failed"
    found.append(Week(MONDAYS[2] + 7, 0.1, None, 0, 0.5, None))
    assert green(found) == "The lights: in 1 of 4 weeks requests failed"


def test_the_summer_figure_says_it_plainly(layout, write):
    write(*(request(day, day=day, p=0.1, flights=900) for day in range(14)))
    write_outcomes(date(2013, 4, 16), layout.outcomes)
    plot = summer(layout)
    labels = [room.get_ylabel().replace("\n", " ") for room in plot.figure.axes]
    assert labels == ["late flights, %", "failed requests, %", "latency p99, ms"]
    assert repr(plot).startswith("In the week of ")
    assert "no request failed" in repr(plot)
