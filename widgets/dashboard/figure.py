"""The dashboard as a figure that stands still: for a page without a kernel, or a report."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from widgets.base.paths import Layout
from widgets.base.plot import Plot
from widgets.dashboard.describe import NOTHING, TITLE, day_name, in_words, step_name
from widgets.dashboard.feed import Axis, Board, feed_of
from widgets.dashboard.panels import ALL, COLOURS, SHARE, Curve, colour_of, dashes_of, panels
from widgets.dashboard.scale import day_ticks, top_of
from widgets.dashboard.series import SECONDS

GREY = "#777777"
LEAST = 20  # seconds that are shown, however few there were


def figure(layout: Layout, axis: Axis = "now") -> Plot:
    """Return the dashboard as a figure.

    Parameters
    ----------
    layout : Layout
        The workspace whose logs are read.
    axis : {"now", "days"}
        The last 120 seconds up to the last request, or the days on which the flights leave.
    """
    feed = feed_of(layout)
    feed.refresh()
    board = feed.board(axis)
    if not board.points:
        return Plot(empty(NOTHING.replace("`", "")), in_words(board))
    shown = panels(board)
    drawn = Figure(figsize=(8, 1.8 * len(shown)), layout="constrained")
    rooms = drawn.subplots(
        len(shown),
        1,
        sharex=True,
        height_ratios=[1.5 if each.title == SHARE else 1 for each in shown],
    )
    last = board.points[-1].x
    xs = [point.x - last if axis == "now" else point.x for point in board.points]
    for room, panel in zip(rooms, shown, strict=True):
        for curve in panel.curves:
            room.plot(xs, [_gap(value) for value in curve.values], label=curve.name, **style(curve))
        room.set_title(panel.title, loc="left", fontsize=10)
        room.set_ylabel(panel.unit)
        room.set_ylim(0, top_of(panel) * 1.04)
        if len(panel.curves) > 1 or panel.unit == "%":
            room.legend(loc="upper left", fontsize=8, ncols=4)
        for at, _ in board.marks:
            room.axvline(at - last if axis == "now" else at, color="black", linewidth=1, ls=":")
    _name_marks(rooms[0], board, last)
    if axis == "now":
        rooms[-1].set_xlim(max(1 - SECONDS, min(xs[0], -LEAST)), 1)
        when = step_name(board, last)
        rooms[-1].set_xlabel(f"seconds before {when}, by the wall clock")
    else:
        name_days(rooms[-1], xs)
    failed = f"{board.failed:,} of {board.requests:,} requests failed"
    drawn.suptitle(f"{TITLE}: {failed}", fontsize=11)
    return Plot(drawn, in_words(board))


def name_days(axes: Axes, days: list[int]) -> None:
    """Name some of the days below an axis whose numbers are their ordinals."""
    ticks = day_ticks(days)
    axes.set_xticks(ticks, [day_name(tick) for tick in ticks])
    axes.set_xlabel("the day on which the flights leave (2013, New York)")


def style(curve: Curve) -> dict[str, object]:
    """Return a curve's colour and dashes as matplotlib wants them."""
    alone = sum(value is not None for value in curve.values) < 3
    marker = {"marker": "o", "markersize": 4} if alone else {}
    if curve.style == ALL:
        return {"color": GREY, "linewidth": 5.0, "alpha": 0.3, **marker}
    dashes = dashes_of(curve.style)
    line = (0, tuple(each / 2 for each in dashes)) if dashes else "-"
    return {"color": COLOURS[colour_of(curve.style)], "linestyle": line, **marker}


def empty(words: str) -> Figure:
    """Return a figure that says why there is nothing to see."""
    drawn = Figure(figsize=(8, 1.2))
    drawn.text(0.5, 0.5, words, ha="center", va="center", color=GREY)
    return drawn


def _name_marks(axes: Axes, board: Board, last: int) -> None:
    for at, mark in board.marks:
        axes.annotate(
            mark.label,
            (at - last if board.axis == "now" else at, 1),
            xycoords=("data", "axes fraction"),
            xytext=(-3, -3),
            textcoords="offset points",
            rotation=90,
            va="top",
            ha="right",
            fontsize=8,
        )


def _gap(value: float | None) -> float:
    return float("nan") if value is None else value
