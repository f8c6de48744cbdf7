"""A malformed bank is refused with its file, the place and the mend."""

import pytest

from widgets.base.content import ContentError
from widgets.quiz.bank import load_bank, read_bank


def questions(content, *numbers):
    content["questions"] = [content["questions"][number] for number in numbers]


def option(content, number, **changes):
    content["questions"][0]["options"][number].update(changes)


def question(content, number, **changes):
    content["questions"][number].update(changes)


FAULTS = {
    "no correct option": (
        lambda c: option(c, 0, correct=False),
        "questions.0.single",
        "no option is correct. Mark one with `correct: true`",
    ),
    "two correct in single": (
        lambda c: option(c, 1, correct=True),
        "questions.0.single",
        "2 options are correct. Leave one, or make the type `several`",
    ),
    "all correct in several": (
        lambda c: [each.update(correct=True) for each in c["questions"][1]["options"]],
        "questions.1.several",
        "every option is correct. Add a wrong one",
    ),
    "two options": (
        lambda c: question(c, 0, options=c["questions"][0]["options"][:2]),
        "questions.0.single",
        "has 2 options. Give it at least three",
    ),
    "twin options": (
        lambda c: option(c, 2, text="ONE option 1"),
        "questions.0.single",
        "the option stands here twice: 'one option 1'",
    ),
    "missing explanation": (
        lambda c: c["questions"][0]["options"][3].pop("because"),
        "questions.0.single.options.3.because",
        "the explanation is missing. Add `because:`",
    ),
    "empty explanation": (
        lambda c: option(c, 0, because="  "),
        "questions.0.single.options.0.because",
        "the explanation is missing",
    ),
    "number without explanation": (
        lambda c: c["questions"][4].pop("because"),
        "questions.4.number.because",
        "the explanation is missing",
    ),
    "level without explanation": (
        lambda c: c["questions"][3]["because"].pop(2),
        "questions.3.classify",
        "level 2 has no explanation. Add `2:`",
    ),
    "level that is none": (
        lambda c: question(c, 3, level=5),
        "questions.3.classify.level",
        "less than or equal to 4",
    ),
    "classify without case": (
        lambda c: c["questions"][3].pop("case"),
        "questions.3.classify.case",
        "Field required",
    ),
    "order of two": (
        lambda c: question(c, 2, items=c["questions"][2]["items"][:2]),
        "questions.2.order",
        "has 2 items. Give it at least three",
    ),
    "trap that is right": (
        lambda c: c["questions"][4]["traps"][0].update(value=0.45),
        "questions.4.number",
        "the trap 0.45 counts as right",
    ),
    "negative tolerance": (
        lambda c: question(c, 4, tolerance=-1),
        "questions.4.number.tolerance",
        "greater than or equal to 0",
    ),
    "practice that is no id": (
        lambda c: question(c, 0, practice="Automated Tests"),
        "questions.0.single.practice",
        "'Automated Tests' is no id. Write lower-case words joined by hyphens",
    ),
    "practice forgotten": (
        lambda c: c["questions"][0].pop("practice"),
        "questions.0.single.practice",
        "Field required",
    ),
    "twin ids": (
        lambda c: question(c, 7, id="one"),
        "the whole file",
        "the question id stands here twice: 'one'",
    ),
    "unknown type": (lambda c: question(c, 0, type="guess"), "questions.0", "'guess'"),
    "misspelt key": (
        lambda c: question(c, 0, promt="?"),
        "questions.0.single.promt",
        "Extra inputs are not permitted",
    ),
    "too few questions": (
        lambda c: questions(c, 0, 1, 2),
        "the whole file",
        "has 3 questions. A quiz has at least 8",
    ),
    "missing image": (
        lambda c: c["questions"][4]["image"].update(file="other.svg"),
        "questions.4.image.file",
        "there is no images/other.svg. Make it with",
    ),
    "image elsewhere": (
        lambda c: c["questions"][4]["image"].update(file="../secret.svg"),
        "questions.4.number.image.file",
        "must be the name of an SVG file in banks/images",
    ),
    "image without words": (
        lambda c: c["questions"][4]["image"].update(alt=""),
        "questions.4.number.image.alt",
        "is empty",
    ),
    "name of another bank": (
        lambda c: c.update(bank="large"),
        "bank",
        "'large' stands in small.yaml. Name both alike",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_malformed_bank_is_refused_with_file_place_and_mend(name, content, write_bank):
    break_it, place, mend = FAULTS[name]
    break_it(content)
    path = write_bank(content)
    with pytest.raises(ContentError) as refusal:
        read_bank(path)
    message = str(refusal.value)
    assert message.startswith(str(path))
    assert f"  {place}: " in message
    assert mend in message


def test_all_faults_are_said_at_once(content, write_bank):
    content["questions"][0]["options"][0]["correct"] = False
    content["questions"][2]["items"] = []
    with pytest.raises(ContentError, match=r"(?s)no option is correct.*has 0 items"):
        read_bank(write_bank(content))


def test_a_good_bank_is_read_whole(bank):
    assert [question.type for question in bank.questions[:5]] == [
        "single",
        "several",
        "order",
        "classify",
        "number",
    ]
    assert bank.question("count").image is not None
    with pytest.raises(KeyError):
        bank.question("nowhere")


def test_practices_that_do_not_exist_can_be_found(bank):
    assert bank.unknown_practices({"ci-for-code"}) == ["automated-tests"]
    assert bank.unknown_practices({"automated-tests"}) == []


def test_an_unknown_bank_is_refused_with_the_names_that_exist():
    with pytest.raises(ContentError, match=r"no quiz 'level_9'.*level_0, level_1.*start"):
        load_bank("level_9")


def test_a_name_cannot_lead_out_of_the_folder():
    with pytest.raises(ContentError, match="There is no quiz"):
        load_bank("../../maturity/maturity")
