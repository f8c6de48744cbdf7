"""exercises.yaml: what is read, in which order, and what is said of a file that is wrong."""

import re

import pytest
import yaml

from widgets.base.content import ContentError
from widgets.base.errors import KitError
from widgets.exercise.definition import load_catalogue

FILE = "exercises/level_9/exercises.yaml"


@pytest.fixture
def nine(course):
    for number in (10, 2, 1):
        course.add(f"9.{number}", {"flights/two.py": ""}, practices=["automated-tests"])
    return course.catalogue()


def test_exercises_stand_in_the_order_of_their_numbers(nine):
    assert [each.id for each in nine.exercises] == ["9.1", "9.2", "9.10"]


def test_what_comes_before_an_exercise_is_known(nine):
    assert [each.id for each in nine.before("9.10")] == ["9.1", "9.2"]
    assert nine.before("9.1") == ()
    assert len(nine.before("end")) == 3


def test_exercises_are_found_by_level_and_by_practice(nine):
    assert len(nine.level(9)) == 3 and nine.level(8) == ()
    assert len(nine.for_practice("automated-tests")) == 3
    assert nine.for_practice("version-control") == ()


def test_every_exercise_knows_its_files(nine):
    second = nine.exercise("9.2")
    assert nine.check_file(second).name == "check_9_2.py" and nine.check_file(second).is_file()
    assert (nine.starter(second) / second.files[0]).is_file()
    assert (nine.solution(second) / second.files[0]).is_file()


@pytest.mark.parametrize("ask", ["exercise", "before"])
def test_an_unknown_exercise_is_told_which_there_are(nine, ask):
    with pytest.raises(KitError, match=r"no exercise 9\.3\. There are: 9\.1, 9\.2, 9\.10"):
        getattr(nine, ask)("9.3")


WRONG = {
    "a key that nobody knows": ({"tilte": "x"}, "exercises.0.tilte"),
    "too few hints": ({"hints": ["one", "two"]}, "exercises.0.hints"),
    "an empty hint": ({"hints": ["one", "", "three"]}, "exercises.0.hints.1"),
    "no files": ({"files": []}, "exercises.0.files"),
    "an id that is none": ({"id": "9-1"}, "exercises.0.id"),
    "no time": ({"minutes": 0}, "exercises.0.minutes"),
    "a budget in words": ({"budget": "short"}, "exercises.0.budget"),
    "no goal": ({"goal": ""}, "exercises.0.goal"),
    "another level": ({"id": "8.1"}, "8.1 is not of level 9"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_entry_is_refused_with_file_and_place(course, name):
    words, place = WRONG[name]
    course.add("9.1", {"flights/two.py": ""}, **words)
    with pytest.raises(ContentError) as failure:
        course.catalogue()
    assert FILE in failure.value.args[0].replace("\\", "/")
    assert place in str(failure.value)


def test_an_id_given_twice_is_refused(course):
    course.add("9.1", {"flights/two.py": ""})
    course.add("9.1", {"flights/two.py": ""})
    with pytest.raises(ContentError, match=r"the id 9\.1 is given twice"):
        course.catalogue()


def test_a_file_that_is_no_yaml_is_refused_with_its_line(course):
    course.write(FILE, "level: 9\nexercises: [\n")
    with pytest.raises(ContentError, match=re.escape("line 3, column 1")):
        course.catalogue()


def test_a_file_that_is_not_utf8_is_refused_with_its_place(course):
    course.write(FILE, "").write_bytes(b"level: 9 # \xff")
    with pytest.raises(ContentError, match="not UTF-8 at byte 11"):
        course.catalogue()


def test_yaml_that_would_make_an_object_is_refused(course):
    course.write(FILE, "!!python/object/apply:os.getcwd []")
    with pytest.raises(ContentError, match="line 1, column 1"):
        course.catalogue()


def test_the_kit_has_its_own_exercises():
    ids = [each.id for each in load_catalogue().exercises]
    assert ids[:7] == ["0.1", "0.2", "0.3", "1.1", "1.2", "1.3", "1.4"]
    assert yaml.safe_load("1.10") == 1.1, "which is why ids stand in quotes"
