"""What the states of practices add up to: the state of a box, a sentence, a step, a level.

The rule is the same for all of them, and simple on purpose:

- proved, if all practices behind it are proved;
- claimed, if all are proved or claimed;
- begun, if some are proved or claimed;
- cannot be seen from here, if not one of them can be seen;
- missing, else.

What has no practices behind it has nothing to prove. A limit is lifted once all the practices
that end it are proved.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from widgets.maturity import Bullet, Item, Level, Model, PracticeState, Standing, State, Step

States = Mapping[str, Standing]
NOT_SEEN = PracticeState(State.MISSING)


class ItemState(StrEnum):
    """How far a part of the model is; the value is the word that people read."""

    PROVED = "proved"
    CLAIMED = "claimed"
    BEGUN = "begun"
    MISSING = "missing"
    HIDDEN = "cannot be seen from here"
    LIMIT = "limit"
    LIFTED = "limit, lifted"
    NOTHING = "nothing to prove"


@dataclass(frozen=True)
class Summary:
    """The state of one part of the model, with the practices it is made of."""

    state: ItemState
    practices: tuple[str, ...]
    words: str


def summary_of(model: Model, item: Item, states: States) -> Summary:
    """Return the state of `item`, derived from the practices behind it."""
    practices = practices_behind(model, item)
    if isinstance(item, Bullet) and item.limit:
        lifted = _derive([states.get(name, NOT_SEEN).state for name in item.lifted_by])
        state = ItemState.LIFTED if lifted is ItemState.PROVED else ItemState.LIMIT
        return Summary(state, (), state.value)
    found = [states.get(name, NOT_SEEN).state for name in practices]
    state = _derive(found)
    words = state.value
    if len(found) > 1 and state is not ItemState.HIDDEN:
        words = f"{found.count(State.PROVED)} of {len(found)} proved"
        if claimed := found.count(State.CLAIMED):
            words += f", {claimed} claimed"
    return Summary(state, practices, words)


def practices_behind(model: Model, item: Item) -> tuple[str, ...]:
    """Return the ids of the practices that stand behind `item`."""
    if isinstance(item, Level):
        return tuple(practice.id for practice in model.practices_of(item.number))
    if isinstance(item, Step):
        return tuple(name for action in item.actions for name in action.practices)
    return item.practices


def reached(model: Model, states: States) -> int:
    """Return the highest level that is proved with all levels below it; 0 needs no proof."""
    number = 0
    while number < 4 and all(
        states.get(practice.id, NOT_SEEN).state is State.PROVED
        for practice in model.practices_of(number + 1)
    ):
        number += 1
    return number


def _derive(found: Sequence[State]) -> ItemState:
    seen = set(found)
    if not seen:
        return ItemState.NOTHING
    if seen == {State.PROVED}:
        return ItemState.PROVED
    if seen <= {State.PROVED, State.CLAIMED}:
        return ItemState.CLAIMED
    if seen & {State.PROVED, State.CLAIMED}:
        return ItemState.BEGUN
    return ItemState.HIDDEN if seen == {State.HIDDEN} else ItemState.MISSING
