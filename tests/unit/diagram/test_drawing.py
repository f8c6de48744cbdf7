"""The drawing: well formed, complete, from the top down, and readable without colour."""

from xml.etree import ElementTree

import pytest

from widgets.diagram import TALL, WIDE, draw
from widgets.diagram.drawing import Format
from widgets.diagram.shapes import GLYPHS, wrapped
from widgets.maturity import Level, PracticeState, State, Step, load

SOME = {
    "version-control": PracticeState(State.PROVED),
    "ci-for-code": PracticeState(State.CLAIMED),
    "governance": PracticeState(State.HIDDEN),
}


def items(svg: str) -> dict[str, dict[str, str]]:
    found = ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}g")
    return {part.attrib["data-id"]: part.attrib for part in found if "data-id" in part.attrib}


def words(svg: str) -> str:
    text = "{http://www.w3.org/2000/svg}text"
    return " ".join(part.text or "" for part in ElementTree.fromstring(svg).iter(text))


@pytest.mark.parametrize("form", [TALL, WIDE])
def test_everything_but_characteristics_can_be_reached_in_order(form: Format) -> None:
    model = load()
    wanted = []
    for level in model.levels:
        wanted += [level.id, *(box.id for box in level.boxes), *(b.id for b in level.bullets)]
        if level.number:
            wanted.append(model.step_to(level.number).id)
    assert list(items(draw(model, SOME, form))) == wanted


def test_every_item_has_a_role_a_label_and_a_row() -> None:
    for name, attributes in items(draw(load(), SOME)).items():
        assert attributes["role"] == "button"
        assert attributes["tabindex"] == "-1"
        assert len(attributes["aria-label"]) > 20, name
        assert int(attributes["data-row"]) > 0


def test_labels_say_the_state_and_that_a_limit_is_one() -> None:
    found = items(draw(load(), SOME))
    assert found["level-1"]["aria-label"].endswith("DevOps but no MLOps: 1 of 4 proved, 1 claimed")
    assert found["level-0"]["aria-label"].endswith("You are here")
    assert found["level-1-bullet-limited-feedback"]["aria-label"].startswith("Limit of Level 1")
    assert found["level-1-bullet-limited-feedback"]["data-state"] == "limit"
    assert found["level-1-box-build-and-tests"]["data-state"] == "begun"
    assert "version control" in found["step-0-1"]["aria-label"]


@pytest.mark.parametrize("form", [TALL, WIDE])
def test_the_words_of_the_model_stand_in_the_drawing(form: Format) -> None:
    told = words(draw(load(), SOME, form))
    assert load().title in told
    assert load().direction in told
    for item in load().items():
        if isinstance(item, Level):
            assert f"Level {item.number} {item.name}" in told
            assert all(box.title in told for box in item.boxes)
            assert all(bullet.text in told for bullet in item.bullets)
        if isinstance(item, Step):
            assert " · ".join(action.text for action in item.actions) in told


def test_each_state_has_a_form_of_its_own_and_a_word_in_the_legend() -> None:
    assert len(set(GLYPHS.values())) == len(GLYPHS)
    told = words(draw(load(), {}))
    for state in State:
        assert state.value in told


def test_levels_show_their_practices_one_by_one() -> None:
    svg = draw(load(), SOME)
    for practice in load().practices:
        assert svg.count(f'data-practice="{practice.id}"') == 1
    assert 'data-state="hidden" transform' in svg


def test_the_drawing_stands_alone_and_stays_the_same() -> None:
    svg = draw(load(), SOME)
    assert "<style>" in svg
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")
    assert "<script" not in svg
    assert svg == draw(load(), dict(SOME))


def test_long_sentences_are_broken_between_words() -> None:
    assert wrapped("Training Automation", 80, 13) == ["Training", "Automation"]
    assert wrapped("one two", 500, 13) == ["one two"]
