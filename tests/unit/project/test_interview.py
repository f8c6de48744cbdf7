"""The questions: kept at once, by several people, and taken back."""

import pytest
import yaml

from widgets.base.errors import KitError
from widgets.project.answers import Word, read_answers
from widgets.project.interview import Interview
from widgets.project.practices import questions
from widgets.project.questionnaire import Questionnaire

ONE, OTHER = "version-control", "governance"


@pytest.fixture
def interview(tmp_path):
    return Interview(tmp_path / "kept" / "answers.yaml")


def test_each_answer_is_kept_at_once(interview):
    interview.answer(ONE, "yes")
    interview.answer(OTHER, "don't know")
    assert Interview(interview.file).standing().mine == {ONE: "yes", OTHER: "don't know"}
    assert str(interview.standing()) == "2 of 19 answered"


def test_what_others_say_is_shown_after_the_own_answer_only(interview):
    interview.answer(ONE, "yes")
    interview.ask("Bo, operations")
    assert interview.standing().disagree == {}
    interview.answer(ONE, "no")
    assert interview.standing().disagree == {ONE: "Bo, operations: no, me: yes"}


def test_dont_know_is_no_disagreement(interview):
    interview.answer(ONE, "yes")
    interview.ask("Bo")
    interview.answer(ONE, "don't know")
    assert interview.standing().disagree == {}


def test_forgotten_answers_can_be_brought_back_and_newer_ones_stay(interview):
    interview.answer(ONE, "yes")
    interview.answer(OTHER, "yes")
    interview.forget()
    assert interview.standing().mine == {}
    interview.answer(ONE, "no")
    interview.bring_back()
    assert interview.standing().mine == {ONE: "no", OTHER: "yes"}


def test_two_kernels_do_not_forget_each_others_people(interview):
    other = Interview(interview.file, "Bo")
    interview.answer(ONE, "yes")
    other.answer(ONE, "no")
    interview.answer(OTHER, "no")
    assert set(read_answers([interview.file])) == {"me", "Bo"}


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\x1bb"])
def test_a_name_that_is_none_is_refused(interview, name):
    with pytest.raises(KitError, match="name or a role"):
        interview.ask(name)
    assert interview.person == "me"


@pytest.mark.parametrize(("practice", "word"), [("nonsense", "yes"), (ONE, "maybe")])
def test_an_answer_to_nothing_is_refused(interview, practice, word):
    with pytest.raises(KitError, match="no answer"):
        interview.answer(practice, word)
    assert not interview.file.exists()


def test_a_file_with_something_else_is_named_and_left_as_it_is(interview):
    interview.file.parent.mkdir()
    interview.file.write_text("me: [1, 2]\n")
    sent = []
    widget = Questionnaire(interview)
    widget.send = sent.append
    widget._receive(widget, {"type": "answer", "practice": ONE, "word": "yes"}, [])
    assert "answers.yaml" in sent[-1]["text"]
    assert interview.file.read_text() == "me: [1, 2]\n"


def test_yes_and_no_by_hand_are_words_and_not_truth_values(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text(f"ada:\n  {ONE}: yes\n  {OTHER}: no\n")
    assert read_answers([file]) == {"ada": {ONE: Word.YES, OTHER: Word.NO}}


def test_the_view_asks_all_and_tells_where_the_person_stands(interview):
    widget = Questionnaire(interview)
    asked = [each["id"] for level in widget.levels for each in level["practices"]]
    assert sorted(asked) == sorted(questions())
    assert [level["title"][:7] for level in widget.levels] == [f"Level {n}" for n in range(1, 5)]
    sent = []
    widget.send = sent.append
    widget._receive(widget, {"type": "person", "person": "Bo"}, [])
    widget._receive(widget, {"type": "answer", "practice": ONE, "word": "partly"}, [])
    assert sent[-1]["mine"] == {ONE: "partly"}
    assert sent[-1]["text"] == "1 of 19 answered"
    assert yaml.safe_load(interview.file.read_text()) == {"Bo": {ONE: "partly"}}
    widget._receive(widget, {"type": "answer", "practice": "x", "word": "yes"}, [])
    assert "no answer" in sent[-1]["problem"]


def test_without_a_kernel_the_statements_can_be_read(interview):
    text = Questionnaire(interview).text()
    assert text.count("\n- ") == 19
