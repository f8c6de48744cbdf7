"""What a teacher reads: counts, the picture, the gradebook, the notebook."""

import csv
import io
from datetime import date

import nbformat
import pytest

from widgets.base.paths import Layout
from widgets.classroom import collect, read_classroom
from widgets.classroom.example import make_example
from widgets.classroom.gradebook import gradebook
from widgets.classroom.grid import grid
from widgets.classroom.room import Room
from widgets.classroom.tally import by_exercise, by_question, fails_most, stale
from widgets.exercise.definition import load_catalogue
from widgets.lab.course_run import TEACHERS, complain, execute
from widgets.progress import Progress
from widgets.quiz.bank import load_bank


@pytest.fixture
def learners(tmp_path):
    """Return three learners whose counts can be made in the head."""
    question = load_bank("level_0").questions[0].id
    made = []
    for number, name in enumerate(("Learner 01", "Learner 02", "王小明")):
        progress = Progress(tmp_path / name / "progress.sqlite")
        for _ in range(number):
            progress.record_check("0.1", False, 1.0, "learner")
        progress.record_check("0.1", True, 1.0, "kit" if number == 2 else "learner")
        progress.record_check("1.1", False, 1.0, "learner")
        progress.record_answer("level_0", question, "", number == 0)
        if number == 1:
            progress.record_answer("level_0", question, "", True)
        made.append(collect(name, load_catalogue(), progress, {}))
    return made


def test_an_exercise_is_counted(learners):
    first = by_exercise(learners, load_catalogue())[0]
    assert (first.tried, first.passed, first.with_kit) == (3, 2, 1)
    assert (first.checks, first.failed) == (6, 3)


def test_what_fails_most_is_counted_for_a_learner_who_tried(learners):
    ids = [each.id for each in fails_most(by_exercise(learners, load_catalogue()))]
    assert ids == ["0.1", "1.1"]  # one failed check a learner each: then by name


def test_a_question_is_missed_if_the_first_answer_was_wrong(learners):
    (question,) = by_question(learners)
    assert (question.answered, question.first_try, question.right) == (3, 1, 2)
    assert question.missed == pytest.approx(2 / 3)


def test_who_has_not_shared_for_long_is_said(learners):
    assert stale(learners) == []
    assert len(stale(learners, today=date(2999, 1, 1))) == 3


def test_the_picture_names_its_axes_and_says_in_words_what_it_shows(learners, recwarn):
    plot = grid(learners, load_catalogue())
    axes = plot.figure.axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("exercise", "learner")
    assert axes.get_title(loc="left") == "Most are at 0.2: 3 of 3"
    assert (
        repr(plot).splitlines()[0] == "Learner 01: 1 passed, 0 with the kit's solution, 1 not yet"
    )
    assert plot._repr_png_().startswith(b"\x89PNG")
    assert not [w for w in recwarn if "Glyph" in str(w.message)]
    shapes = {(line.get_marker(), line.get_fillstyle()) for line in axes.lines if line.get_label()}
    assert len(shapes) >= 4  # told apart without colour


def test_an_empty_class_is_shown_as_one(tmp_path):
    room = Room(read_classroom(tmp_path))
    assert "0 learners" in repr(room) and "nobody" in repr(room.grid())
    assert room.failing().empty and room.missed().empty and room.with_kit().empty


def test_the_gradebook_has_a_row_a_learner_and_gives_nothing_for_the_kits_solution(learners):
    rows = list(csv.DictReader(io.StringIO(gradebook(learners, load_catalogue()))))
    assert [row["learner"] for row in rows] == ["Learner 01", "Learner 02", "王小明"]
    assert [row["0.1 Reproduce the number"] for row in rows] == ["1", "1", "0"]
    assert len(rows[0]) == 1 + len(load_catalogue().exercises)


def test_the_example_class_is_the_same_every_time(tmp_path):
    def make(name):
        made = tmp_path / name / "class"

        def seen(layout: Layout, called: str):
            return collect(called, load_catalogue(), Progress(layout.progress), {})

        make_example(tmp_path / name, made, load_catalogue(), seen, learners=3)
        return read_classroom(made)

    first = make("one")
    assert first == make("two")
    assert [one.name for one in first.learners] == ["Learner 01", "Learner 02", "Learner 03"]


@pytest.mark.slow
def test_the_teachers_notebook_gives_its_stored_outputs(tmp_path, monkeypatch):
    monkeypatch.setenv("MATURITY_WORKSPACE", str(tmp_path / "a workspace é"))
    monkeypatch.delenv("MATURITY_CLASSROOM", raising=False)
    stored, book = nbformat.read(TEACHERS, as_version=4), execute(TEACHERS)
    for before, now in zip(stored.cells, book.cells, strict=True):
        for old, new in zip(before.get("outputs", []), now.get("outputs", []), strict=True):
            complain(TEACHERS, now, new)
            assert old.data.get("text/plain") == new.data.get("text/plain"), now.id
