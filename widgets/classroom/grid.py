"""Who is where: a row a learner, a column an exercise. Told apart by shape, then by colour."""

import warnings
from collections import Counter
from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure

from widgets.base.plot import Plot
from widgets.classroom.shared import Shared, SharedExercise
from widgets.exercise.definition import Catalogue
from widgets.exercise.verbs import Standing

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#999999"  # told apart by all kinds of colour vision
MARKS: dict[Standing, dict[str, Any]] = {
    Standing.PASSED: {"marker": "s", "color": BLUE},
    Standing.PASSED_WITH_KIT: {"marker": "s", "color": BLUE, "fillstyle": "none"},
    Standing.NOT_YET: {"marker": "x", "color": ORANGE},
    Standing.OPEN: {"marker": ".", "color": GREY, "markersize": 3},
}
ROW = 0.22  # inches


class _QuietPlot(Plot):
    """A plot whose names may be of a script that the font lacks: a box then, no warning."""

    def _repr_png_(self) -> bytes:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing from")
            return super()._repr_png_()


def grid(learners: Sequence[Shared], catalogue: Catalogue) -> Plot:
    """Return the picture, with one line about each learner for those who do not see it."""
    ids = [exercise.id for exercise in catalogue.exercises]
    figure = Figure(figsize=(9, 1.6 + ROW * max(len(learners), 4)), layout="constrained")
    room = figure.subplots()
    for state, mark in MARKS.items():
        places = [
            (x, y)
            for y, learner in enumerate(learners)
            for x, exercise in enumerate(ids)
            if _state(learner.exercises.get(exercise)) is state
        ]
        xs, ys = [x for x, _ in places], [y for _, y in places]
        room.plot(xs, ys, linestyle="none", label=state.value, **{"markersize": 8, **mark})
    room.set_xticks(range(len(ids)), ids, fontsize=8)
    room.set_yticks(range(len(learners)), [one.name for one in learners], fontsize=8)
    room.set_xlim(-0.6, len(ids) - 0.4)
    room.set_ylim(max(len(learners), 1) - 0.4, -0.6)
    room.set_xlabel("exercise", fontsize=9)
    room.set_ylabel("learner", fontsize=9)
    for x in range(1, len(ids)):
        if ids[x][0] != ids[x - 1][0]:
            room.axvline(x - 0.5, color="#cccccc", linewidth=1)  # between two levels
    for side in ("top", "right"):
        room.spines[side].set_visible(False)
    room.set_title(_title(learners, ids), loc="left", fontsize=11)
    figure.legend(loc="outside lower right", ncols=4, fontsize=8, frameon=False)
    return _QuietPlot(figure, "\n".join(_words(learner) for learner in learners) or "nobody yet")


def _state(exercise: SharedExercise | None) -> Standing:
    return exercise.state if exercise else Standing.OPEN


def first_open(learner: Shared, ids: Sequence[str]) -> str:
    """Return the exercise that a learner is at: the first that has not passed, or "the end"."""
    return next(
        (name for name in ids if not _state(learner.exercises.get(name)).startswith("passed")),
        "the end",
    )


def _title(learners: Sequence[Shared], ids: Sequence[str]) -> str:
    if not learners:
        return "Nobody has shared yet"
    at, number = Counter(first_open(one, ids) for one in learners).most_common(1)[0]
    return f"Most are at {at}: {number} of {len(learners)}"


def _words(learner: Shared) -> str:
    states = Counter(exercise.state for exercise in learner.exercises.values())
    return (
        f"{learner.name}: {states[Standing.PASSED]} passed, "
        f"{states[Standing.PASSED_WITH_KIT]} with the kit's solution, "
        f"{states[Standing.NOT_YET]} not yet"
    )
