"""The judge of 0.1: artefacts of wrong and right notebooks, and a few notebooks really run."""

import importlib
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType

import nbformat
import pytest

KIT = Path(__file__).resolve().parents[2]
CHECKS = KIT / "exercises" / "level_0" / "checks"
FLIGHTS = KIT / "widgets" / "world" / "flights"
SOLUTION = KIT / "solutions" / "level_0" / "analysis" / "delays.ipynb"
STARTER = KIT / "exercises" / "level_0" / "starter" / "analysis" / "delays.ipynb"
SHARES = {
    "January": 0.2273,
    "January, outliers out once": 0.2114,
    "when the outliers are thrown out twice": 0.1949,
    "with LATE_AFTER = 10": 0.2598,
}


@pytest.fixture(scope="module")
def load() -> Iterator[Callable[[str], ModuleType]]:
    """Import a helper of the checks by its plain name, as the worker does."""
    names = [path.stem for path in CHECKS.glob("*.py")]
    before = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(CHECKS))
        yield importlib.import_module
    for name in names:
        sys.modules.pop(name, None)
    sys.modules.update(before)


@pytest.fixture
def judge(load: Callable[[str], ModuleType]) -> ModuleType:
    return load("_judge_0_1")


def cells_of(path: Path) -> list[str]:
    book = nbformat.read(path, as_version=4)
    return [cell.source for cell in book.cells if cell.cell_type == "code"]


def edited(*edits: tuple[str, str]) -> list[str]:
    """Return the solution's cells with texts replaced; each must be there."""
    text = "\0".join(cells_of(SOLUTION))
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return text.split("\0")


def runs(load: Callable[[str], ModuleType], **others: tuple[str, str] | str) -> dict[str, object]:
    """Return the artefacts of a right notebook with some of its runs replaced."""
    right = {"first": ("0.2114", "0.7125"), "nervous": ("0.2114", "0.7125")}
    made = {**right, "half": ("0.2098", "0.7100"), **others}
    run = load("_kernels").Run
    return {
        name: run(error=value) if isinstance(value, str) else run(late=value[0], answer=value[1])
        for name, value in made.items()
    }


# Names: which cell needs what


def test_the_starter_is_told_every_name_with_its_place(judge: ModuleType) -> None:
    with pytest.raises(AssertionError) as failure:
        judge.judge_names(cells_of(STARTER))
    text = str(failure.value)
    assert "`flights`, needed in the cell that begins with `X_train" in text
    assert "defined only below, in the cell that begins with `flights = pd.read_parquet" in text
    assert "`LATE_AFTER`" in text and "defined in no cell" in text


def test_the_solution_needs_no_name_too_early(judge: ModuleType) -> None:
    judge.judge_names(cells_of(SOLUTION))


def test_the_deleted_cell_is_still_missing(judge: ModuleType) -> None:
    with pytest.raises(AssertionError, match=r"`LATE_AFTER`.*defined in no cell"):
        judge.judge_names([cell for cell in cells_of(SOLUTION) if "LATE_AFTER = 15" not in cell])


def test_a_cell_that_is_no_python_is_quoted(judge: ModuleType) -> None:
    with pytest.raises(AssertionError, match=r"A cell is not Python: .*line 2"):
        judge.judge_names(["x = 1\ny = (", "z = 2"])


@pytest.mark.parametrize(
    "cells",
    [
        ["import os", "def f():\n    return LATE", "LATE = 1", "f()"],
        ["for n in range(3):\n    m = n\n    print(m)", "print(n, m)"],
        ["words = ['a']", "[w.upper() for w in words if w]", "(lambda x: x + len(words))(1)"],
        ["%matplotlib inline\nimport os", "!ls", "display(os)"],
        ["x: int = 1", "x += 1", "with open('a') as file:\n    text = file.read()", "text"],
        ["from os.path import *", "join('a', 'b')"],
        ["import a.b as c, d.e", "c.x", "d.e.y", "class K:\n    y = 1\n    z = y\n", "K()"],
    ],
)
def test_ordinary_python_is_not_accused(judge: ModuleType, cells: list[str]) -> None:
    judge.judge_names(cells)


