"""What the small pictures of a dashboard show: titles with units, and curves over the steps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from widgets.dashboard.feed import Board
from widgets.dashboard.tally import Point

# Colours that people with any kind of colour vision tell apart (after Okabe and Ito, 2008); the
# dashes say the same without any colour. Two versions that follow each other differ in both.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#B0568A")
DASHES: tuple[tuple[int, ...], ...] = ((), (7, 3), (2, 3), (9, 3, 2, 3))
ALL = -1  # the style of "all versions": grey, broad and pale, below the others
SHARE = "Share predicted late (mean probability)"
SPLIT = "Flights answered by each version"
SPLIT_FLIGHTS = 15  # a second may have too few flights to show how they are split
SPLIT_STEPS = 10  # but nothing older than this is put together
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
    """Return the pictures: requests, latency, failures, the split, the share predicted late.

    The split between versions is left out where one version answered everything.
    """
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
        *split(board),
        Panel(SHARE, "%", versions(board), 10),
    ]


def split(board: Board) -> list[Panel]:
    """Return which share of the flights each version answered, if more than one did."""
    seen = seen_versions(board)
    if len(seen) < 2:
        return []
    windows = [ending_at(end, board.points) for end in range(1, len(board.points) + 1)]
    curves = [
        Curve(
            f"v{version}",
            board.versions.index(version),
            tuple(percent(share_of(version, window)) for window in windows),
        )
        for version in seen
    ]
    return [Panel(SPLIT, "%", tuple(curves), 100)]


def ending_at(end: int, points: Sequence[Point]) -> Sequence[Point]:
    """Return the fewest steps up to the one before `end` that hold flights enough."""
    begin = end - 1
    while begin > max(0, end - SPLIT_STEPS) and flights_of(points[begin:end]) < SPLIT_FLIGHTS:
        begin -= 1
    return points[begin:end]


def flights_of(points: Sequence[Point]) -> int:
    """Return how many flights were answered in some steps."""
    return sum(sum(point.answered.values()) for point in points)


def share_of(version: str, points: Sequence[Point]) -> float | None:
    """Return the share of the flights of some steps that a version answered; None without any."""
    flights = flights_of(points)
    return sum(point.answered.get(version, 0) for point in points) / flights if flights else None


def seen_versions(board: Board) -> list[str]:
    """Return the newest versions that answered in the steps shown."""
    return [v for v in board.versions if any(v in p.by_version for p in board.points)][-MOST:]


def versions(board: Board) -> tuple[Curve, ...]:
    """Return the mean predicted probability, in percent, by version and in all."""
    seen = seen_versions(board)
    curves = [
        Curve(
            f"v{version}",
            board.versions.index(version),
            tuple(percent(point.by_version.get(version)) for point in board.points),
        )
        for version in seen
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
