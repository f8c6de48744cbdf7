"""A gradebook's CSV: one row a learner, one column an exercise, 1 or 0.

Moodle reads it as it is ("Import grades · CSV"): `learner` is mapped to the user, each other column
to a grade item. Canvas wants its own first columns: paste the others beside them.
"""

import csv
import io
from collections.abc import Iterable

from widgets.classroom.shared import Shared
from widgets.exercise.definition import Catalogue
from widgets.exercise.verbs import Standing


def gradebook(learners: Iterable[Shared], catalogue: Catalogue) -> str:
    """Return the table; 1 is an exercise that the learner's own files have passed."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["learner", *(f"{each.id} {each.title}" for each in catalogue.exercises)])
    for learner in learners:
        done = learner.exercises
        own = [
            int(each.id in done and done[each.id].state is Standing.PASSED)
            for each in catalogue.exercises
        ]
        table.writerow([learner.name, *own])
    return text.getvalue()
