"""What the small pictures of a dashboard show: titles with units, and curves over the steps."""

from collections.abc import Callable
from dataclasses import dataclass

from widgets.dashboard.feed import Board
from widgets.dashboard.tally import Point

# Colours that people with any kind of colour vision tell apart (after Okabe and Ito, 2008); the
# dashes say the same without any colour. Two versions that follow each other differ in both.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#B0568A")
DASHES: tuple[tuple[int, ...], ...] = ((), (7, 3), (2, 3), (9, 3, 2, 3))
ALL = -1  # the style of "all versions": grey, broad and pale, below the others
SHARE = "Share predicted late (mean probability)"
MOST = 5  # versions that have a curve of their own: the newest


@dataclass(frozen=True)
class Curve:
    """A line over the steps; where there is no value it has a gap.

    `style` is its place among the colours and dashes, or ALL.
    """

    name: str
    style: int
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class Panel:
    """One of the small pictures; its curves share the unit in `unit`."""

    title: str
    unit: str
    curves: tuple[Curve, ...]
    least: float  # the axis goes at least from 0 to here


def panels(board: Board) -> list[Panel]:
    """Return the four pictures: requests, latency, failures, and the share predicted late."""
    step = "per second" if board.axis == "now" else "per day"

    def curve(name: str, style: int, value: Callable[[Point], float | None]) -> Curve:
        return Curve(name, style, tuple(value(point) for point in board.points))

    return [
        Panel("Requests", step, (curve("requests", 0, lambda p: p.requests),), 1),
        Panel(
            "Latency of good answers",
            "ms",
            (curve("p50", 0, lambda p: p.p50), curve("p99", 1, lambda p: p.p99)),
            1,
        ),
        Panel("Failed requests", step, (curve("failed", 1, lambda p: p.failed),), 1),
        Panel(SHARE, "%", versions(board), 10),
    ]


def versions(board: Board) -> tuple[Curve, ...]:
    """Return the mean predicted probability, in percent, by version and in all."""
    seen = [v for v in board.versions if any(v in point.by_version for point in board.points)]
    curves = [
        Curve(
            f"v{version}",
            board.versions.index(version),
            tuple(percent(point.by_version.get(version)) for point in board.points),
        )
        for version in seen[-MOST:]
    ]
    if len(seen) > 1:
        every = Curve("all versions", ALL, tuple(percent(point.said) for point in board.points))
        curves.insert(0, every)
    return tuple(curves)


def percent(share: float | None) -> float | None:
    """Return a share in percent."""
    return None if share is None else 100 * share


def colour_of(style: int) -> int:
    """Return which of the colours a style has."""
    return style % len(COLOURS)


def dashes_of(style: int) -> tuple[int, ...]:
    """Return a style's dashes, in pixels on and off; none is a whole line."""
    return DASHES[(style + style // len(COLOURS)) % len(DASHES)]
