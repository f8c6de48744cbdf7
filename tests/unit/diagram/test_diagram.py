"""The diagram as a widget: what it is handed, what it shows, what it says when that changes."""

import json

import pytest

from widgets.base.errors import KitError
from widgets.diagram import Diagram
from widgets.maturity import PracticeState, State, load

EXERCISES = {
    "version-control": [("1.4", "Every push is tested")],
    "standard-environment": [("1.1", "From cells to a package"), ("1.3", "One build")],
    "ci-for-code": [("1.4", "Every push is tested")],
}
PROVED = PracticeState(State.PROVED, "7 commits in the history of main")


def test_a_new_diagram_shows_everything_missing_at_level_0() -> None:
    diagram = Diagram()
    assert diagram.shown["reached"] == 0
    assert {state["state"] for state in diagram.shown["practices"].values()} == {"missing"}
    assert diagram.shown["news"] == ""


def test_every_item_of_the_model_has_a_page() -> None:
    diagram = Diagram(exercises=EXERCISES)
    assert set(diagram.pages["items"]) == {item.id for item in load().items()}
    for page in diagram.pages["items"].values():
        assert page["meaning"]
        assert page["kind"] == "step" or page["why"]
    json.dumps([diagram.pages, diagram.shown])


def test_pages_hold_what_the_panel_tells() -> None:
    items = Diagram(exercises=EXERCISES).pages["items"]
    assert len(items["level-4"]["parts"]) == 7
    assert items["level-3-characteristic-lacks-feedback"]["kind"] == "limit"
    assert items["level-3-characteristic-lacks-feedback"]["lifted_by"]
    assert items["level-1-box-build-and-tests"]["kicker"] == "Level 1 · box"


def test_a_step_lists_its_exercises_in_their_order_and_once() -> None:
    step = Diagram(exercises=EXERCISES).pages["items"]["step-0-1"]
    assert [exercise[0] for exercise in step["exercises"]] == ["1.1", "1.3", "1.4"]
    assert step["actions"][0]["text"] == "version control"


def test_what_a_level_adds_names_items_that_have_pages() -> None:
    pages = Diagram().pages
    assert pages["additions"][4]["new_boxes"] == ["level-4-box-feedback-loop"]
    for added in pages["additions"].values():
        for kind in ("new_boxes", "grown_boxes", "sentences", "lifted"):
            assert set(added[kind]) <= set(pages["items"])


def test_an_update_reaches_the_views_and_says_what_changed() -> None:
    diagram = Diagram(exercises=EXERCISES)
    seen = []
    diagram.observe(lambda change: seen.append(change.new), "shown")
    news = diagram.update({"version-control": PROVED})
    assert news == ["Version control: proved"]
    assert len(seen) == 1
    assert seen[0]["news"] == "Version control: proved"
    assert seen[0]["changed"] == ["version-control"]
    assert seen[0]["practices"]["version-control"]["reason"] == PROVED.reason
    assert diagram.states["version-control"] == PROVED


def test_an_update_without_news_stays_silent() -> None:
    diagram = Diagram({"version-control": PROVED})
    seen = []
    diagram.observe(lambda change: seen.append(change.new), "shown")
    assert diagram.update({"version-control": PROVED}) == []
    assert seen == []
    diagram.update({"version-control": PracticeState(State.PROVED, "8 commits")})
    assert seen[0]["news"] == ""
    assert seen[0]["practices"]["version-control"]["reason"] == "8 commits"


def test_states_that_are_not_named_in_an_update_stay() -> None:
    diagram = Diagram({"version-control": PROVED})
    diagram.update({"ci-for-code": PROVED})
    assert diagram.shown["practices"]["version-control"]["state"] == "proved"


def test_the_kits_solution_is_named() -> None:
    diagram = Diagram()
    news = diagram.update({"governance": PracticeState(State.PROVED, with_kit=True)})
    assert news == ["Governance: proved, with the kit's solution"]


def test_an_unknown_practice_is_refused() -> None:
    with pytest.raises(KitError, match="Did you mean 'version-control'"):
        Diagram({"version-contrl": PROVED})
    with pytest.raises(KitError):
        Diagram().update({"nothing-like-it": PROVED})


def test_the_text_is_stable_and_tells_model_and_states() -> None:
    text = Diagram({"version-control": PROVED}).text()
    assert text == Diagram({"version-control": PROVED}, EXERCISES).text()
    assert "Level 4 · Full MLOps" in text
    assert "[Training Automation] → [Performance Tracking]" in text
    assert "Version control: proved" in text
    assert "– limit: limited feedback mechanisms" in text
    assert text.index("Level 4") < text.index("Level 0 · No MLOps   ← you are here")


def test_a_page_without_a_kernel_gets_text_and_picture() -> None:
    data, _ = Diagram()._repr_mimebundle_()
    assert data["text/plain"].startswith("MLOps Maturity Model")
    assert data["image/svg+xml"].startswith("<svg")
