"""Every exercise against answers that learners give, by the real check in a real worker.

The starter fails helpfully, the solution passes, wrong answers fail with the message that fits, and
right answers written differently pass. Where a check runs for long, most of its answers are judged
as artefacts instead: see `test_judge_*.py`.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import BeforeValidator

from widgets.base.content import Content, read_yaml
from widgets.exercise.definition import load_catalogue

CATALOGUE = load_catalogue()
ANSWERS = Path(__file__).parent / "answers"
FAULT = re.compile(r'fault of the kit|File ".*", line \d+')  # what no learner should read
QUICK = 3.0  # seconds; an exercise with a larger budget is slow: each run tries its first answers
LONG = 7.0  # seconds; of one with a larger budget each run tries the starter alone


class Answer(Content):
    """The solution with some texts exchanged, or with whole files written anew."""

    name: str
    edit: Mapping[str, Sequence[tuple[str, str]]] = {}
    write: Mapping[str, str] = {}
    says: Annotated[
        tuple[str, ...], BeforeValidator(lambda text: [text] if isinstance(text, str) else text)
    ] = ()


class Answers(Content):
    """The wrong and the right answers to one exercise."""

    wrong: tuple[Answer, ...]
    right: tuple[Answer, ...]


def case(name, *more, label=None, number=0):
    """Return the parameters of a test for one exercise, marked slow where its check is."""
    exercise = CATALOGUE.exercise(name)
    marks = [pytest.mark.slow] if number or exercise.budget > QUICK else []
    if number and exercise.budget > QUICK:
        marks.append(pytest.mark.soak)
    return pytest.param(exercise, *more, id=label or name, marks=marks)


def cases(kind):
    """Return the parameters of a test for each answer.

    --quick takes the first of each exercise; where a check takes long, each run takes no more, and
    --soak all of them.
    """
    found = []
    for path in sorted(ANSWERS.glob("*.yaml")):
        name = path.stem.replace("_", ".")
        first = int(CATALOGUE.exercise(name).budget > LONG)
        for number, answer in enumerate(getattr(read_yaml(path, Answers), kind), first):
            found.append(case(name, answer, label=f"{name} {answer.name}", number=number))
    return found


# Where a check takes long, each run stops it when it has helped once; --soak goes to its end.
STARTERS = [case(each.id, each.budget > QUICK) for each in CATALOGUE.exercises] + [
    case(each.id, False, label=f"{each.id} to the end", number=1)
    for each in CATALOGUE.exercises
    if each.budget > QUICK
]
# The notebooks, whose outputs are compared, solve and check each exercise: slow ones not here.
SOLVED = [case(each.id, number=int(each.budget > QUICK)) for each in CATALOGUE.exercises]


def answer_with(learner, exercise, answer):
    """Begin anew, take the solution, change it as the answer says, and check it."""
    learner.begin(exercise)
    learner.take_solution(exercise)
    for name, edits in answer.edit.items():
        for old, new in edits:
            learner.edit(name, old, new)
    for name, text in answer.write.items():
        learner.write(name, text)
    return learner.check(exercise, lambda said: bool(answer.says) and not unsaid(answer, said))


def unsaid(answer, said):
    """Return the texts of an answer that have not been said, whatever the line breaks."""
    return [text for text in answer.says if " ".join(text.split()) not in " ".join(said.split())]


@pytest.mark.parametrize(("exercise", "once"), STARTERS)
def test_the_starter_fails_helpfully(learner, exercise, once):
    learner.begin(exercise)
    files = (name for each in CATALOGUE.level(exercise.level) for name in each.files + each.given)
    places = ["the cell that begins with", *(Path(name).name for name in files)]

    def helped(said):
        return any(place in said for place in places)

    result, said = learner.check(exercise, lambda said: once and helped(said))
    assert not result.passed, said
    assert not FAULT.search(said), said
    first = next(item.message for item in result.items if item.message)
    assert len(first) > 30, said
    assert helped(said), f"No place to look at is named:\n{said}"


@pytest.mark.parametrize("exercise", SOLVED)
def test_the_solution_passes(learner, exercise):
    learner.begin(exercise)
    learner.solve(exercise)
    result, said = learner.check(exercise)
    assert result.passed, said


@pytest.mark.parametrize(("exercise", "answer"), cases("wrong"))
def test_a_wrong_answer_is_told_what_is_wrong(learner, exercise, answer):
    result, said = answer_with(learner, exercise, answer)
    assert not result.passed, said
    assert not FAULT.search(said), said
    assert answer.says, "a wrong answer says which message it must get"
    missing = unsaid(answer, said)
    assert not missing, f"Not said: {missing}. Said:\n{said}"


@pytest.mark.parametrize(("exercise", "answer"), cases("right"))
def test_a_right_answer_in_another_style_passes(learner, exercise, answer):
    result, said = answer_with(learner, exercise, answer)
    assert result.passed, said
