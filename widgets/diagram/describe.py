"""The model in words: the pages that the diagram's panel opens, and the diagram as plain text."""

from collections.abc import Iterator, Mapping, Sequence

from widgets.diagram.drawing import draw
from widgets.diagram.shapes import GLYPHS
from widgets.diagram.summary import NOT_SEEN, States, practices_behind, reached, summary_of
from widgets.maturity import Box, Bullet, Characteristic, Item, Level, Model, Practice, words_of

Exercises = Mapping[str, Sequence[tuple[str, str]]]
Json = dict[str, object]


def all_pages(model: Model, exercises: Exercises) -> Json:
    """Return what never changes while the diagram is open: every page, by the id of its item."""
    return {
        "principle": model.principle,
        "levels": {level.number: level.name for level in model.levels},
        "glyphs": {state.name.lower(): shape for state, shape in GLYPHS.items()},
        "items": {item.id: _page(model, item, exercises) for item in model.items()},
        "practices": {practice.id: _practice(practice, exercises) for practice in model.practices},
        "additions": {number: _additions(model, number) for number in range(1, 5)},
    }


def all_shown(model: Model, states: States) -> Json:
    """Return what the states make of the model: the drawing, and the words for each part."""
    summaries = {item.id: summary_of(model, item, states) for item in model.items()}
    return {
        "drawing": draw(model, states),
        "reached": reached(model, states),
        "items": {
            name: {"state": summary.state.name.lower(), "words": summary.words}
            for name, summary in summaries.items()
        },
        "practices": {practice.id: _standing(practice, states) for practice in model.practices},
    }


def in_words(model: Model, states: States) -> str:
    """Return the diagram as plain text, from Level 4 down, with the states of the practices."""
    return "\n".join(_lines(model, states))


def _lines(model: Model, states: States) -> Iterator[str]:
    yield f"{model.title} (upwards: {model.direction})"
    here = reached(model, states)
    for level in model.levels:
        mark = "   ← you are here" if level.number == here else ""
        yield ""
        yield f"Level {level.number} · {level.name}{mark}"
        yield "  " + " → ".join(f"[{box.title}]" for box in level.boxes)
        for bullet in level.bullets:
            yield f"  {'– limit:' if bullet.limit else '·'} {bullet.text}"
        for practice in model.practices_of(level.number):
            standing = states.get(practice.id, NOT_SEEN)
            yield f"    {practice.title}: {words_of(standing)}"


def _page(model: Model, item: Item, exercises: Exercises) -> Json:
    page: Json = {"meaning": item.meaning, "practices": practices_behind(model, item)}
    if isinstance(item, Level):
        return page | {
            "kind": "level",
            "kicker": f"Level {item.number}",
            "title": item.name,
            "why": item.why,
            "number": item.number,
            "parts": [part.id for part in item.characteristics],
        }
    if isinstance(item, Box | Bullet):
        number = next(
            level.number for level in model.levels if item in (*level.boxes, *level.sentences)
        )
        kind = "limit" if item.limit else _kind(item)
        return page | {
            "kind": kind,
            "kicker": f"Level {number} · {kind}",
            "title": item.title if isinstance(item, Box) else item.text,
            "why": item.why,
            "level": f"level-{number}",
            "lifted_by": item.lifted_by if isinstance(item, Bullet) else (),
        }
    return page | {
        "kind": "step",
        "kicker": f"Step · Level {item.source} to Level {item.target}",
        "title": item.title,
        "actions": [action.model_dump(mode="json") for action in item.actions],
        "exercises": _in_order(page["practices"], exercises),
        "number": item.target,
    }


def _kind(item: Box | Bullet) -> str:
    if isinstance(item, Box):
        return "box"
    return "characteristic" if isinstance(item, Characteristic) else "bullet"


def _in_order(practices: object, exercises: Exercises) -> list[tuple[str, str]]:
    assert isinstance(practices, tuple)
    found = {exercise for name in practices for exercise in exercises.get(name, ())}
    return sorted(found, key=lambda one: [int(part) for part in one[0].split(".")])


def _practice(practice: Practice, exercises: Exercises) -> Json:
    return {
        "title": practice.title,
        "level": practice.level,
        "proved_by": practice.proved_by,
        "meaning": practice.meaning,
        "why": practice.why,
        "exercises": list(exercises.get(practice.id, ())),
    }


def _standing(practice: Practice, states: States) -> Json:
    standing = states.get(practice.id, NOT_SEEN)
    return {
        "state": standing.state.name.lower(),
        "words": words_of(standing),
        "reason": standing.reason,
        "mend": standing.mend,
    }


def _additions(model: Model, number: int) -> Json:
    added = model.additions(number)
    return {
        "practices": [practice.id for practice in added.practices],
        "new_boxes": [box.id for box in added.new_boxes],
        "grown_boxes": [box.id for box in added.grown_boxes],
        "sentences": [item.id for item in added.sentences],
        "lifted": [item.id for item in added.lifted],
    }