def test_a_count_that_starts_from_a_deleted_cell_is_found(judge: ModuleType) -> None:
    with pytest.raises(AssertionError, match="`total`"):
        judge.judge_names(["total += 1"])


# Runs: the artefacts


def test_the_first_failing_cell_is_named(
    judge: ModuleType, load: Callable[[str], ModuleType]
) -> None:
    with pytest.raises(AssertionError, match="fails with NameError"):
        judge.judge_completed(runs(load, first="The cell … fails with NameError: x"))


def test_a_notebook_made_for_these_rows_alone_is_found(
    judge: ModuleType, load: Callable[[str], ModuleType]
) -> None:
    with pytest.raises(AssertionError, match="every second flight left out"):
        judge.judge_completed(runs(load, half="The cell … fails with AssertionError: 26398"))


@pytest.mark.parametrize(
    ("late", "answer", "says"),
    [
        ("0.1949", "0.6767", "when the outliers are thrown out twice"),
        ("0.2598", "0.7010", "with LATE_AFTER = 10"),
        ("0.3333", "0.7010", "which LATE_AFTER gives that"),
        ("0.21", "0.7010", "2 digits"),
        ("0.2114", "0.7", "1 digits"),
        ("0.2114", "about", "not a number"),
        (None, "0.7010", "No line `late"),
        ("0.2114", None, "No line `answer"),
    ],
)
def test_a_wrong_printed_line_is_explained(
    judge: ModuleType,
    load: Callable[[str], ModuleType],
    late: str | None,
    answer: str | None,
    says: str,
) -> None:
    with pytest.raises(AssertionError, match=says):
        judge.judge_late(runs(load, first=(late, answer)), SHARES)


@pytest.mark.parametrize("late", ["0.2114", "0.2273", "0.21137488", "0.211"])
def test_january_with_and_without_the_outliers_is_right(
    judge: ModuleType, load: Callable[[str], ModuleType], late: str
) -> None:
    judge.judge_late(runs(load, first=(late, "0.7125")), SHARES)


def test_a_split_without_a_seed_is_named(
    judge: ModuleType, load: Callable[[str], ModuleType]
) -> None:
    differ = runs(load, nervous=("0.2114", "0.7001"), second=("0.2114", "0.6987"))
    with pytest.raises(AssertionError, match=r"train_test_split .* give it a random_state"):
        judge.judge_agreement(differ, edited((", random_state=2013", "")))


def test_another_source_of_chance_is_noticed(
    judge: ModuleType, load: Callable[[str], ModuleType]
) -> None:
    differ = runs(load, nervous=("0.2114", "0.7001"), second=("0.2114", "0.6987"))
    with pytest.raises(AssertionError, match="without a seed: look for sample"):
        judge.judge_agreement(differ, cells_of(SOLUTION))


def test_a_cell_that_changes_what_it_reads_is_named(
    judge: ModuleType, load: Callable[[str], ModuleType]
) -> None:
    differ = runs(load, nervous=("0.1949", "0.6890"), second=("0.2114", "0.7125"))
    cells = edited(("usual", "flights"))
    judge.judge_agreement(differ, cells)
    with pytest.raises(AssertionError, match=r"begins with `flights = flights\[flights\["):
        judge.judge_repeated_cells(differ, cells)


def test_a_cell_that_fails_the_second_time_is_named(
    judge: ModuleType, load: Callable[[str], ModuleType]
) -> None:
    with pytest.raises(AssertionError, match="meets what it has changed itself"):
        judge.judge_repeated_cells(runs(load, nervous="The cell … fails with KeyError"), [])


def test_a_typed_answer_is_noticed(judge: ModuleType, load: Callable[[str], ModuleType]) -> None:
    with pytest.raises(AssertionError, match=r"answer: 0\.7125` stays the same"):
        judge.judge_computed(runs(load, half=("0.2098", "0.7125")))


def test_a_typed_share_is_noticed(judge: ModuleType, load: Callable[[str], ModuleType]) -> None:
    with pytest.raises(AssertionError, match=r"late: 0\.2114` stays the same"):
        judge.judge_computed(runs(load, half=("0.2114", "0.7100")))


