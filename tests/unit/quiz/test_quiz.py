"""The view: what the browser may know, when, and what a page without a kernel shows."""

import json

import pytest

from widgets.quiz.questions import key_of
from widgets.quiz.quiz import Quiz

RIGHT, WRONG = key_of("one option 0"), key_of("one option 2")


@pytest.fixture
def quiz(bank):
    """Return a quiz whose messages to the browser are kept in `quiz.sent`."""
    view = Quiz(bank, practice_titles={"automated-tests": "Automated tests"}, seed=1)
    view.sent = []
    view.send = lambda content, buffers=None: view.sent.append(content)
    return view


def receive(quiz, **content):
    """Let a message of the browser arrive the way that ipywidgets delivers it."""
    message = {"content": {"data": {"method": "custom", "content": content}}, "buffers": []}
    quiz._handle_msg(message)
    return quiz.sent[-1]


def test_no_trait_holds_an_answer_or_an_explanation(quiz):
    state = json.dumps({name: quiz.get_state()[name] for name in ("title", "intro", "questions")})
    assert "What about one?" in state
    for secret in ("because", "correct", "right", "tolerance", "trap", "0.4", "level\\"):
        assert secret not in state


def test_no_trait_changes_when_a_question_is_answered(quiz):
    before = json.dumps(quiz.get_state(), default=str)
    receive(quiz, type="answer", question="one", answer=WRONG)
    assert json.dumps(quiz.get_state(), default=str) == before


def test_the_answer_brings_the_explanations_by_message(quiz):
    said = receive(quiz, type="answer", question="one", answer=WRONG)
    assert said["type"] == "feedback"
    assert said["feedback"]["correct"] is False
    assert len(said["feedback"]["options"]) == 4
    assert said["score"]["text"] == "0 of 8 right at first try, 0 now"
    assert said["look_again"] == ["one"]
    json.dumps(said)


def test_a_reopened_view_gets_its_results(quiz):
    receive(quiz, type="answer", question="one", answer=RIGHT)
    said = receive(quiz, type="ready")
    assert said["type"] == "results"
    assert [each["question"] for each in said["results"]] == ["one"]


def test_retry_sends_the_question_without_its_answer(quiz):
    receive(quiz, type="answer", question="one", answer=WRONG)
    said = receive(quiz, type="retry", question="one")
    assert said["question"]["id"] == "one"
    assert "because" not in json.dumps(said)


def test_restart_sends_an_empty_result_and_a_new_order(quiz):
    receive(quiz, type="answer", question="one", answer=RIGHT)
    said = receive(quiz, type="restart")
    assert said["results"] == []
    assert said["score"]["answered"] == 0


@pytest.mark.parametrize(
    "message",
    [
        {"type": "answer", "question": "one"},
        {"type": "answer", "question": "nowhere", "answer": RIGHT},
        {"type": "answer", "question": "count", "answer": "many"},
        {"type": "retry", "question": "nowhere"},
    ],
)
def test_a_message_that_makes_no_sense_gets_a_sentence(quiz, message):
    said = receive(quiz, **message)
    assert said["type"] == "problem"
    assert said["text"].endswith(".")


def test_the_text_is_stable_and_holds_no_answer(bank):
    first, second = Quiz(bank, seed=1).text(), Quiz(bank, seed=2).text()
    assert first == second
    head, _, questions = first.partition("\n\n")
    assert head == "A small quiz (8 questions; answered in the lab)"
    assert questions.startswith("1. What about one?\n")
    assert "because" not in first
    for question in questions.split("\n\n"):
        choices = [
            line for line in question.splitlines() if line.startswith(("   (", "   [", "   -"))
        ]
        assert choices == sorted(choices)  # the order of the bank could tell which is right


def test_a_page_without_a_kernel_shows_the_text(bank):
    data, _ = Quiz(bank)._repr_mimebundle_()
    assert data["text/plain"].startswith("A small quiz")


def test_practices_appear_in_words_and_pictures_with_theirs(quiz):
    questions = {question["id"]: question for question in quiz.questions}
    assert questions["one"]["practice"] == "Automated tests"
    assert questions["team"]["practice"] is None
    assert questions["count"]["image"]["alt"] == "a plot"
    assert questions["count"]["image"]["src"].startswith("data:image/svg+xml;base64,")
