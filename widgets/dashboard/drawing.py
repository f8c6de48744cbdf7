"""Draws a board as one SVG: small pictures, one below the other, over one axis of time.

The same SVG stands in the widget, where JupyterLab's theme colours it, and alone as a picture.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from widgets.dashboard.describe import NOTHING, day_name, step_name, summary
from widgets.dashboard.feed import Board
from widgets.dashboard.panels import ALL, SHARE, Curve, Panel, colour_of, dashes_of, panels
from widgets.dashboard.scale import day_ticks, top_of
from widgets.dashboard.series import SECONDS

WIDTH = 760
LEFT, RIGHT = 62, 18
MARK_ROW, MARK_ROWS = 15, 3  # the labels of what happened stand above the pictures
HIGHER, LOWER = 96, 66  # the pictures of the share, and of all else
HEAD, FOOT = 26, 46
LETTER = 6.3  # the width of a letter, about


def draw(board: Board) -> str:
    """Return the board as an SVG document."""
    return _Drawing(board).document()


class _Drawing:
    def __init__(self, board: Board) -> None:
        self._board = board
        xs = [point.x for point in board.points]
        self._last = max(xs, default=0)
        self._first = self._last - SECONDS + 1 if board.axis == "now" else min(xs, default=0)

    def document(self) -> str:
        parts: list[str] = []
        y = 8.0 + MARK_ROW * MARK_ROWS
        top = y
        for panel in panels(self._board):
            height = HIGHER if panel.title == SHARE else LOWER
            parts += self._panel(panel, y + HEAD, height)
            y += HEAD + height
        parts += self._time(y)
        if self._board.points:
            parts += self._marks(top, y)
        else:
            parts.append(_text(NOTHING.replace("`", ""), WIDTH / 2, y - 40, "empty", "middle"))
        end = y + FOOT
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="kb" viewBox="0 0 {WIDTH} {end:g}" '
            f'width="{WIDTH}" height="{end:g}" role="img" '
            f"aria-label={quoteattr(summary(self._board))}>"
            f'<style>{_style()}</style><rect class="kb-paper" width="{WIDTH}" '
            f'height="{end:g}" rx="8"/>{"".join(parts)}</svg>'
        )

    def _x(self, x: float) -> float:
        span = max(1, self._last - self._first)
        return LEFT + (WIDTH - LEFT - RIGHT) * (x - self._first) / span

    def _panel(self, panel: Panel, top: float, height: float) -> Iterator[str]:
        end = top_of(panel)
        yield _text(f"{panel.title}, {panel.unit}", LEFT, top - 7, "title")
        for share in (0, 0.5, 1):
            y = top + height * (1 - share)
            yield f'<path class="kb-grid" d="M{LEFT} {y:g}H{WIDTH - RIGHT}"/>'
            yield _text(f"{end * share:,.5g}", LEFT - 7, y + 4, "tick", "end")
        if len(panel.curves) > 1 or panel.unit == "%":
            yield from _legend(panel.curves, top - 7)
        for curve in panel.curves:
            yield self._curve(curve, top, height / end, top + height)

    def _curve(self, curve: Curve, top: float, scale: float, bottom: float) -> str:
        path, dots = [], []
        previous: float | None = None
        values = [*curve.values, None]
        for place, point in enumerate(self._board.points):
            value = values[place]
            if value is not None:
                x, y = self._x(point.x), bottom - value * scale
                path.append(f"{'M' if previous is None else 'L'}{x:.1f} {y:.1f}")
                if previous is None and values[place + 1] is None:  # alone: a line of no length
                    dots.append(f'<circle class="kb-dot" cx="{x:.1f}" cy="{y:.1f}" r="2.6"/>')
            previous = value
        return (
            f'<g class="{_kind(curve.style)}"><path class="kb-curve" '
            f'd="{"".join(path)}"{_dashes(curve.style)}/>{"".join(dots)}</g>'
        )

    def _time(self, y: float) -> Iterator[str]:
        if not self._board.points:
            return
        if self._board.axis == "now":
            named = {self._last - back: f"−{back}" if back else "0" for back in range(0, 120, 20)}
            words = f"seconds before {step_name(self._board, self._last)}, by the wall clock"
        else:
            ticks = day_ticks([self._first, self._last])
            named = {x: day_name(x) for x in ticks}
            words = "the day on which the flights leave (2013, New York)"
        for x, name in named.items():
            at = self._x(x)
            yield f'<path class="kb-grid" d="M{at:.1f} {y:g}v4"/>'
            yield _text(name, at, y + 17, "tick", "middle")
        yield _text(words, (LEFT + WIDTH - RIGHT) / 2, y + 36, "axis", "middle")

    def _marks(self, top: float, bottom: float) -> Iterator[str]:
        ends = [0.0] * MARK_ROWS  # how far to the right each row of labels is taken
        for at, mark in sorted(self._board.marks, key=lambda each: each[1].at):
            x = self._x(at)
            wide = len(mark.label) * LETTER + 8
            left = min(x, WIDTH - RIGHT - wide + 8)
            row = next((n for n in range(MARK_ROWS) if ends[n] <= left), None)
            begin = top if row is None else top - MARK_ROW * row
            yield f'<path class="kb-mark" d="M{x:.1f} {begin - 2:g}V{bottom:g}"/>'
            if row is not None:
                ends[row] = left + wide
                yield _text(mark.label, left + 3, begin - 1, "change")


def _legend(curves: Sequence[Curve], y: float) -> Iterator[str]:
    x = float(WIDTH - RIGHT)
    for curve in reversed(curves):
        x -= len(curve.name) * LETTER + 4
        yield _text(curve.name, x, y, "legend")
        yield (
            f'<g class="{_kind(curve.style)}"><path class="kb-curve" '
            f'd="M{x - 30:.1f} {y - 4:g}h25"{_dashes(curve.style)}/></g>'
        )
        x -= 42


def _kind(style: int) -> str:
    return "kb-all" if style == ALL else f"kb-c{colour_of(style)}"


def _dashes(style: int) -> str:
    found = () if style == ALL else dashes_of(style)
    return f' stroke-dasharray="{" ".join(map(str, found))}"' if found else ""


def _text(words: str, x: float, y: float, kind: str, anchor: str = "start") -> str:
    return (
        f'<text class="kb-{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">'
        f"{escape(words)}</text>"
    )


@cache
def _style() -> str:
    return Path(__file__).with_name("drawing.css").read_text(encoding="utf-8")