def test_an_answer_that_is_another_score_is_noticed(
    judge: ModuleType, load: Callable[[str], ModuleType]
) -> None:
    with pytest.raises(AssertionError, match="not a ROC AUC"):
        judge.judge_computed(runs(load, first=("0.2114", "0.4912")))


def test_a_notebook_that_stops_is_not_judged_further(
    judge: ModuleType, load: Callable[[str], ModuleType]
) -> None:
    stopped = runs(load, first="The cell … fails", nervous="fails", half="fails")
    with pytest.raises(AssertionError, match="before the notebook runs to its end"):
        judge.judge_repeated_cells(stopped, [])


# Whole notebooks, really run: a right and a wrong one each time, all of them with --soak


def whole_check(load: Callable[[str], ModuleType], folder: Path, cells: list[str]) -> list[str]:
    """Write a notebook of `cells`, run it as the check does; return every message."""
    kernels, check = load("_kernels"), load("check_0_1")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    (folder / "analysis").mkdir()
    nbformat.write(book, folder / "analysis" / "delays.ipynb")
    runs = kernels.run_three(folder / "analysis", FLIGHTS, folder / "runs")
    given = {"project": folder, "kit_flights": FLIGHTS, "runs": runs}
    said = []
    for name, test in vars(check).items():
        if not name.startswith("test_"):
            continue
        try:
            test(**{key: given[key] for key in inspect.signature(test).parameters})
        except AssertionError as failure:
            said.append(str(failure))
    return said


def one_each_time(names: Iterable[str]) -> list[object]:
    """Return the names, all but the first marked for --soak alone."""
    first, *others = names
    return [first, *(pytest.param(name, marks=pytest.mark.soak) for name in others)]


RIGHT = {
    "the outliers kept, a global seed in the cell that draws": (
        ('flights[flights["arr_delay"] < flights["arr_delay"].quantile(0.98)]', "flights"),
        (", random_state=2013", ""),
        ("X_train, X_test", "import numpy as np\nnp.random.seed(7)\nX_train, X_test"),
    ),
    "split by date, one string printed": (
        (
            "X_train, X_test, y_train, y_test = train_test_split(\n"
            '    usual[NUMBERS + WORDS], usual["late"], test_size=0.3, random_state=2013\n)',
            "early = usual['scheduled_at'] < pd.Timestamp('2013-01-24', tz='UTC')\n"
            "X_train, y_train = usual.loc[early, NUMBERS + WORDS], usual.loc[early, 'late']\n"
            "X_test, y_test = usual.loc[~early, NUMBERS + WORDS], usual.loc[~early, 'late']",
        ),
        ('print(f"late: {usual[\'late\'].mean():.4f}")\nprint(f"answer: {score:.4f}")',
         'print(f"late: {usual[\'late\'].mean()}\\nanswer: {score}")'),
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", one_each_time(RIGHT))
def test_right_notebooks_pass(load: Callable[[str], ModuleType], tmp_path: Path, name: str) -> None:
    assert whole_check(load, tmp_path, edited(*RIGHT[name])) == []


WRONG = {
    "outliers thrown out in place": ((("usual", "flights"),), "run twice in a row"),
    "no seed": (((", random_state=2013", ""),), "give it a random_state"),
    "a seed in another cell": (
        ((", random_state=2013", ""), ("LATE_AFTER = 15", "import numpy as np\n"
          "np.random.seed(1)\nLATE_AFTER = 15")),
        "a seed set in another cell is used up",
    ),
    "answer typed in": (
        (("print(f\"answer: {score:.4f}\")", "print(\"answer: 0.6767\")"),), "stays the same"
    ),
    "ten minutes": ((("LATE_AFTER = 15", "LATE_AFTER = 10"),), "with LATE_AFTER = 10"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", one_each_time(WRONG))
def test_wrong_notebooks_fail_with_their_reason(
    load: Callable[[str], ModuleType], tmp_path: Path, name: str
) -> None:
    edits, says = WRONG[name]
    said = whole_check(load, tmp_path, edited(*edits))
    assert says in "\n".join(said)
