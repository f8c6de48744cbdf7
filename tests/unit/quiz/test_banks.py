"""The kit's own banks: whole, fair, and true to the maturity model and the flights."""

import re
import subprocess
import sys
from collections import Counter

import pytest

from widgets.base.paths import KIT_ROOT
from widgets.maturity.model import load
from widgets.quiz.bank import BANKS, bank_names, load_bank
from widgets.quiz.grade import grade
from widgets.quiz.questions import LEVELS, Choice, Classify, Number, Order

NAMES = bank_names()


def solution(question):
    match question:
        case Choice():
            right = [option.key for option in question.options if option.correct]
            return right[0] if question.type == "single" else right
        case Order():
            return [item.key for item in question.items]
        case Classify():
            return str(question.level)
        case Number():
            return str(question.answer)


def because(question):
    match question:
        case Choice():
            return [option.because for option in question.options]
        case Order():
            return [item.because for item in question.items]
        case Classify():
            return list(question.because.values())
        case Number():
            return [question.because, *(trap.because for trap in question.traps)]


def all_questions():
    return [question for name in NAMES for question in load_bank(name).questions]


def test_the_names_of_the_levels_are_those_of_the_model():
    model = load()
    names = [f"Level {n} · {model.level(n).name}" for n in range(5)]
    assert list(LEVELS) == names


@pytest.mark.parametrize("name", NAMES)
def test_every_practice_of_a_bank_exists(name):
    assert load_bank(name).unknown_practices({each.id for each in load().practices}) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_question_can_be_answered_rightly(name):
    for question in load_bank(name).questions:
        assert grade(question, solution(question)).correct, question.id


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_each_practice_of_a_level_has_two_questions(level):
    counts = Counter(question.practice for question in load_bank(f"level_{level}").questions)
    for practice in load().practices_of(level):
        assert counts[practice.id] >= 2, practice.id


def test_all_types_are_used():
    kinds = {question.type for question in all_questions()}
    assert kinds == {"single", "several", "order", "classify", "number"}


@pytest.mark.parametrize("name", NAMES)
def test_every_bank_has_a_plot_to_read_and_a_case_to_classify(name):
    questions = load_bank(name).questions
    assert any(question.image for question in questions)
    assert any(isinstance(question, Classify) for question in questions)


@pytest.mark.parametrize("name", NAMES)
def test_the_longest_option_is_not_the_right_one_more_often_than_by_chance(name):
    singles = [
        question
        for question in load_bank(name).questions
        if isinstance(question, Choice) and question.type == "single"
    ]
    longest = [max(question.options, key=lambda option: len(option.text)) for question in singles]
    assert sum(option.correct for option in longest) <= 0.34 * len(singles)


def test_explanations_are_sentences_of_their_own():
    for question in all_questions():
        texts = because(question)
        assert len(set(texts)) == len(texts), question.id
        for text in texts:
            assert re.search(r"[.?!]$", text), (question.id, text)


def test_the_levels_of_the_cases_differ():
    levels = {question.level for question in all_questions() if isinstance(question, Classify)}
    assert levels >= {0, 1, 2, 3, 4}


def test_no_picture_is_left_without_a_question():
    used = {question.image.file for question in all_questions() if question.image}
    assert used == {path.name for path in (BANKS / "images").glob("*.svg")}


def test_no_picture_carries_a_date_or_a_script():
    for path in (BANKS / "images").glob("*.svg"):
        text = path.read_text(encoding="utf-8")
        assert "dc:date" not in text
        assert "<script" not in text


@pytest.mark.slow
@pytest.mark.soak  # it fits a dozen models, and nothing that it reads changes by itself
def test_the_pictures_and_figures_can_be_made_again_from_the_flights(tmp_path):
    script = BANKS / "images" / "make_images.py"
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path)],
        cwd=KIT_ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    made = {path.name for path in tmp_path.glob("*.svg")}
    assert made == {path.name for path in (BANKS / "images").glob("*.svg")}
    july = re.search(r"^7 +([\d.]+) +([\d.]+)$", done.stdout, re.MULTILINE)
    assert july is not None
    assert [float(each) for each in july.groups()] == pytest.approx([31.5, 10.3], abs=0.1)
    assert "rows: 1987 of 6435" in done.stdout
    [loss] = re.findall(r"log loss on rows without a gap: ([\d.]+)", done.stdout)
    assert float(loss) == pytest.approx(0.396, abs=0.001)
    [range_of_scores] = re.findall(r"ROC AUC: ([\d.]+) to ([\d.]+)", done.stdout)
    assert [float(each) for each in range_of_scores] == pytest.approx([0.676, 0.700], abs=0.001)
    for way, ends in {"days": [-0.030, -0.002], "flights": [-0.016, -0.013]}.items():
        [found] = re.findall(rf"gain: all, by {way}: (\S+) to (\S+)", done.stdout)
        assert [float(each) for each in found] == pytest.approx(ends, abs=0.0006)
