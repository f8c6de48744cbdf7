"""A board in words: for a page without a kernel, for a table, and for a screen reader."""

from collections.abc import Sequence
from datetime import date, datetime

from widgets.dashboard.feed import Board
from widgets.dashboard.panels import MOST, share_of
from widgets.dashboard.tally import Point

NOTHING = "No traffic yet. `course.traffic()` sends some."
TITLE = "The model server as its clients see it"


def in_words(board: Board) -> str:
    """Return what is the same on every machine: no times, no latencies."""
    if not board.requests:
        return f"{TITLE}\n  {NOTHING}"
    lines = [TITLE, f"  {_requests(board.requests)}, {board.failed:,} failed"]
    if board.versions:
        lines.append(f"  answered by version {', then '.join(board.versions)}")
    if board.changes:
        lines.append(f"  change-overs: {', '.join(board.changes)}")
    if board.alerts:
        lines.append(f"  alerts: {', '.join(board.alerts)}")
    return "\n".join([*lines, *(f"  {problem}" for problem in board.problems)])


def table(board: Board) -> dict[str, object]:
    """Return the board as a table: its columns, and a row for each coarser step."""
    if board.axis == "now":
        first = f"From (wall clock), {board.width} s each"
    else:
        first = "Week from" if board.width == 7 else "Day (New York)"
    shown = [v for v in board.versions if any(v in row.by_version for row in board.rows)][-MOST:]
    columns = [
        first,
        "Requests",
        "Failed",
        "p50, ms",
        "p99, ms",
        "Predicted late, %",
        *(f"v{version}, %" for version in shown),
        *(f"By v{version}, % of flights" for version in _split(shown)),
    ]
    if board.marks:
        columns.append("What happened")
    return {"columns": columns, "rows": [_row(board, row, shown) for row in reversed(board.rows)]}


def summary(board: Board) -> str:
    """Return the newest of the coarser steps in one sentence, as the picture's name."""
    if not board.rows:
        return f"{TITLE}: no traffic yet"
    row = board.rows[-1]
    said = f"{step_name(board, row.x)}: {_requests(row.requests)}, {row.failed:,} failed"
    if row.p50 is not None and row.p99 is not None:
        said += f", latency p50 {row.p50:.1f} ms and p99 {row.p99:.1f} ms"
    if row.said is not None:
        said += f", {row.said:.0%} predicted late"
    return f"{TITLE}. {said}"


def step_name(board: Board, x: int) -> str:
    """Return the name of a step: 14:03:10, or 1 Apr."""
    if board.axis == "now":
        return f"{datetime.fromtimestamp(x):%H:%M:%S}"
    return day_name(x)


def day_name(ordinal: int) -> str:
    """Return a day: 1 Apr."""
    day = date.fromordinal(ordinal)
    return f"{day.day} {day:%b}"


def _row(board: Board, row: Point, shown: Sequence[str]) -> list[str]:
    cells = [
        step_name(board, row.x),
        f"{row.requests:,}",
        f"{row.failed:,}",
        _number(row.p50),
        _number(row.p99),
        _number(row.said, 100),
        *(_number(row.by_version.get(version), 100) for version in shown),
        *(_number(share_of(version, [row]), 100) for version in _split(shown)),
    ]
    if board.marks:
        here = range(row.x, row.x + board.width)
        cells.append(", ".join(mark.label for x, mark in board.marks if x in here))
    return cells


def _split(shown: Sequence[str]) -> Sequence[str]:
    return shown if len(shown) > 1 else ()


def _requests(number: int) -> str:
    return "1 request" if number == 1 else f"{number:,} requests"


def _number(value: float | None, times: float = 1) -> str:
    return "–" if value is None else f"{value * times:.1f}"
