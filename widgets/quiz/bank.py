"""Banks of questions: one file a quiz, and the reader that refuses a malformed one.

A bank is `banks/<name>.yaml`, with its pictures in `banks/images`.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, PrivateAttr, model_validator

from widgets.base.content import Content, ContentError, read_yaml
from widgets.quiz.questions import Image, Question, Text, refuse_twins

BANKS = Path(__file__).parent / "banks"
FEWEST_QUESTIONS = 8


class Bank(Content):
    """One quiz: its questions in the order of its file, and where its pictures lie."""

    bank: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: Text
    intro: Text
    questions: tuple[Question, ...]
    _folder: Path = PrivateAttr(default=BANKS)

    @model_validator(mode="after")
    def _is_a_whole_quiz(self) -> Self:
        if len(self.questions) < FEWEST_QUESTIONS:
            raise ValueError(
                f"has {len(self.questions)} questions. A quiz has at least {FEWEST_QUESTIONS}"
            )
        refuse_twins([question.id for question in self.questions], "the question id")
        return self

    def question(self, question_id: str) -> Question:
        """Return one question.

        Raises
        ------
        KeyError
            If the bank has no such question.
        """
        for question in self.questions:
            if question.id == question_id:
                return question
        raise KeyError(question_id)

    def unknown_practices(self, known: Collection[str]) -> list[str]:
        """Return the practices named here that are not among `known`."""
        named = {question.practice for question in self.questions if question.practice}
        return sorted(named - set(known))

    def image_path(self, image: Image) -> Path:
        """Return where a question's picture lies."""
        return self._folder / "images" / image.file


def read_bank(path: Path) -> Bank:
    """Read and check one bank.

    Raises
    ------
    ContentError
        If the file does not fit, if it is not named like its bank, or if a picture is missing.
    """
    bank = read_yaml(path, Bank)
    bank._folder = path.parent
    faults = []
    if bank.bank != path.stem:
        faults.append(f"bank: {bank.bank!r} stands in {path.name}. Name both alike")
    for number, question in enumerate(bank.questions):
        if question.image and not bank.image_path(question.image).is_file():
            faults.append(
                f"questions.{number}.image.file: there is no images/{question.image.file}. "
                "Make it with images/make_images.py, or mend the name"
            )
    if faults:
        raise ContentError(f"{path}: does not fit its format:\n  " + "\n  ".join(faults))
    return bank


def bank_names() -> list[str]:
    """Return the names of the banks that the kit holds."""
    return sorted(path.stem for path in BANKS.glob("*.yaml"))


def load_bank(name: str) -> Bank:
    """Return one of the kit's banks, such as ``level_1``.

    Raises
    ------
    ContentError
        If there is no such bank, or if it is malformed.
    """
    if name not in bank_names():
        known = ", ".join(bank_names())
        raise ContentError(f"There is no quiz {name!r}. There are: {known}.")
    return read_bank(BANKS / f"{name}.yaml")
