"""The practices as statements about a team, with examples: what the questionnaire asks."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import RootModel

from widgets.base.content import Content, ContentError, read_yaml
from widgets.maturity import Model, load

FILE = Path(__file__).with_name("practices.yaml")


class Asked(Content):
    """One practice in plain words.

    Attributes
    ----------
    statement, when_yes, when_no : str
        What is asked, and an example of each answer.
    next : str
        What to do where it is not there yet.
    shows : str
        What would show it to somebody who looks from outside.
    """

    statement: str
    when_yes: str
    when_no: str
    next: str
    shows: str


class Questions(RootModel[dict[str, Asked]]):
    """All of them, by practice."""


@cache
def questions() -> Mapping[str, Asked]:
    """Return each practice of the model, in the model's order.

    Raises
    ------
    ContentError
        If the file leaves out a practice, or names one that the model does not have.
    """
    read = read_yaml(FILE, Questions).root
    model: Model = load()
    names = [practice.id for practice in model.practices]
    if wrong := sorted(set(names) ^ set(read)):
        raise ContentError(f"{FILE}: not the model's practices: {', '.join(wrong)}.")
    return {name: read[name] for name in names}
