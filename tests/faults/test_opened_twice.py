"""One workspace, two kernels at the same time: a notebook that is opened twice."""

import multiprocessing
from pathlib import Path

import pytest

from tests.faults.conftest import in_order
from tests.faults.kernel import BANK, QUESTION
from widgets.exercise.definition import load_catalogue
from widgets.progress import Progress
from widgets.quiz.session import QuizSession

pytestmark = pytest.mark.slow

EXERCISE = "1.1"
CATALOGUE = load_catalogue()


def write_many(path: str, name: str, number: int) -> None:
    progress = Progress(Path(path))
    for count in range(0, number, 2):
        progress.record_answer(name, f"q{count}", count, True)
        progress.record_check(name, True, 0.0, "learner")


def test_two_kernels_with_500_writes_each_lose_none_even_on_a_new_file(layout):
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=write_many, args=(str(layout.progress), name, 500)) for name in "ab"
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0]
    progress = Progress(layout.progress)
    for name in "ab":
        assert progress.attempts(name) == 250
        assert set(progress.answers(name)) == {f"q{count}" for count in range(0, 500, 2)}
    assert progress.changes() == 1000
    in_order(layout)


def test_an_answer_in_the_other_window_is_the_first_try(layout):
    """Two windows with the same quiz: the second does not count its own first answer as one."""
    left, right = (QuizSession(BANK, Progress(layout.progress), seed=1) for _ in range(2))
    keys = [option.key for option in left.options(QUESTION.id)]
    alone = QuizSession(BANK)
    wrong = next(key for key in keys if not alone.answer(QUESTION.id, key).correct)
    right_one = next(key for key in keys if alone.answer(QUESTION.id, key).correct)
    assert left.answer(QUESTION.id, wrong).tries == 1
    assert right.answer(QUESTION.id, right_one).tries == 2
    assert (right.score.now, right.score.first_try) == (1, 0)
    assert QuizSession(BANK, Progress(layout.progress)).score == right.score


def files_of(folder, layout):
    """Return whether the learner's files are those of `folder`."""
    names = CATALOGUE.exercise(EXERCISE).files
    return all((layout.project / n).read_bytes() == (folder / n).read_bytes() for n in names)


def test_both_check_reset_and_solve_at_once(begun, new_kernel):
    layout, exercise = begun, CATALOGUE.exercise(EXERCISE)
    one, other = new_kernel(), new_kernel()
    one.do(f"solve {EXERCISE}")
    for kernel in (one, other):
        kernel.tell(f"check {EXERCISE}")
    assert one.hear()["done"][0] is True
    assert other.hear()["done"][0] is True
    assert Progress(layout.progress).attempts(EXERCISE) == 2

    # One resets while the other checks: either order is fine, a mixture of both is not kept.
    other.tell(f"check {EXERCISE}")
    one.do(f"reset {EXERCISE}")
    heard = other.hear()
    if "problem" in heard:
        assert "were changed while they were checked" in heard["problem"]
        assert "check again" in heard["problem"]
    passed = Progress(layout.progress).passed(EXERCISE)
    assert not passed or heard["done"][0] is True
    assert files_of(CATALOGUE.starter(exercise), layout)
    assert one.do(f"standing {EXERCISE}") == other.do(f"standing {EXERCISE}")

    # Both take the solution at the same time.
    for kernel in (one, other):
        kernel.tell(f"solve {EXERCISE}")
    assert "done" in one.hear() and "done" in other.hear()
    assert files_of(CATALOGUE.solution(exercise), layout)
    in_order(layout)
