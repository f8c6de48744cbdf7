"""Banks of questions: their format, and the reader that refuses a malformed one.

A bank is `banks/<name>.yaml`. What makes an answer right is decided in `grade`, not here.
"""

import re
from collections import Counter
from collections.abc import Collection
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, PrivateAttr, field_validator, model_validator

from widgets.base.content import Content, ContentError, read_yaml

BANKS = Path(__file__).parent / "banks"
FEWEST_QUESTIONS = 8
LEVELS = (
    "Level 0 · No MLOps",
    "Level 1 · DevOps but no MLOps",
    "Level 2 · Automated Training",
    "Level 3 · Automated Model Deployment",
    "Level 4 · Full MLOps",
)
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("is empty. Write a sentence here")
    return value.strip()


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError(f"{value!r} is no id. Write lower-case words joined by hyphens")
    return value


def _explained(value: str) -> str:
    if not value.strip():
        raise ValueError("the explanation is missing. Add `because:`, also to a right option")
    return value.strip()


Text = Annotated[str, AfterValidator(_text)]
Name = Annotated[str, AfterValidator(_name)]
Because = Annotated[str, AfterValidator(_explained)]


def key_of(text: str) -> str:
    """Return the short key under which an option travels; it says nothing about being right."""
    return sha256(text.encode()).hexdigest()[:10]


def _refuse_twins(texts: list[str], what: str) -> None:
    twins = [text for text, count in Counter(texts).items() if count > 1]
    if twins:
        raise ValueError(f"{what} stands here twice: {twins[0]!r}. Change or remove one")


class Image(Content):
    """A picture in `images/` beside the bank, and what it shows, in words."""

    file: Text
    alt: Text

    @field_validator("file")
    @classmethod
    def _is_a_plain_svg(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z0-9_]+\.svg", value):
            raise ValueError(f"{value!r} must be the name of an SVG file in banks/images")
        return value


class Option(Content):
    """Something that can be chosen, and why it is right or wrong."""

    text: Text
    correct: bool = False
    because: Because = Field("", validate_default=True)

    @property
    def key(self) -> str:
        return key_of(self.text)


class Item(Content):
    """One thing to put in order, and why it stands where it stands."""

    text: Text
    because: Because = Field("", validate_default=True)

    @property
    def key(self) -> str:
        return key_of(self.text)


class Trap(Content):
    """A wrong number that many people arrive at, and how they get there."""

    value: float
    because: Because = Field("", validate_default=True)


class QuestionBase(Content):
    """What every question has, whatever its type."""

    id: Name
    topic: Text
    practice: Name | None
    prompt: Text
    case: Text | None = None
    code: Text | None = None
    image: Image | None = None
    see: Text | None = None


class Choice(QuestionBase):
    """A question with options: exactly one is right (single), or one or more (several)."""

    type: Literal["single", "several"]
    options: tuple[Option, ...]

    @model_validator(mode="after")
    def _can_be_answered(self) -> Self:
        right = sum(option.correct for option in self.options)
        if len(self.options) < 3:
            raise ValueError(f"has {len(self.options)} options. Give it at least three")
        if right == 0:
            raise ValueError("no option is correct. Mark one with `correct: true`")
        if self.type == "single" and right > 1:
            raise ValueError(f"{right} options are correct. Leave one, or make the type `several`")
        if right == len(self.options):
            raise ValueError("every option is correct. Add a wrong one that people believe")
        _refuse_twins([option.text.casefold() for option in self.options], "the option")
        return self


class Order(QuestionBase):
    """Things to put in order; the bank holds them in the right one."""

    type: Literal["order"]
    items: tuple[Item, ...]

    @model_validator(mode="after")
    def _can_be_answered(self) -> Self:
        if len(self.items) < 3:
            raise ValueError(f"has {len(self.items)} items. Give it at least three")
        _refuse_twins([item.text.casefold() for item in self.items], "the item")
        return self


class Classify(QuestionBase):
    """A short case: which level is this team at? Every level has its explanation."""

    type: Literal["classify"]
    case: Text
    level: int = Field(ge=0, le=4)
    because: dict[int, Because]

    @model_validator(mode="after")
    def _explains_every_level(self) -> Self:
        if missing := sorted(set(range(len(LEVELS))) - set(self.because)):
            raise ValueError(f"because: level {missing[0]} has no explanation. Add `{missing[0]}:`")
        if more := sorted(set(self.because) - set(range(len(LEVELS)))):
            raise ValueError(f"because: there is no level {more[0]}. Remove it")
        return self


class Number(QuestionBase):
    """A number within a tolerance; the traps are wrong numbers with a reason."""

    type: Literal["number"]
    answer: float
    tolerance: float = Field(ge=0)
    unit: Text
    because: Because = Field("", validate_default=True)
    traps: tuple[Trap, ...] = ()

    @model_validator(mode="after")
    def _traps_are_wrong(self) -> Self:
        for trap in self.traps:
            if abs(trap.value - self.answer) <= self.tolerance:
                raise ValueError(f"the trap {trap.value:g} counts as right. Change or remove it")
        return self


Question = Annotated[Choice | Order | Classify | Number, Field(discriminator="type")]


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
        _refuse_twins([question.id for question in self.questions], "the question id")
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
