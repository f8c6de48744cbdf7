"""The button says what it opens, and looks again when somebody turns to it."""

from widgets.mlflow_ui.button import MlflowButton
from widgets.mlflow_ui.store import ensure_store

HOME = {"address": "#/experiments", "missing": "", "server": ""}


def test_a_reader_without_a_kernel_sees_the_words_alone(layout):
    for what, text in (
        ("", "[Open MLflow] (in the MLflow UI)"),
        ("models", "[Open the registry] (in the MLflow UI)"),
        ("models/late-flights@champion", "[Open the champion of late-flights] (in the MLflow UI)"),
        ("models/late-flights/2", "[Open version 2 of late-flights] (in the MLflow UI)"),
        ("runs/0123456789abcdef", "[Open this run] (in the MLflow UI)"),
        (["0", "1"], "[Compare these runs] (in the MLflow UI)"),
    ):
        assert MlflowButton(layout, what).text() == text


def test_a_text_can_have_words_of_its_own(layout):
    button = MlflowButton(layout, "models", "See what was registered")
    assert button.label == "See what was registered"


def test_it_knows_the_place(layout):
    assert MlflowButton(layout).shown == HOME


def test_what_came_later_is_there_at_the_next_look(layout):
    button = MlflowButton(layout, "experiments/Default")
    assert button.shown["missing"].startswith("There is no experiment Default yet")
    ensure_store(layout)
    button._receive(button, {"verb": "look"}, [])
    assert button.shown == {"address": "#/experiments/0", "missing": "", "server": ""}


def test_a_message_of_another_kind_changes_nothing(layout):
    button = MlflowButton(layout)
    button._receive(button, "nonsense", [])
    assert button.shown == HOME
