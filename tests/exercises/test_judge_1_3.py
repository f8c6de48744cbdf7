"""Exercise 1.3's judge: a wrong answer gets its message, a right one in another style passes."""

import importlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHECKS = ROOT / "exercises" / "level_1" / "checks"
SOLUTION = ROOT / "solutions" / "level_1"
STARTER = ROOT / "exercises" / "level_1" / "starter"
FLIGHTS = ROOT / "widgets" / "world" / "flights"


@pytest.fixture(scope="module")
def modules():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(CHECKS))
        yield importlib.import_module("_judge_1_3"), importlib.import_module("_build")


@pytest.fixture(scope="module")
def judge(modules):
    return modules[0]


@pytest.fixture(scope="module")
def right(modules):
    """What a right answer builds, told by hand: quick, and each test spoils one thing of it."""
    build = modules[1]
    installed = {"pandas": "3.1.1", "scikit-learn": "1.9.1", "pytest": "9.2.0"}
    return build.Built(
        pyproject=(SOLUTION / "pyproject.toml").read_text(encoding="utf-8"),
        requirements="# pins\npandas==3.1.1\nscikit-learn==1.9.1\npytest==9.2.0\n",
        installed=installed,
        imported={
            "pandas": "flights/features.py:3",
            "scikit-learn": "flights/train.py:9",
            "pytest": "tests/test_features.py:3",
        },
        wheel=build.Ran(0, ""),
        wheel_files=("flights/__init__.py", "flights/features.py", "flights/train.py",
                     "flights-0.1.0.dist-info/METADATA"),
        install=build.Ran(0, ""),
        train=build.Ran(0, "imported from /some/home/flights/__init__.py\n{}"),
        home="/some/home",
        model_saved=True,
        ci={
            "as it is": build.Ran(0, "== tests\n15 passed"),
            "changed": build.Ran(1, "requirements.txt:4: pandas: 0.0.1 pinned, 3.1.1 installed"),
            "loosened": build.Ran(1, "requirements.txt:4: pandas is not pinned"),
            "missing": build.Ran(1, "flights/features.py:3: imports pandas, not pinned"),
        },
    )  # fmt: skip


def judge_all(judge, built):
    judge.judge_pyproject(built)
    judge.judge_wheel(built)
    judge.judge_training(built)
    judge.judge_pins(built)
    judge.judge_ci_passes(built)
    judge.judge_ci_changed(built)
    judge.judge_ci_refuses(built)


def edited(built, old, new):
    assert old in built.pyproject
    return replace(built, pyproject=built.pyproject.replace(old, new))


def said(built, modules, **ran):
    runs = {name.replace("_", " "): modules[1].Ran(*one) for name, one in ran.items()}
    return replace(built, ci=built.ci | runs)


def test_the_right_answer_passes(judge, right):
    judge_all(judge, right)


