"""The climb as a picture: each level's end beside the others."""

from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure

from widgets.base.plot import Plot
from widgets.evidence.assess import Assessment
from widgets.evidence.climb import Notes, steps
from widgets.maturity import Model, State

MARKS: dict[State, dict[str, Any]] = {
    State.PROVED: {"marker": "o", "color": "#0072B2", "fillstyle": "full"},
    State.CLAIMED: {"marker": "o", "color": "#0072B2", "fillstyle": "left"},
    State.MISSING: {"marker": "o", "color": "#777777", "fillstyle": "none"},
    State.HIDDEN: {"marker": "x", "color": "#777777"},
}


def climb_figure(notes: Notes, model: Model, now: Assessment) -> Plot:
    """Return the picture: a column for each level's end and for now, a row for each practice."""
    kept = steps(notes)
    columns = [(f"end of\nLevel {level}", *kept[level]) for level in kept]
    states = {row.practice.id: row.state for row in now.practices}
    columns.append(("now", now.proved_level, states))
    practices = sorted(model.practices, key=lambda practice: practice.level)
    figure = Figure(figsize=(8, 6), layout="constrained")
    room = figure.subplots()
    for x, (_, _, seen) in enumerate(columns):
        for y, practice in enumerate(practices):
            style = MARKS[seen.get(practice.id, State.MISSING)]
            room.plot(x, y, markersize=11, linestyle="none", markerfacecoloralt="white", **style)
    room.set_xticks(
        range(len(columns)),
        [f"{name}\nLevel {proved} proved" for name, proved, _ in columns],
        fontsize=8,
    )
    room.set_xlim(-0.6, len(columns) - 0.4)
    names = [f"{practice.title}  {practice.level}" for practice in practices]
    room.set_yticks(range(len(practices)), names, fontsize=8)
    for above in range(1, len(practices)):
        if practices[above].level != practices[above - 1].level:
            room.axhline(above - 0.5, color="#cccccc", linewidth=1)
    for side in ("top", "right"):
        room.spines[side].set_visible(False)
    room.set_title(_title([proved for _, proved, _ in columns]), loc="left", fontsize=11)
    room.set_ylabel("practice, and its level", fontsize=9)
    for state in MARKS:
        room.plot(
            [], [], linestyle="none", markerfacecoloralt="white", label=state.value, **MARKS[state]
        )
    figure.legend(loc="outside lower right", ncols=4, fontsize=8, frameon=False)
    return Plot(figure, _words(columns))


def _title(proved: Sequence[int]) -> str:
    first, last = proved[0], proved[-1]
    return f"From Level {first} to Level {last}" if last > first else f"At Level {last}"


def _words(columns: Sequence[tuple[str, int, dict[str, State]]]) -> str:
    lines = []
    for name, proved, states in columns:
        number = sum(state is State.PROVED for state in states.values())
        words = name.replace("\n", " ")
        lines.append(f"{words}: {number} practices proved, Level {proved}")
    return "\n".join(lines)
