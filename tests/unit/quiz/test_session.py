"""A learner at a quiz: order, tries, score, and what is still there the next day."""

import sqlite3

import pytest

from widgets.progress.store import Progress
from widgets.quiz.grade import AnswerError
from widgets.quiz.questions import key_of
from widgets.quiz.session import QuizSession

RIGHT, WRONG = key_of("one option 0"), key_of("one option 2")


@pytest.fixture
def store(tmp_path):
    return Progress(tmp_path / ".kit" / "progress.sqlite")


def shown(session):
    return [
        (question.id, [option.key for option in session.options(question.id)])
        for question in session.questions
    ]


def test_a_seed_makes_the_order_repeatable(bank):
    assert shown(QuizSession(bank, seed=1)) == shown(QuizSession(bank, seed=1))
    assert shown(QuizSession(bank, seed=1)) != shown(QuizSession(bank, seed=2))


def test_an_order_question_never_begins_in_the_right_order(bank):
    right = [key_of(text) for text in ("first", "second", "third")]
    for seed in range(30):
        options = QuizSession(bank, seed=seed).options("sorted")
        assert [option.key for option in options] != right


def test_levels_keep_their_natural_order(bank):
    assert [option.key for option in QuizSession(bank).options("team")] == list("01234")


def test_the_score_counts_first_tries_and_now(bank):
    session = QuizSession(bank)
    assert str(session.score) == "0 of 8 right at first try, 0 now"
    assert not session.answer("one", WRONG).correct
    feedback = session.answer("one", RIGHT)
    assert feedback.correct
    assert feedback.tries == 2
    session.answer("team", "0")
    assert str(session.score) == "1 of 8 right at first try, 2 now"
    assert session.score.answered == 2


def test_right_at_first_try_stays_so_after_a_wrong_second_try(bank):
    session = QuizSession(bank)
    session.answer("one", RIGHT)
    session.answer("one", WRONG)
    assert str(session.score) == "1 of 8 right at first try, 0 now"


def test_what_is_no_answer_is_not_counted(bank, store):
    session = QuizSession(bank, store)
    with pytest.raises(AnswerError):
        session.answer("count", "many")
    with pytest.raises(AnswerError, match="no question 'nowhere'"):
        session.answer("nowhere", RIGHT)
    assert session.score.answered == 0
    assert not store.answers("small")


def test_look_again_names_what_was_not_right_at_first_try(bank):
    session = QuizSession(bank)
    session.answer("one", WRONG)
    session.answer("one", RIGHT)
    session.answer("team", "4")
    session.answer("count", "0.4")
    assert {question.id for question in session.look_again()} == {"one", "team"}


def test_feedback_lists_options_as_they_are_shown(bank):
    session = QuizSession(bank, seed=3)
    feedback = session.answer("one", WRONG)
    shown_keys = [option.key for option in session.options("one")]
    assert [option.key for option in feedback.options] == shown_keys


def test_answers_are_there_in_the_next_session(bank, store):
    first = QuizSession(bank, store, seed=1)
    first.answer("one", WRONG)
    first.answer("one", RIGHT)
    first.answer("count", "0,4")
    again = QuizSession(bank, store, seed=2)
    assert {each.question for each in again.results()} == {"one", "count"}
    assert str(again.score) == "1 of 8 right at first try, 2 now"
    feedback = again.feedback("one")
    assert feedback is not None
    assert feedback.tries == 2
    assert again.feedback("team") is None


def test_a_second_kernel_is_seen_after_loading(bank, store):
    one, other = QuizSession(bank, store), QuizSession(bank, store)
    one.answer("one", RIGHT)
    assert other.score.answered == 0
    other.load()
    assert other.score.now == 1


def test_a_kept_answer_that_no_longer_fits_counts_as_not_given(bank, store):
    store.record_answer("small", "one", {"value": "of an older bank", "first_try": True}, True)
    store.record_answer("small", "two", "another shape", True)
    store.record_answer("small", "removed", {"value": "x", "first_try": True}, True)
    assert QuizSession(bank, store).score.answered == 0


def test_retry_shuffles_and_keeps_the_last_result(bank):
    session = QuizSession(bank, seed=1)
    session.answer("one", WRONG)
    orders = {tuple(session.retry("one")) for _ in range(20)}
    assert len(orders) > 1
    assert session.feedback("one") is not None


def test_restart_forgets_everything(bank, store):
    session = QuizSession(bank, store)
    session.answer("one", RIGHT)
    session.restart()
    assert str(session.score) == "0 of 8 right at first try, 0 now"
    assert not store.answers("small")
    assert session.answer("one", RIGHT).tries == 1


class FullDisk:
    """A store on a disk with no room left."""

    def answers(self, bank):
        return {}

    def record_answer(self, bank, question, answer, correct):
        raise sqlite3.OperationalError("database or disk is full")

    def forget_answers(self, bank):
        raise sqlite3.OperationalError("database or disk is full")


def test_an_answer_that_cannot_be_kept_still_counts_and_says_so(bank):
    session = QuizSession(bank, FullDisk())
    assert session.answer("one", RIGHT).correct
    assert session.score.now == 1
    assert "could not be kept for later: database or disk is full" in str(session.problem)
    session.answer("one", RIGHT)
    assert session.score.answered == 1 and session.feedback("one").tries == 2
