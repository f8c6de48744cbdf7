"""The types of questions: their format, and what makes one impossible to answer.

What makes an answer right is decided in `grade`, not here.
"""

import re
from collections import Counter
from hashlib import sha256
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from widgets.base.content import Content

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


def refuse_twins(texts: list[str], what: str) -> None:
    """Raise if a text stands in `texts` twice."""
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
        refuse_twins([option.text.casefold() for option in self.options], "the option")
        return self


class Order(QuestionBase):
    """Things to put in order; the bank holds them in the right one."""

    type: Literal["order"]
    items: tuple[Item, ...]

    @model_validator(mode="after")
    def _can_be_answered(self) -> Self:
        if len(self.items) < 3:
            raise ValueError(f"has {len(self.items)} items. Give it at least three")
        refuse_twins([item.text.casefold() for item in self.items], "the item")
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
