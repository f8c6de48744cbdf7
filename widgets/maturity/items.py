"""The parts of the maturity model: practices, and what is drawn of a level and of a step."""

from typing import Annotated

from pydantic import Field

from widgets.base.content import Content

Id = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Text = Annotated[str, Field(min_length=1)]
Number = Annotated[int, Field(ge=0, le=4)]


class Practice(Content):
    """Something a team does, and what proves that it does it.

    `rule` holds the numbers that the collectors of evidence ask for: counts, shares (0 to 1),
    windows (in runs or hours, as the name says) and flags.
    """

    id: Id
    level: Number
    title: Text
    proved_by: Text
    meaning: Text
    why: Text
    rule: Annotated[dict[str, bool | int | float | str], Field(min_length=1)]


class Box(Content):
    """One box of a level's chain; the boxes of a level are joined by arrows, left to right."""

    id: Id
    title: Text
    meaning: Text
    why: Text
    limit: bool = False
    practices: tuple[Id, ...]


class Bullet(Content):
    """A sentence that stands in a level: a capability, or (`limit`) what the level cannot do.

    A capability maps to practices. A limit maps to none; `lifted_by` names the practices of
    higher levels that end it.
    """

    id: Id
    text: Text
    meaning: Text
    why: Text
    limit: bool = False
    practices: tuple[Id, ...] = ()
    lifted_by: tuple[Id, ...] = ()


class Characteristic(Bullet):
    """A sentence of a level that is not drawn, but stands in the level's own panel."""


class Level(Content):
    """One of the five levels, from 0 to 4."""

    number: Number
    id: Id
    name: Text
    meaning: Text
    why: Text
    boxes: Annotated[tuple[Box, ...], Field(min_length=1)]
    bullets: Annotated[tuple[Bullet, ...], Field(min_length=1)]
    characteristics: Annotated[tuple[Characteristic, ...], Field(min_length=1)]

    @property
    def sentences(self) -> tuple[Bullet, ...]:
        """Bullets and characteristics, in this order."""
        return self.bullets + self.characteristics


class Action(Content):
    """One thing to do on the way from a level to the next."""

    id: Id
    text: Text
    meaning: Text
    practices: Annotated[tuple[Id, ...], Field(min_length=1)]


class Step(Content):
    """The way from one level (`source`) to the next (`target`): what to do."""

    id: Id
    source: Number
    target: Number
    title: Text
    meaning: Text
    actions: Annotated[tuple[Action, ...], Field(min_length=1)]


Item = Level | Box | Bullet | Step
"""What can be opened in the diagram. (A characteristic is a bullet that is not drawn.)"""
