"""The course itself: every exercise is complete, and nothing lies around that belongs to none."""

import ast
import json
import re
from pathlib import Path

import pytest
import yaml

from widgets.exercise.definition import load_catalogue
from widgets.maturity import load

ROOT = Path(__file__).resolve().parents[2]
TESTS = Path(__file__).parent
CATALOGUE = load_catalogue()
LEVELS = sorted({each.level for each in CATALOGUE.exercises})
WRONG, RIGHT = 4, 2  # answers that are tested, at least
# Without a TODO: a notebook whose number cannot be had again, and forms with empty fields.
BLANK = {
    "analysis/delays.ipynb": "answer: 0.6767",
    "analysis/which_model.yaml": "rows:\n",
    "analysis/steps.yaml": "manual_steps:",
}

every_exercise = pytest.mark.parametrize("exercise", CATALOGUE.exercises, ids=lambda each: each.id)
every_level = pytest.mark.parametrize("level", LEVELS)


def files_below(folder: Path) -> set[str]:
    """Return all files of a tree, but for what Python makes."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def written(path: Path) -> str:
    """Return the text of a file; of a notebook the sources of its cells and what they print."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    return "\n".join(
        "".join(cell["source"]) + json.dumps(cell.get("outputs", ""))
        for cell in json.loads(text)["cells"]
    )


# Files


@every_exercise
def test_every_file_of_an_exercise_is_there(exercise):
    for name in (*exercise.files, *exercise.given, *exercise.brings):
        assert (CATALOGUE.starter(exercise) / name).is_file(), f"starter/{name} is missing"
    for name in (*exercise.files, *exercise.adds):
        assert (CATALOGUE.solution(exercise) / name).is_file(), f"the solution of {name} is missing"


@every_exercise
def test_what_a_learner_edits_says_what_is_to_do(exercise):
    for name in exercise.files:
        starter = CATALOGUE.starter(exercise) / name
        solution = CATALOGUE.solution(exercise) / name
        text = written(starter)
        mark = BLANK.get(name, "TODO")
        assert mark in text, f"{name} does not show what is left to do ({mark!r})"
        assert text != written(solution), f"{name} is solved already"


@every_exercise
def test_a_solution_has_nothing_left_to_do(exercise):
    for name in exercise.files:
        text = written(CATALOGUE.solution(exercise) / name)
        assert "TODO" not in text and "NotImplementedError" not in text, name
        assert not re.search(r"= \.\.\.$", text, re.M), f"{name} has a blank"


@every_level
def test_no_file_belongs_to_no_exercise(level):
    exercises = CATALOGUE.level(level)
    edited = {name for each in exercises for name in each.files}
    given = {name for each in exercises for name in each.given + each.brings}
    added = {name for each in exercises for name in each.adds}
    folder = ROOT / "exercises" / f"level_{level}"
    assert files_below(folder / "starter") == edited | given
    plays = {f"play/play_{each.key}.py" for each in exercises}
    stray = files_below(ROOT / "solutions" / f"level_{level}") - edited - given - added - plays
    assert not stray, f"nobody needs these files of the solution: {sorted(stray)}"


@every_exercise
def test_what_is_added_is_new_and_what_is_brought_takes_a_place(exercise):
    before = CATALOGUE.before(exercise.id)
    there = {name for each in before for name in each.files + each.given}
    for name in exercise.adds:
        assert name not in there, f"adds: {name} is the learner's already, it would never arrive"
    for name in exercise.brings:
        assert name in there, f"brings: {name} takes nothing's place, it belongs to `given`"


@every_level
def test_no_check_checks_nothing(level):
    folder = ROOT / "exercises" / f"level_{level}" / "checks"
    checks = {f"check_{each.key}.py" for each in CATALOGUE.level(level)}
    modules = {path.name for path in folder.glob("*.py")}
    assert {name for name in modules if not name.startswith("_")} == checks
    texts = {name: (folder / name).read_text(encoding="utf-8") for name in modules}
    for helper in modules - checks:
        users = [
            name for name, text in texts.items() if name != helper and Path(helper).stem in text
        ]
        assert users, f"nobody imports {helper}"


def test_every_file_of_answers_belongs_to_an_exercise():
    keys = {each.key for each in CATALOGUE.exercises}
    assert {path.stem for path in (TESTS / "answers").iterdir()} <= keys
    assert {path.stem.removeprefix("test_judge_") for path in TESTS.glob("test_judge_*.py")} <= keys


