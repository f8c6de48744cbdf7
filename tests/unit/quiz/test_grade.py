"""One answer against one question, for each type."""

import pytest

from widgets.quiz.grade import AnswerError, grade, read_number
from widgets.quiz.questions import key_of


def keys(question_id, *numbers):
    return [key_of(f"{question_id} option {number}") for number in numbers]


def test_single_right_and_wrong(bank):
    question = bank.question("one")
    assert grade(question, keys("one", 0)[0]).correct
    wrong = grade(question, keys("one", 2)[0])
    assert not wrong.correct
    assert wrong.message == "Not right."


def test_every_option_explains_itself_after_an_answer(bank):
    graded = grade(bank.question("one"), keys("one", 2)[0])
    assert [option.because for option in graded.options] == [
        f"because it is so {n}" for n in range(4)
    ]
    assert [option.right for option in graded.options] == [True, False, False, False]
    assert [option.chosen for option in graded.options] == [False, False, True, False]


def test_several_needs_all_right_options_and_no_other(bank):
    question = bank.question("some")
    assert grade(question, keys("some", 1, 0)).correct
    half = grade(question, keys("some", 0))
    assert not half.correct
    assert half.message == "Not right. You found 1 of 2 right options."
    too_many = grade(question, keys("some", 0, 1, 2))
    assert not too_many.correct
    assert too_many.message == "Not right. You found 2 of 2 right options and chose 1 wrong one."


def test_order_says_what_stands_in_its_place(bank):
    question = bank.question("sorted")
    first, second, third = (key_of(text) for text in ("first", "second", "third"))
    assert grade(question, [first, second, third]).correct
    graded = grade(question, [second, first, third])
    assert not graded.correct
    assert graded.message == "Not right. 1 of 3 stand in their place."
    assert [option.note for option in graded.options] == ["you put it 2", "you put it 1", ""]


def test_classify_explains_every_level(bank):
    graded = grade(bank.question("team"), "3")
    assert not graded.correct
    assert [option.text.split(" · ")[0] for option in graded.options] == [
        f"Level {n}" for n in range(5)
    ]
    assert grade(bank.question("team"), "0").correct


@pytest.mark.parametrize("given", [0.4, "0.4", "0,4", " 0.5 ", "0.3", 0.30000000001])
def test_a_number_within_its_tolerance_is_right_with_point_or_comma(bank, given):
    assert grade(bank.question("count"), given).correct


@pytest.mark.parametrize(("given", "side"), [("0.29", "too low"), ("0.51", "too high")])
def test_a_number_outside_says_on_which_side(bank, given, side):
    graded = grade(bank.question("count"), given)
    assert not graded.correct
    assert side in graded.message


def test_a_trap_is_recognised_and_explained(bank):
    right, trap = grade(bank.question("count"), "40").options
    assert trap.chosen
    assert trap.because == "that is the share of another thing"
    assert not right.chosen
    assert right.right


@pytest.mark.parametrize("given", ["", "many", "nan", "inf", None, True, [1], "1.2.3", 10**400])
def test_what_is_no_number_is_not_an_answer(given):
    with pytest.raises(AnswerError, match="not a number"):
        read_number(given)


@pytest.mark.parametrize("given", [None, "x", [], ["a"], {"a": 1}, 3, ["x", "x"]])
@pytest.mark.parametrize("question_id", ["one", "some", "sorted", "team"])
def test_what_does_not_belong_to_the_question_is_not_an_answer(bank, question_id, given):
    with pytest.raises(AnswerError):
        grade(bank.question(question_id), given)


def test_an_order_needs_each_item_once(bank):
    with pytest.raises(AnswerError, match="every item"):
        grade(bank.question("sorted"), [key_of("first")])
    with pytest.raises(AnswerError):
        grade(bank.question("sorted"), [key_of("first")] * 3)
