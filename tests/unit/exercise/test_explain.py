"""What went wrong, in words: the learner's file and line, or what the check itself says."""

import importlib.util
import sys

import pytest

from widgets.exercise.explain import explain, is_learners


@pytest.fixture
def project(tmp_path):
    (tmp_path / "project" / "flights").mkdir(parents=True)
    return tmp_path / "project"


def said(project, code, *, call=True):
    """Return the message for what comes out of learner's code."""
    file = project / "flights" / "mine.py"
    file.write_text(code, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("mine_of_a_learner", file)
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        if call:
            module.f()
    except BaseException as error:
        return explain(error, project)
    raise RuntimeError("nothing went wrong")


def test_an_exception_of_the_learner_is_told_with_file_line_function_and_text(project):
    message = said(project, "def f():\n    flights = {}\n    return flights['hour']\n")
    assert message == (
        "KeyError: 'hour'\nflights/mine.py, line 3, in f:\n    return flights['hour']"
    )


def test_the_learners_own_line_is_named_where_a_library_fails(project):
    message = said(project, "import json\n\ndef f():\n    json.loads('{')\n")
    assert message.startswith("JSONDecodeError: Expecting property name")
    assert "flights/mine.py, line 4, in f" in message and "decoder.py" not in message


def test_a_fault_while_the_file_is_read_names_no_function(project):
    message = said(project, "x = 1 / 0\n", call=False)
    assert message == "ZeroDivisionError: division by zero\nflights/mine.py, line 1:\n    x = 1 / 0"


def test_the_checks_own_message_is_all_that_is_said(project):
    try:
        raise AssertionError("Found 3, expected 2. Look at flights/two.py.")
    except AssertionError as error:
        message = explain(error, project)
    assert message == "Found 3, expected 2. Look at flights/two.py."


def test_a_check_without_a_reason_does_not_say_nothing(project):
    assert "no reason" in explain(AssertionError(), project)


def test_an_assert_of_the_learner_is_told_as_the_learners(project):
    message = said(project, "def f():\n    assert 1 == 2, 'odd'\n")
    assert message.startswith("AssertionError: odd\nflights/mine.py, line 2, in f")


def test_a_syntax_error_is_told_with_its_line(project):
    message = said(project, "def f(:\n    pass\n")
    assert message.startswith("SyntaxError: ") and message.endswith(
        "\nflights/mine.py, line 1:\n    def f(:"
    )


def test_an_indentation_error_too(project):
    assert "flights/mine.py, line 2" in said(project, "def f():\npass\n")


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("raise NotImplementedError", "Still to be written.\nflights/mine.py, line 2"),
        ("raise NotImplementedError('Exercise 1.1')", "Exercise 1.1.\nflights/mine.py, line 2"),
        ("import sys; sys.exit(3)", "ended the process with sys.exit(3).\nflights/mine.py, line 2"),
        ("return f()", "RecursionError: maximum recursion depth exceeded"),
        ("raise ValueError", "ValueError\nflights/mine.py, line 2"),
        ("raise MemoryError", "MemoryError\nflights/mine.py, line 2"),
        ("import nothing_like_it", "ModuleNotFoundError: No module named 'nothing_like_it'"),
        ("open('none.csv')", "FileNotFoundError: [Errno 2] No such file or directory: 'none.csv'"),
    ],
)
def test_other_exceptions_of_the_learner(project, code, says):
    assert says in said(project, f"def f():\n    {code}\n")


def raised(action):
    try:
        action()
    except BaseException as error:
        return error
    raise RuntimeError("nothing went wrong")


def test_a_module_of_the_package_that_is_missing_is_a_file_to_write(project):
    for name, file in (("flights.train", "flights/train.py"), ("flights", "flights/__init__.py")):
        error = ModuleNotFoundError(f"No module named {name!r}", name=name)
        assert explain(error, project).startswith(f"{file} is missing.")


def test_a_package_that_is_not_installed_is_said(project):
    error = raised(lambda: importlib.import_module("polars_of_the_future"))
    assert explain(error, project).startswith(
        "The package 'polars_of_the_future' is not installed here."
    )


def test_a_name_that_is_missing_is_told_with_its_file(project, monkeypatch):
    (project / "flights_for_this_test.py").write_text("")
    monkeypatch.syspath_prepend(str(project))
    error = raised(lambda: __import__("flights_for_this_test", fromlist=["f"]).f)
    assert isinstance(error, AttributeError)

    def ask():
        from flights_for_this_test import build_features  # noqa: F401

    message = explain(raised(ask), project)
    sys.modules.pop("flights_for_this_test")
    assert message == (
        "flights_for_this_test.py: cannot import name 'build_features' from "
        "'flights_for_this_test'. It must be defined there, by this name."
    )


def test_a_file_that_the_check_looked_for_is_named_below_the_project(project):
    error = raised(lambda: (project / "flights" / "train.py").read_text())
    assert explain(error, project).startswith("flights/train.py is missing.")


def test_what_no_line_of_the_learner_was_part_of_is_told_with_the_checks_line(project):
    error = raised(lambda: None + 1)
    message = explain(error, project)
    assert "TypeError" in message and "test_explain.py, line" in message
    assert "what was returned may be unusable" in message


def test_a_function_that_a_module_lacks_is_told_with_its_file(project, monkeypatch):
    (project / "flights_without.py").write_text("")
    monkeypatch.syspath_prepend(str(project))
    error = raised(lambda: importlib.import_module("flights_without").build_features)
    sys.modules.pop("flights_without")
    assert explain(error, project).startswith("flights_without.py has no build_features.")


def test_other_parameters_than_the_starters_are_said(project):
    def build_features():
        return None

    message = explain(raised(lambda: build_features(1)), project)
    assert "takes 0 positional arguments but 1 was given. Keep the parameters" in message


def test_a_message_without_end_is_cut(project):
    assert len(explain(AssertionError("x" * 10**6), project)) < 5000


def test_an_exception_that_cannot_even_be_shown_is_named(project):
    code = "class Odd(Exception):\n    def __str__(self): return 1 / 0\n\ndef f():\n    raise Odd\n"
    message = said(project, code)
    assert message.startswith("Odd: (its message cannot be shown: ZeroDivisionError)")
    assert "flights/mine.py, line 5, in f" in message


def test_a_fault_while_the_check_is_read_is_the_learners_only_with_a_file_of_theirs(project):
    theirs = ImportError("cannot import name 'f' from 'flights.mine'", name="flights.mine")
    assert is_learners(theirs, project)
    assert not is_learners(ModuleNotFoundError("No module named 'x'", name="x"), project)
    assert is_learners(SyntaxError("odd", (str(project / "flights/mine.py"), 1, 1, "")), project)
    assert not is_learners(
        SyntaxError("odd", (str(project.parent / "check.py"), 1, 1, "")), project
    )
