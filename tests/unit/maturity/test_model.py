"""The reader of the model: what it finds, what it refuses, and what a level adds."""

from pathlib import Path

import pytest

from widgets.base.content import ContentError
from widgets.base.errors import KitError
from widgets.maturity import MODEL_FILE, Level, Step, load, read_model

MAPPED = "practices: "
GIVE = "\n        meaning: Give"


def edited(folder: Path, old: str, new: str, times: int = 1) -> Path:
    text = MODEL_FILE.read_text(encoding="utf-8")
    assert old in text
    file = folder / "maturity.yaml"
    file.write_text(text.replace(old, new, times), encoding="utf-8")
    return file


def test_items_are_found_by_id() -> None:
    model = load()
    assert isinstance(model.item("level-3"), Level)
    assert isinstance(model.item("step-2-3"), Step)
    assert model.item("level-4-box-feedback-loop").practices[0] == "feedback-loop"
    assert model.item("level-3-characteristic-lacks-feedback").limit
    assert model.practice("governance").level == 4
    assert [practice.id for practice in model.practices_of(1)] == [
        "version-control",
        "standard-environment",
        "automated-tests",
        "ci-for-code",
    ]


def test_an_unknown_id_is_answered_with_the_nearest() -> None:
    with pytest.raises(KitError, match="Did you mean 'version-control'"):
        load().practice("version-controll")
    with pytest.raises(KitError, match="no item 'level-9-box'"):
        load().item("level-9-box")
    with pytest.raises(KitError, match="levels are 0 to 4"):
        load().level(7)
    with pytest.raises(KitError, match="levels 1 to 4"):
        load().step_to(0)


def test_a_level_adds_its_practices_and_new_boxes_and_ends_limits() -> None:
    added = load().additions(4)
    assert [box.title for box in added.new_boxes] == ["Feedback Loop"]
    assert [box.title for box in added.grown_boxes] == [
        "Training Automation",
        "Performance Tracking",
        "Deployment Automation",
    ]
    assert added.practices == load().practices_of(4)
    assert "still lacks comprehensive feedback loops" in [item.text for item in added.lifted]
    assert "model training is automated" not in [
        item.text for item in load().additions(3).sentences
    ]
    assert load().additions(0).practices == ()


def test_every_limit_is_ended_by_some_level() -> None:
    model = load()
    limits = {item.id for level in model.levels for item in level.sentences if item.limit}
    assert limits == {item.id for n in range(1, 5) for item in model.additions(n).lifted}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[feedback-loop, end-to-end", "[feedback-lop, end-to-end", "Did you mean 'feedback-loop'"),
        (
            "id: level-4-bullet-near",
            "id: level-4-bullet-continuous-feedback-loop\n        #",
            "2 times",
        ),
        (
            f"{MAPPED}[model-registry]{GIVE}",
            f"{MAPPED}[governance]{GIVE}",
            "its actions name the wrong",
        ),
        ("number: 3", "number: 2", "Give each of 4, 3, 2, 1, 0 once"),
        ("source: 2\n    target: 3", "source: 3\n    target: 2", "steps: they lead"),
        (
            "lifted_by: [monitoring-with-alerts, feedback-loop]",
            "practices: [basic-monitoring]",
            "a limit maps to no practice",
        ),
        (
            "        limit: true\n        lifted_by: [monitoring",
            "        lifted_by: [monitoring",
            "say `limit: true`",
        ),
        (
            "lifted_by: [automated-deployment]",
            "lifted_by: [version-control]",
            "no practice of a higher level",
        ),
        (
            "[version-control, standard-environment, automated-tests, ci-for-code]",
            "[]",
            "Name at least one under `practices`",
        ),
        (
            "why: >-\n      Without it",
            "wy: >-\n      Without it",
            "practices.0.why: Field required",
        ),
        ("level: 1\n", "level: 5\n", "practices.0.level"),
    ],
)
def test_a_wrong_file_is_refused_with_place_and_mend(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    file = edited(tmp_path, old, new)
    with pytest.raises(ContentError) as refused:
        read_model(file)
    assert said in str(refused.value)
    assert str(file) in str(refused.value)


def test_a_practice_that_nothing_maps_to_is_named(tmp_path: Path) -> None:
    rules = "\n        meaning: >-\n          Rules"
    file = edited(tmp_path, f"{MAPPED}[governance]{rules}", f"{MAPPED}[zero-downtime]{rules}")
    text = file.read_text(encoding="utf-8").replace("zero-downtime, governance]", "zero-downtime]")
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ContentError, match="practices, governance: nothing maps to it"):
        read_model(file)
