"""The maturity model as one value: read from `maturity.yaml`, and checked to hang together."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from widgets.base.content import Content, ContentError, read_yaml
from widgets.base.errors import KitError
from widgets.maturity.items import Box, Bullet, Item, Level, Practice, Step, Text

MODEL_FILE = Path(__file__).with_name("maturity.yaml")


class Model(Content):
    """Five levels (highest first), the practices behind them, and the steps between them."""

    title: Text
    direction: Text
    principle: Text
    practices: tuple[Practice, ...]
    levels: tuple[Level, ...]
    steps: tuple[Step, ...]

    def practice(self, practice_id: str) -> Practice:
        """Return the practice with this id; a KitError names the nearest if there is none."""
        found = {practice.id: practice for practice in self.practices}
        if practice_id not in found:
            raise KitError(_unknown("practice", practice_id, list(found)))
        return found[practice_id]

    def level(self, number: int) -> Level:
        """Return the level with this number, 0 to 4."""
        for level in self.levels:
            if level.number == number:
                return level
        raise KitError(f"There is no level {number}. The levels are 0 to 4.")

    def step_to(self, number: int) -> Step:
        """Return the step that leads up to this level, 1 to 4."""
        for step in self.steps:
            if step.target == number:
                return step
        raise KitError(f"No step leads to level {number}. Steps lead to levels 1 to 4.")

    def item(self, item_id: str) -> Item:
        """Return the level, box, bullet, characteristic or step with this id."""
        found = {item.id: item for item in self.items()}
        if item_id not in found:
            raise KitError(_unknown("item", item_id, list(found)))
        return found[item_id]

    def items(self) -> Iterator[Item]:
        """Go through all that can be opened, as it is drawn: from the top down."""
        for level in self.levels:
            yield level
            yield from level.boxes
            yield from level.sentences
            if level.number > 0:
                yield self.step_to(level.number)

    def practices_of(self, level: int) -> tuple[Practice, ...]:
        """Return the practices that this level adds, in the model's order."""
        return tuple(practice for practice in self.practices if practice.level == level)

    def additions(self, level: int) -> "Additions":
        """Return what this level adds to the one below it; nothing for level 0."""
        practices = self.practices_of(level)
        if not practices:
            return Additions((), (), (), (), ())
        new = {practice.id for practice in practices}
        here, below = self.level(level), self.level(level - 1)
        known = {box.title for box in below.boxes}
        return Additions(
            practices=practices,
            new_boxes=tuple(box for box in here.boxes if box.title not in known),
            grown_boxes=tuple(
                box for box in here.boxes if box.title in known and new & set(box.practices)
            ),
            sentences=tuple(text for text in here.sentences if new & set(text.practices)),
            lifted=tuple(
                text
                for other in self.levels
                for text in other.sentences
                if text.limit and self._lifted_at(text) == level
            ),
        )

    def _lifted_at(self, limit: Bullet) -> int:
        return max(self.practice(practice).level for practice in limit.lifted_by)


@dataclass(frozen=True)
class Additions:
    """What a level adds to the one below it, and the limits that it ends."""

    practices: tuple[Practice, ...]
    new_boxes: tuple[Box, ...]
    grown_boxes: tuple[Box, ...]
    sentences: tuple[Bullet, ...]
    lifted: tuple[Bullet, ...]


def read_model(path: Path) -> Model:
    """Read a maturity model from `path`.

    Raises
    ------
    ContentError
        If the file is not a model, or its parts do not fit each other. The message lists
        every fault with its place and what to do.
    """
    model = read_yaml(path, Model)
    if faults := [*_order_faults(model)] or [*_reference_faults(model)]:
        lines = "\n".join(f"  {fault}" for fault in faults)
        raise ContentError(f"{path}: its parts do not fit each other:\n{lines}")
    return model


@cache
def load() -> Model:
    """Return the kit's maturity model."""
    return read_model(MODEL_FILE)


def _order_faults(model: Model) -> Iterator[str]:
    numbers = [level.number for level in model.levels]
    if numbers != [4, 3, 2, 1, 0]:
        yield f"levels: numbered {numbers}. Give each of 4, 3, 2, 1, 0 once, highest first."
    steps = [(step.source, step.target) for step in model.steps]
    if steps != [(0, 1), (1, 2), (2, 3), (3, 4)]:
        yield f"steps: they lead {steps}. Give each of 0→1, 1→2, 2→3, 3→4 once, in this order."


def _reference_faults(model: Model) -> Iterator[str]:
    actions = [action for step in model.steps for action in step.actions]
    ids = Counter(part.id for part in (*model.items(), *model.practices, *actions))
    for name, times in ids.items():
        if times > 1:
            yield f"{name}: this id is given {times} times. Rename all but one."
    known = {practice.id: practice.level for practice in model.practices}
    mapped: set[str] = set()
    for place, number, part in _mapped_parts(model):
        lifted_by = part.lifted_by if isinstance(part, Bullet) else ()
        for practice in (*part.practices, *lifted_by):
            if practice not in known:
                yield f"{place}: {_unknown('practice', practice, list(known))}"
        mapped |= set(part.practices)
        if early := [name for name in part.practices if known.get(name, 0) > number]:
            yield f"{place}: {', '.join(early)} belongs to a higher level. Map it there."
        if late := [name for name in lifted_by if known.get(name, 5) <= number]:
            yield f"{place}: {', '.join(late)} is no practice of a higher level: it lifts no limit."
        yield from (f"{place}: {fault}" for fault in _mapping_faults(part, number))
    for practice in sorted(known.keys() - mapped):
        yield f"practices, {practice}: nothing maps to it. Name it in a bullet or characteristic."
    for step in model.steps:
        told = {practice for action in step.actions for practice in action.practices}
        if told != (asked := {name for name, level in known.items() if level == step.target}):
            yield (
                f"{step.id}: its actions name the wrong practices ({_list(told ^ asked)}). "
                f"Name each practice of level {step.target}, and no other."
            )


def _mapped_parts(model: Model) -> Iterator[tuple[str, int, Box | Bullet]]:
    for level in model.levels:
        for kind in ("boxes", "bullets", "characteristics"):
            for part in getattr(level, kind):
                yield f"level {level.number}, {kind}, {part.id}", level.number, part


def _mapping_faults(part: Box | Bullet, level: int) -> Iterator[str]:
    if part.limit and part.practices:
        yield "a limit maps to no practice. Empty `practices`, or take `limit` away."
    if isinstance(part, Box):
        if not part.limit and not part.practices and level > 0:
            yield "it maps to no practice. Name at least one under `practices`."
    elif part.limit and not part.lifted_by:
        yield "nothing lifts this limit. Name a practice of a higher level under `lifted_by`."
    elif not part.limit and not part.practices:
        yield "a capability maps to at least one practice. Name it, or say `limit: true`."
    elif not part.limit and part.lifted_by:
        yield "only a limit is lifted. Say `limit: true`, or take `lifted_by` away."


def _unknown(kind: str, name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1)
    hint = f"Did you mean '{near[0]}'?" if near else f"Known: {_list(set(known))}."
    return f"there is no {kind} '{name}'. {hint}"


def _list(names: set[str]) -> str:
    return ", ".join(sorted(names))
