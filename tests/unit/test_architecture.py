"""The rooms import only what they may, and the learner's project and the kit never each other."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WIDGETS = ROOT / "widgets"
MAY_IMPORT = {
    "base": set(),
    "maturity": {"base"},
    "progress": {"base"},
    "diagram": {"base", "maturity"},
    "quiz": {"base", "progress"},
    "exercise": {"base", "maturity", "progress"},
    "evidence": {"base", "maturity"},
    "project": {"base", "maturity", "evidence", "diagram"},
    "classroom": {"base", "maturity", "progress", "exercise", "quiz"},
    "forge": {"base"},
    "world": {"base"},
    "services": {"base"},
    "dashboard": {"base", "world"},
    "mlflow_ui": {"base"},
    "lab": {"base"},
}
MAY_IMPORT["commands"] = {*MAY_IMPORT, "kit", "console"}  # it stands above them, as a notebook does


def imported(path: Path) -> set[str]:
    """Return the modules that a file imports, as dotted names."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def test_every_room_is_named_here():
    rooms = {path.name for path in WIDGETS.iterdir() if (path / "__init__.py").exists()}
    assert rooms == set(MAY_IMPORT)


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_a_room_imports_only_what_it_may(room):
    for path in (WIDGETS / room).rglob("*.py"):
        used = {name.split(".")[1] for name in imported(path) if name.startswith("widgets.")}
        assert used - {room} <= MAY_IMPORT[room], f"{path.relative_to(ROOT)}: {used}"


def test_the_kit_never_imports_the_learners_project():
    for path in WIDGETS.rglob("*.py"):
        assert "flights" not in {name.split(".")[0] for name in imported(path)}, path


@pytest.mark.parametrize("folder", ["exercises", "solutions"])
def test_what_a_learner_runs_never_imports_the_kit(folder):
    for path in (ROOT / folder).rglob("*.py"):
        assert "widgets" not in {name.split(".")[0] for name in imported(path)}, path


def test_no_page_loads_anything_from_elsewhere():
    for path in [*WIDGETS.rglob("*.js"), *WIDGETS.rglob("*.css")]:
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/", "")
        assert "http://" not in text and "https://" not in text, path