@pytest.mark.parametrize("name", ["__init__.py", "features.py", "train.py"])
def test_the_package_that_mutants_are_made_of_is_the_solution(name):
    reference = ROOT / "exercises" / "level_1" / "checks" / "_reference" / "flights" / name
    solution = ROOT / "solutions" / "level_1" / "flights" / name
    assert reference.read_bytes() == solution.read_bytes(), f"copy {solution} to {reference}"


# Texts


@every_exercise
def test_hints_lead_from_a_direction_to_nearly_the_code(exercise):
    assert len(exercise.hints) >= 3
    assert len(set(exercise.hints)) == len(exercise.hints)
    assert exercise.hints[-1].count("`") >= 2, "the last hint shows code"


@every_exercise
def test_times_fit_each_other(exercise):
    assert exercise.budget < exercise.limit
    assert exercise.slow or exercise.budget <= 3, "say beforehand that it takes a while, and why"


@every_exercise
def test_every_requirement_is_a_sentence_of_its_own(exercise):
    module = ast.parse(CATALOGUE.check_file(exercise).read_text(encoding="utf-8"))
    tests = [
        node
        for node in module.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    assert tests, "the check has no test function"
    said = []
    for test in tests:
        text = ast.get_docstring(test)
        assert text, f"{test.name} has no docstring: it is the requirement that is shown"
        said.append(" ".join(text.split("\n\n")[0].split()))
        assert said[-1].endswith("."), f"{test.name}: {said[-1]}"
    assert len(set(said)) == len(said), "two requirements have the same words"


@every_level
def test_no_check_imports_the_kit_or_prints(level):
    for path in (ROOT / "exercises" / f"level_{level}" / "checks").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom | ast.Import):
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                names += [alias.name for alias in node.names]
                assert not any(name.split(".")[0] == "widgets" for name in names), path.name
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id != "print" or path.name.startswith("_"), path.name


# The model and the notebooks


def test_every_practice_that_an_exercise_names_is_one_of_the_nineteen():
    model = load()
    assert len(model.practices) == 19
    known = {practice.id for practice in model.practices}
    for exercise in CATALOGUE.exercises:
        assert set(exercise.practices) <= known, exercise.id


@every_level
def test_every_practice_of_a_level_has_an_exercise(level):
    for practice in load().practices_of(level):
        assert CATALOGUE.for_practice(practice.id), f"no exercise serves {practice.id}"


@every_exercise
def test_every_exercise_is_shown_in_a_notebook(exercise):
    shown = re.compile(rf'exercise\("{re.escape(exercise.id)}"\)')
    books = (ROOT / "notebooks").glob(f"level_{exercise.level}_*.ipynb")
    assert any(shown.search(written(book).replace('\\"', '"')) for book in books)


# Answers


def in_yaml(key: str) -> tuple[int, int]:
    """Return how many wrong and right answers stand in `answers/`."""
    path = TESTS / "answers" / f"{key}.yaml"
    if not path.exists():
        return 0, 0
    answers = yaml.safe_load(path.read_text(encoding="utf-8"))
    return len(answers["wrong"]), len(answers["right"])


def in_tests(key: str) -> tuple[int, int]:
    """Return how many artefacts of wrong and right answers a test of a judge gives it.

    They stand in dictionaries WRONG… and RIGHT…, or are tests that expect an AssertionError, and
    tests whose names say that something passes.
    """
    path = TESTS / f"test_judge_{key}.py"
    if not path.exists():
        return 0, 0
    wrong = right = 0
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict(keys=keys)):
                wrong += len(keys) if name.startswith("WRONG") else 0
                right += len(keys) if name.startswith("RIGHT") else 0
            case ast.FunctionDef(name=name):
                fails = "raises(AssertionError" in ast.unparse(node)
                wrong += fails
                right += not fails and "pass" in name
    return wrong, right


@every_exercise
def test_wrong_and_right_answers_of_every_exercise_are_tested(exercise):
    listed, judged = in_yaml(exercise.key), in_tests(exercise.key)
    assert listed[0] + judged[0] >= WRONG, "too few wrong answers"
    assert listed[1] + judged[1] >= RIGHT, "too few right answers written differently"


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_what_is_given_is_the_same_in_the_solution(level):
    starter = ROOT / "exercises" / f"level_{level}" / "starter"
    solution = ROOT / "solutions" / f"level_{level}"
    written = {name for exercise in CATALOGUE.level(level) for name in exercise.files}
    both = [
        name
        for path in sorted(starter.rglob("*.py"))
        if (name := path.relative_to(starter).as_posix()) not in written
        and (solution / name).exists()
    ]
    assert both
    for name in both:
        given = (starter / name).read_text(encoding="utf-8")
        assert given == (solution / name).read_text(encoding="utf-8"), name
