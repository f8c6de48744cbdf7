"""The year as a picture: four ways through it by month, and below what the loop did when."""

from datetime import datetime
from typing import Any

from matplotlib.dates import DateFormatter, MonthLocator
from matplotlib.figure import Figure

from widgets.base.errors import KitError
from widgets.base.paths import Layout
from widgets.base.plot import Plot
from widgets.dashboard.figure import empty
from widgets.dashboard.panels import COLOURS
from widgets.dashboard.year_report import (
    BOOSTING,
    LOOP,
    LOSS_ALERT,
    MONTHLY,
    NAMES,
    REFUSED,
    UNTOUCHED,
    YearReport,
    read_year,
)

BLUE, ORANGE, GREEN, PURPLE = COLOURS
STYLES: dict[str, dict[str, Any]] = {
    UNTOUCHED: {"color": ORANGE, "linestyle": ":", "marker": "s"},
    MONTHLY: {"color": GREEN, "linestyle": "--", "marker": "^"},
    LOOP: {"color": BLUE, "linestyle": "-", "marker": "o", "linewidth": 2.2},
    BOOSTING: {"color": PURPLE, "linestyle": "-.", "marker": "D"},
}
# From top to bottom; the marks differ in form, not in colour alone.
LANES = {
    "alert: drift": ("v", PURPLE),
    LOSS_ALERT: ("v", ORANGE),
    "retrained": ("o", BLUE),
    REFUSED: ("x", ORANGE),
    "canary step": ("|", GREEN),
    "promoted": ("^", GREEN),
    "withdrawn or back": ("<", ORANGE),
}


def year_figure(layout: Layout) -> Plot:
    """Return the last finished year of a workspace as a figure; what is missing is said in it."""
    try:
        report = read_year(layout)
    except KitError as error:
        return Plot(empty(str(error).replace("`", "")), str(error))
    return Plot(drawn(report), in_words(report))


def drawn(report: YearReport) -> Figure:
    """Return the figure of a year."""
    figure = Figure(figsize=(9, 6.6), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(2.2, 1))
    middles = [datetime.strptime(f"{month}-15", "%Y-%m-%d") for month in report.months]
    for name, style in STYLES.items():
        label = f"{NAMES[name]} ({report.whole[name]:.3f})"
        above.plot(middles, report.losses[name], label=label, markersize=5, **style)
    above.set_ylabel("log loss (nats a flight)\nlower is better")
    above.set_title(
        "Four ways through the year, April to December; in brackets all of it", loc="left"
    )
    above.legend(fontsize=9)
    above.grid(alpha=0.25)
    for place, (lane, (marker, colour)) in enumerate(LANES.items()):
        days = [moment.at.replace(tzinfo=None) for moment in report.moments if moment.lane == lane]
        below.plot(days, [-place] * len(days), marker, color=colour, markersize=7)
    below.set_yticks([-place for place in range(len(LANES))], list(LANES), fontsize=9)
    below.set_ylim(-len(LANES) + 0.4, 0.6)
    below.set_xlabel("month of 2013")
    below.grid(axis="x", alpha=0.25)
    below.xaxis.set_major_locator(MonthLocator())  # type: ignore[no-untyped-call]
    below.xaxis.set_major_formatter(DateFormatter("%b"))  # type: ignore[no-untyped-call]
    return figure


def in_words(report: YearReport) -> str:
    """Return what the figure shows, in words."""
    ranked = sorted(report.whole, key=lambda name: report.whole[name])
    losses = ", ".join(f"{NAMES[name]} {report.whole[name]:.3f}" for name in ranked)
    counted = ", ".join(f"{lane} {report.count(lane)}" for lane in LANES)
    return f"Log loss, April to December: {losses}. What happened: {counted}."
