"""Draws the maturity model as one SVG: Level 4 at the top, Level 0 at the bottom.

The same SVG stands in the widget, where JupyterLab's theme colours it, and alone as a picture.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from widgets.diagram.shapes import arrow_right, arrow_up, glyph, item, rect, text, wrapped
from widgets.diagram.summary import ItemState, States, Summary, reached, summary_of
from widgets.maturity import Box, Bullet, Item, Level, Model, State, Step

PAD = 12
LINE = 19
BOX_HEIGHT = 48
STEP_HEIGHT = 32
HEAD = 46
TEXT_SIZE = 13
LEGEND = (
    (ItemState.PROVED, "proved"),
    (ItemState.CLAIMED, "claimed"),
    (ItemState.BEGUN, "begun"),
    (ItemState.MISSING, "missing"),
    (ItemState.HIDDEN, "cannot be seen from here"),
    (ItemState.LIMIT, "a limit of this level"),
    (ItemState.LIFTED, "a limit that is lifted"),
)


@dataclass(frozen=True)
class Format:
    """The measures of a drawing, in its own units (pixels at full size).

    `beside` is the number of boxes up to which a level's bullets stand beside them, not below;
    `here` is what marks the level that is reached.
    """

    width: int
    rail: int
    box_width: int
    gap: int
    beside: int
    here: str = "you are here"


TALL = Format(width=640, rail=52, box_width=118, gap=22, beside=2)
WIDE = Format(width=1040, rail=52, box_width=128, gap=26, beside=4)


def draw(model: Model, states: States, form: Format = TALL) -> str:
    """Return the model, with the states of its practices, as an SVG document.

    Parameters
    ----------
    model : Model
        What is drawn.
    states : mapping of practice id to Standing
        A practice that is not named is missing.
    form : Format
        TALL for a narrow column, WIDE for a page without a panel beside it.
    """
    return _Drawing(model, states, form).document()


class _Drawing:
    """One drawing in the making: `_y` is how far down it has come, `_row` the last row."""

    def __init__(self, model: Model, states: States, form: Format) -> None:
        self._model, self._states, self._form = model, states, form
        self._reached = reached(model, states)
        self._left = form.rail + 4
        self._right = form.width - 4
        self._y: float = HEAD
        self._row = 0
        self._parts: list[str] = []

    def document(self) -> str:
        tops: dict[int, float] = {}
        for level in self._model.levels:
            tops[level.number] = self._y
            self._level(level)
            if level.number > 0:
                self._step(self._model.step_to(level.number))
        rail = self._rail(tops[self._reached], self._y)
        self._legend()
        width, height = self._form.width, self._y
        title = text(self._model.title, self._left + 2, 27, "title")
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="kd" viewBox="0 0 {width} {height:g}" '
            f'width="{width}" height="{height:g}" role="group" aria-label="{self._model.title}, '
            f'Level 4 at the top">'
            f"<style>{_style()}</style>{rect(0, 0, width, height, 'paper', 10)}"
            f"{rail}{title}{''.join(self._parts)}</svg>"
        )

    def _rail(self, top: float, bottom: float) -> str:
        full = self._reached == 4
        x, half, middle = 19, 15, (HEAD + bottom) / 2
        parts = [arrow_up(x, 12, bottom, half, "rise" if full else "rail", half / 2)]
        if self._reached > 0 and not full:
            parts += [rect(x - half / 2, top, half, bottom - top, "rise", half / 2)]
        turned = f'transform="translate({x + half + 9:g} {middle:g}) rotate(-90)"'
        words = text(self._model.direction, 0, 0, "direction", "middle")
        return f"{''.join(parts)}<g {turned}>{words}</g>"

    def _level(self, level: Level) -> None:
        top, form = self._y, self._form
        summary = summary_of(self._model, level, self._states)
        inside = self._left + PAD
        body = top + 38
        if len(level.boxes) <= form.beside:
            at = inside + form.beside * (form.box_width + form.gap) - 2
            lines = self._bullets(level, at, body)
            boxes_y = body + max(0.0, (lines - BOX_HEIGHT) / 2)
            bottom = body + max(lines, BOX_HEIGHT) + PAD - 1
            at_bullets = (at, body + max(0.0, (BOX_HEIGHT - lines) / 2))
        else:
            boxes_y = body
            at_bullets = (inside, body + BOX_HEIGHT + 11)
            bottom = at_bullets[1] + self._bullets(level, *at_bullets) + PAD - 1
        self._row += 1
        self._parts.append(self._card(level, summary, top, bottom))
        self._row += 1
        self._boxes(level, inside, boxes_y)
        self._bullets(level, *at_bullets, draw=True)
        self._y = bottom

    def _card(self, level: Level, summary: Summary, top: float, bottom: float) -> str:
        left, right, middle = self._left, self._right, top + 20
        name = f"Level {level.number}"
        head = [
            f'<g opacity="{0.045 + 0.03 * level.number:g}">'
            + rect(left, top, right - left, bottom - top, "card", 10)
            + "</g>",
            rect(left + PAD, middle - 10.5, 60, 21, "pill", 10.5),
            text(name, left + PAD + 30, middle + 4.3, "number", "middle"),
            text(level.name, left + PAD + 70, middle + 5, "name"),
        ]
        label = f"{name}, {level.name}: {summary.words}"
        if level.number == self._reached:
            at = left + PAD + 70 + len(level.name) * 14.5 * 0.63 + 14
            head += [rect(at, middle - 9.5, 94, 19, "flag", 9.5)]
            head += [text(self._form.here, at + 47, middle + 4, "here", "middle")]
            label += f". {self._form.here.capitalize()}"
        end: float = right - PAD
        for practice in reversed(summary.practices):
            state = self._states[practice].state if practice in self._states else State.MISSING
            head += [glyph(ItemState[state.name], end - 6, middle, f' data-practice="{practice}"')]
            end -= 16.5
        if summary.practices:
            done = summary.words.split(",")[0]
            done = done if self._form is WIDE else done.removesuffix(" proved")
            head += [text(done, end - 3, middle + 4.3, "soft", "end")]
        head += [rect(left, top, right - left, bottom - top, "hit", 10)]
        return self._item("".join(head), level, "level", label, summary)

    def _boxes(self, level: Level, left: float, top: float) -> None:
        form = self._form
        for number, box in enumerate(level.boxes):
            x = left + number * (form.box_width + form.gap)
            if number:
                middle = top + BOX_HEIGHT / 2
                self._parts.append(arrow_right(x - form.gap + 3, middle, form.gap - 6))
            self._parts.append(self._box(level, box, x, top))

    def _box(self, level: Level, box: Box, x: float, y: float) -> str:
        width = self._form.box_width
        summary = summary_of(self._model, box, self._states)
        lines = wrapped(box.title, width * 0.68, 13)
        first = y + BOX_HEIGHT / 2 + 4.5 - (len(lines) - 1) * 8
        inner = [rect(x, y, width, BOX_HEIGHT, "box", 7)]
        inner += [
            text(line, x + width / 2, first + number * 16, "boxtitle", "middle")
            for number, line in enumerate(lines)
        ]
        if summary.state is not ItemState.NOTHING:
            inner += [glyph(summary.state, x + width - 5, y + 4)]
        for word in ("new", "grows"):
            tag = rect(x + 6, y + BOX_HEIGHT - 7, 16 + 6.4 * len(word), 16, "flag", 8)
            words = text(word, x + 14 + 3.2 * len(word), y + BOX_HEIGHT + 5, "here", "middle")
            inner += [f'<g class="kd-tag kd-tag-{word}">{tag}{words}</g>']
        inner += [rect(x - 2, y - 2, width + 4, BOX_HEIGHT + 4, "hit", 9)]
        label = f"Box of Level {level.number}, {box.title}: {summary.words}"
        return self._item("".join(inner), box, "box", label, summary)

    def _bullets(self, level: Level, x: float, y: float, draw: bool = False) -> float:
        """Draw the bullets from x, y down, or only measure them; return their height."""
        down = 0.0
        width = self._right - x - PAD
        for bullet in level.bullets:
            lines = wrapped(bullet.text, width - 18, TEXT_SIZE)
            if draw:
                self._row += 1
                self._parts.append(self._bullet(level, bullet, lines, x, y + down))
            down += LINE + (len(lines) - 1) * 16
        return down

    def _bullet(self, level: Level, bullet: Bullet, lines: list[str], x: float, y: float) -> str:
        summary = summary_of(self._model, bullet, self._states)
        inner = [glyph(summary.state, x + 7, y + LINE / 2)]
        inner += [
            text(line, x + 20, y + 14 + number * 16, "bullet") for number, line in enumerate(lines)
        ]
        longest = max(len(line) for line in lines)
        width = min(self._right - 4 - x, 32 + longest * TEXT_SIZE * 0.58)
        inner += [rect(x - 4, y, width, LINE + (len(lines) - 1) * 16, "hit", 6)]
        kind = "Limit" if bullet.limit else "Bullet"
        says = "lifted" if summary.state is ItemState.LIFTED else summary.words
        end = "" if summary.state is ItemState.LIMIT else f": {says}"
        label = f"{kind} of Level {level.number}, {bullet.text}{end}"
        return self._item("".join(inner), bullet, "bullet", label, summary)

    def _step(self, step: Step) -> None:
        self._row += 1
        top, bottom = self._y, self._y + STEP_HEIGHT
        summary = summary_of(self._model, step, self._states)
        words = " · ".join(action.text for action in step.actions)
        x = self._left + PAD + 29
        inner = (
            arrow_up(x, top + 5, bottom - 5, 10, "climb")
            + text(words, x + 20, top + STEP_HEIGHT / 2 + 4.3, "steptext")
            + rect(x - 16, top + 3, 44 + len(words) * 12 * 0.55, STEP_HEIGHT - 6, "hit", 6)
        )
        label = f"Step from Level {step.source} to Level {step.target}, {words}: {summary.words}"
        self._parts.append(self._item(inner, step, "step", label, summary))
        self._y = bottom

    def _item(self, inner: str, part: Item, kind: str, label: str, summary: Summary) -> str:
        return item(
            inner,
            item_id=part.id,
            kind=kind,
            row=self._row,
            label=label,
            state=summary.state,
            names=" ".join(summary.practices),
        )

    def _legend(self) -> None:
        x: float = self._left + PAD
        y: float = self._y + 22
        for state, words in LEGEND:
            width = 32 + len(words) * 12 * 0.52
            if x + width > self._right:
                x = self._left + PAD
                y += 21
            self._parts.append(glyph(state, x, y) + text(words, x + 12, y + 4.2, "legend"))
            x += width
        self._y = y + 18


@cache
def _style() -> str:
    return Path(__file__).with_name("drawing.css").read_text(encoding="utf-8")