RIGHT = {
    "other ranges and another order": lambda b: edited(
        edited(b, '"pandas>=3.0"', '"Pandas ~= 3.0"'), ">=3.11", ">=3.10,<4"
    ),
    "pins with markers, comments and spaces": lambda b: replace(
        b,
        requirements="Pandas == 3.1.1  # data\nscikit_learn==1.9.1\n"
        'pytest==9.2.0 ; python_version > "3"\ncolorama==9 ; sys_platform == "none"\n',
    ),
    "other words for the same": lambda b: replace(
        b,
        ci=b.ci | {"changed": replace(b.ci["changed"], code=2, output="pandas 3.1.1 != 0.0.1")},
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_answer_in_another_style_passes(judge, right, name):
    judge_all(judge, RIGHT[name](right))


WRONG_PROJECT = {
    "no name": ('name = "flights"', "", 'Write name = "flights"'),
    "another name": ('name = "flights"', 'name = "flight-delays"', "'flight-delays'"),
    "no version": ('version = "0.1.0"', "", "has no version"),
    "no Python": ('requires-python = ">=3.11"', "", "no requires-python"),
    "this Python alone": ('">=3.11"', '"==3.11.*"', "shuts out Python 3.11 or 3.13"),
    "a dependency forgotten": ('    "scikit-learn>=1.8",\n', "", "flights/train.py:9 imports"),
    "a dependency by its import name": ('"scikit-learn>=1.8"', '"sklearn"', "do not name scikit-l"),
    "a range that shuts out what is installed": ("pandas>=3.0", "pandas<3", "but 3.1.1 is inst"),
    "no script": ("[project.scripts]", "[project.gui-scripts]", "no command flights-train"),
    "a dot for the colon": ("flights.train:main", "flights.train.main", "with a colon"),
    "not TOML": ('name = "flights"', "name = flights", "is not TOML"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG_PROJECT)
def test_a_wrong_pyproject_is_told_its_fault(judge, right, name):
    old, new, says = WRONG_PROJECT[name]
    with pytest.raises(AssertionError) as failure:
        judge.judge_pyproject(edited(right, old, new))
    assert says in str(failure.value) and "pyproject.toml" in str(failure.value)


WRONG_PINS = {
    "a range": ("pandas==3.1.1", "pandas>=3", "requirements.txt:2: `pandas>=3` allows more than"),
    "no version": ("pandas==3.1.1", "pandas", "requirements.txt:2: `pandas` allows any version"),
    "a star": ("pandas==3.1.1", "pandas==3.*", "allows more than one version"),
    "another version": ("==3.1.1", "==3.0.0", "pinned to 3.0.0, but 3.1.1 is installed"),
    "an import without a pin": ("scikit-learn==1.9.1\n", "", "add scikit-learn==1.9.1"),
    "one that is not installed": ("pytest", "pytestt", "pytestt is not installed here"),
    "one equals sign": ("pandas==3", "pandas=3", "requirements.txt:2: `pandas=3.1.1` is not"),
}


@pytest.mark.parametrize("name", WRONG_PINS)
def test_wrong_pins_are_told_with_their_line(judge, right, name):
    old, new, says = WRONG_PINS[name]
    assert old in right.requirements
    with pytest.raises(AssertionError) as failure:
        judge.judge_pins(replace(right, requirements=right.requirements.replace(old, new)))
    assert says in str(failure.value)


@pytest.mark.parametrize(
    ("ran", "says"),
    [
        ({"changed": (0, "")}, "says green for an environment that nobody asked for"),
        ({"changed": (1, "pandas 0.0.1 is wrong")}, "does not name the installed version, 3.1.1"),
        ({"changed": (1, "want 0.0.1, have 3.1.1")}, "does not name the package, pandas"),
        ({"changed": (1, "pandas 3.1.10 is not 0.0.1")}, "the installed version, 3.1.1"),
        ({"loosened": (0, "")}, "any version would do"),
        ({"missing": (0, "")}, "while flights/ imports it"),
        ({"missing": (1, "something is wrong")}, "does not name pandas"),
        ({"as_it_is": (1, "1 failed, 14 passed")}, "1 failed, 14 passed"),
        ({"as_it_is": (None, "stopped after 60 seconds")}, "stopped after 60 seconds"),
    ],
)
def test_a_wrong_ci_command_is_told_its_fault(judge, right, modules, ran, says):
    built = said(right, modules, **ran)
    with pytest.raises(AssertionError) as failure:
        judge.judge_ci_passes(built)
        judge.judge_ci_changed(built)
        judge.judge_ci_refuses(built)
    assert says in str(failure.value)


def test_a_wheel_that_is_not_the_package_alone_is_told(judge, right):
    with pytest.raises(AssertionError, match="also carries tests"):
        judge.judge_wheel(
            replace(right, wheel_files=(*right.wheel_files, "tests/test_features.py"))
        )
    with pytest.raises(AssertionError, match=r"lacks flights/features.py, flights/train.py"):
        judge.judge_wheel(replace(right, wheel_files=("flights/__init__.py",)))


def test_a_training_that_did_not_use_the_installed_package_is_told(judge, right, modules):
    elsewhere = modules[1].Ran(0, "imported from /home/me/project/flights/__init__.py")
    with pytest.raises(AssertionError, match="did not use the installed package"):
        judge.judge_training(replace(right, train=elsewhere))
    crashed = modules[1].Ran(1, "FileNotFoundError: ../../data")
    with pytest.raises(AssertionError, match=r"FileNotFoundError: \.\./\.\./data"):
        judge.judge_training(replace(right, train=crashed))
    with pytest.raises(AssertionError, match="is not there"):
        judge.judge_training(replace(right, model_saved=False))


def project_of(folder, *trees):
    for tree in trees:
        for name in ("flights", "tests", "pyproject.toml", "requirements.txt", "ci.py"):
            if (tree / name).is_dir():
                shutil.copytree(tree / name, folder / name, dirs_exist_ok=True)
            elif (tree / name).is_file():
                folder.mkdir(exist_ok=True)
                shutil.copy(tree / name, folder / name)
    return folder


@pytest.mark.slow
@pytest.mark.soak  # the notebook of Level 1 does it each time
def test_the_solution_passes_for_real(judge, modules, tmp_path):
    project = project_of(tmp_path / "a project", SOLUTION)
    judge_all(judge, modules[1].build_all(project, FLIGHTS, tmp_path / "built", print))


@pytest.mark.slow
def test_the_starter_fails_helpfully_for_real(judge, modules, tmp_path):
    project = project_of(tmp_path / "project", SOLUTION)
    for name in ("pyproject.toml", "requirements.txt", "ci.py"):
        shutil.copy(STARTER / name, project / name)
    built = modules[1].build_all(project, FLIGHTS, tmp_path / "built", print)
    for one, says in (
        (judge.judge_pyproject, "has no name"),
        (judge.judge_wheel, "could not build the project"),
        (judge.judge_training, "no wheel to install yet"),
        (judge.judge_pins, "requirements.txt:8: `pandas>=2` allows more than one version"),
        (judge.judge_ci_changed, "First `python ci.py` has to pass"),
    ):
        with pytest.raises(AssertionError) as failure:
            one(built)
        assert says in str(failure.value)
    with pytest.raises(AssertionError, match="compare_pins compares nothing yet"):
        judge.judge_ci_refuses(built)


def test_the_solution_pins_what_the_kit_locks():
    locked = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    lock = {line.split(" ;")[0].strip() for line in locked if "==" in line}
    for line in (SOLUTION / "requirements.txt").read_text(encoding="utf-8").splitlines():
        pin = line.split(" ;")[0].strip()
        if "==" in pin and not pin.startswith("#"):
            assert pin in lock, f"{pin} is not in constraints.txt: renew the solution's pins"


def test_starter_and_solution_differ_only_in_the_function_to_write():
    texts = [(folder / "ci.py").read_text(encoding="utf-8") for folder in (STARTER, SOLUTION)]
    heads = [text.partition("    problems")[0] for text in texts]
    tails = [text.partition("def read_pins")[2] for text in texts]
    assert heads[0] == heads[1] and tails[0] == tails[1] and "TODO" in texts[0]
