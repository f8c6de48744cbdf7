"""Whether a .venv is whole and up to date: the stamp, written last."""

import shutil
import sys
import venv

import pytest

from widgets.lab.environment import Environment, Part


@pytest.fixture
def made(kit: Environment) -> Environment:
    """Return a kit with a bare .venv that says that it is whole."""
    venv.create(kit.folder, with_pip=False, symlinks=sys.platform != "win32")
    kit.write_stamp(Part.LEARNER)
    return kit


def test_nothing_there_is_not_ready(kit):
    assert not kit.is_ready(Part.LEARNER)


def test_a_stamped_one_is_ready_for_its_part_alone(made):
    assert made.is_ready(Part.LEARNER)
    assert not made.is_ready(Part.TESTS)


def test_one_that_was_stopped_in_the_middle_is_not_ready(made):
    made.unfinished.touch()
    assert not made.is_ready(Part.LEARNER)


@pytest.mark.parametrize("name", ["requirements.txt", "constraints.txt"])
def test_a_changed_list_makes_it_out_of_date(made, name):
    with (made.root / name).open("a") as file:
        file.write("# one line more\n")
    assert not made.is_ready(Part.LEARNER)


def test_the_list_of_the_tests_is_nothing_to_a_learner(made):
    with (made.root / "requirements-dev.txt").open("a") as file:
        file.write("black\n")
    assert made.is_ready(Part.LEARNER)


def test_line_ends_of_windows_change_nothing(made):
    path = made.root / "requirements.txt"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert made.is_ready(Part.LEARNER)


def test_a_setting_of_pytest_or_ruff_changes_nothing(made):
    with (made.root / "pyproject.toml").open("a") as file:
        file.write("\n[tool.elsewhere]\nx = 1\n")
    assert made.is_ready(Part.LEARNER)


def test_one_whose_python_is_gone_is_not_ready(made):
    made.python.unlink()
    assert not made.is_ready(Part.LEARNER)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"digest": 3}'])
def test_a_damaged_stamp_is_no_stamp(made, text):
    made.stamp(Part.LEARNER).write_text(text)
    assert not made.is_ready(Part.LEARNER)


def test_a_folder_that_was_moved_is_made_anew(made):
    assert not made.was_moved()
    moved = Environment(made.root.with_name("elsewhere"))
    shutil.move(made.root, moved.root)
    assert moved.was_moved()
    assert not moved.is_ready(Part.LEARNER)
