"""The verbs: who passed, which hint comes next, and where catching up stops."""

import pytest

from widgets.base.errors import KitError
from widgets.exercise.result import CheckResult, Item, Outcome
from widgets.exercise.verbs import Standing, Verbs

FILE = "flights/two.py"
STARTER = "def two():\n    ...  # TODO\n"
SOLUTION = "def two():\n    return 2\n"


class Looking:
    """A checker that only looks whether the file returns 2: no process is started."""

    def __init__(self, layout) -> None:
        self._layout = layout
        self.stopped = False
        self.checked = []

    def check(self, exercise, on_event=None, cancelled=None):
        self.checked.append(exercise.id)
        text = (self._layout.project / exercise.files[0]).read_text("utf-8")
        outcome = Outcome.PASSED if "return 2" in text else Outcome.FAILED
        return CheckResult(exercise.id, (Item("2", outcome),), 0.1, stopped=self.stopped)


@pytest.fixture
def verbs(course):
    course.add("9.1", {"flights/one.py": STARTER}, {"flights/one.py": SOLUTION})
    course.add("9.2", {FILE: STARTER}, {FILE: SOLUTION})
    course.add("9.3", {"flights/three.py": STARTER}, {"flights/three.py": SOLUTION})
    real = course.verbs()
    looking = Looking(course.layout)
    return Verbs(course.layout, real.catalogue, real.progress, real.workspace, looking)


@pytest.fixture
def second(verbs):
    return verbs.catalogue.exercise("9.2")


def test_an_exercise_stands_open_then_not_yet_then_passed(verbs, second, course):
    assert verbs.standing(second) is Standing.OPEN
    assert not verbs.check(second).passed
    assert verbs.standing(second) is Standing.NOT_YET
    course.mine(FILE, "def two():\n    return 2  # mine\n")
    assert verbs.check(second).passed
    assert verbs.standing(second) is Standing.PASSED


def test_a_check_begins_the_exercise(verbs, second, course):
    verbs.check(second)
    assert course.mine(FILE).read_text("utf-8") == STARTER


def test_a_pass_with_the_kits_solution_is_the_kits(verbs, second):
    verbs.use_solution(second)
    verbs.check(second)
    assert verbs.standing(second) is Standing.PASSED_WITH_KIT
    assert verbs.progress.claims() == {"9.2": "kit"}


def test_a_pass_with_code_of_ones_own_after_the_solution_is_the_learners(verbs, second, course):
    verbs.use_solution(second)
    verbs.check(second)
    course.mine(FILE, "def two():\n    return 2 + 0\n")
    verbs.check(second)
    assert verbs.standing(second) is Standing.PASSED


def test_the_same_text_written_without_the_kits_help_is_the_learners(verbs, second, course):
    course.mine(FILE, SOLUTION)
    verbs.check(second)
    assert verbs.standing(second) is Standing.PASSED


def test_a_check_that_was_stopped_is_not_recorded(verbs, second):
    verbs.checker.stopped = True
    verbs.check(second)
    assert verbs.standing(second) is Standing.OPEN
    assert verbs.progress.attempts("9.2") == 0


def test_a_failure_after_a_pass_does_not_take_it_back(verbs, second, course):
    course.mine(FILE, "def two():\n    return 2  # mine\n")
    verbs.check(second)
    course.mine(FILE, STARTER)
    verbs.check(second)
    assert verbs.standing(second) is Standing.PASSED


def test_hints_come_one_by_one_and_the_last_one_stays(verbs, second):
    assert verbs.hints(second) == []
    given = [verbs.hint(second) for _ in range(4)]
    assert [hint.number for hint in given] == [1, 2, 3, 3]
    assert given[2].text == given[3].text == second.hints[2]
    assert [hint.text for hint in verbs.hints(second)] == list(second.hints)
    assert {hint.total for hint in given} == {3}


def test_showing_the_solution_changes_no_file_and_is_remembered(verbs, second, course):
    (shown,) = verbs.show_solution(second)
    assert shown.text == SOLUTION and not course.mine(FILE).exists()
    assert verbs.progress.solution_seen("9.2", "shown")
    assert not verbs.progress.solution_seen("9.2", "used")


def test_a_reset_brings_the_starter_and_forgets(verbs, second, course):
    verbs.use_solution(second)
    verbs.check(second)
    verbs.hint(second)
    verbs.reset(second)
    assert course.mine(FILE).read_text("utf-8") == STARTER
    assert verbs.standing(second) is Standing.OPEN
    assert verbs.hints(second) == []
    assert verbs.progress.solution_seen("9.2", "used")  # it may come back from a copy


def test_catching_up_solves_what_comes_before(verbs):
    told = []
    results = verbs.catch_up("9.3", lambda exercise: told.append(exercise.id))
    assert [each.exercise for each in results] == told == ["9.1", "9.2"]
    assert verbs.progress.claims() == {"9.1": "kit", "9.2": "kit"}


def test_catching_up_to_the_end_solves_everything(verbs):
    assert len(verbs.catch_up("end")) == 3
    assert verbs.catch_up("end") == []


def test_catching_up_leaves_what_the_learner_has_passed(verbs, course):
    mine = "def two():\n    return 2  # mine\n"
    course.mine("flights/one.py", mine)
    verbs.check(verbs.catalogue.exercise("9.1"))
    assert [each.exercise for each in verbs.catch_up("end")] == ["9.2", "9.3"]
    assert course.mine("flights/one.py").read_text("utf-8") == mine
    assert verbs.progress.claims()["9.1"] == "learner"


def test_catching_up_stops_at_the_first_that_does_not_pass(verbs, course):
    course.write(f"solutions/level_9/{FILE}", "def two():\n    return 1\n")
    results = verbs.catch_up("end")
    assert [(each.exercise, each.passed) for each in results] == [("9.1", True), ("9.2", False)]
    assert verbs.standing(verbs.catalogue.exercise("9.3")) is Standing.OPEN


def test_a_result_whose_files_changed_meanwhile_is_not_kept(verbs, second, course):
    verbs.begin(second)
    course.mine(FILE, SOLUTION)
    check = verbs.checker.check

    def edited_meanwhile(*words):
        result = check(*words)
        course.mine(FILE, STARTER)
        return result

    verbs.checker.check = edited_meanwhile
    with pytest.raises(KitError, match=r"files of 9\.2 were changed while they were checked"):
        verbs.check(second)
    assert verbs.standing(second) is Standing.OPEN


def test_what_arrives_with_a_pass_arrives_then_and_never_overwrites(course):
    tests, mine = "tests/test_two.py", "tests/test_mine.py"
    course.add("9.4", {FILE: STARTER}, {FILE: SOLUTION}, adds=[tests, mine])
    for name in (tests, mine):
        course.write(f"solutions/level_9/{name}", "the kit's\n")
    course.mine(mine, "my own\n")
    real = course.verbs()
    verbs = Verbs(
        course.layout, real.catalogue, real.progress, real.workspace, Looking(course.layout)
    )
    exercise = verbs.catalogue.exercise("9.4")
    assert not verbs.check(exercise).passed
    assert not course.mine(tests).exists()
    course.mine(FILE, SOLUTION)
    assert verbs.check(exercise).passed
    assert course.mine(tests).read_text("utf-8") == "the kit's\n"
    assert course.mine(mine).read_text("utf-8") == "my own\n"
    verbs.reset(exercise)
    assert not course.mine(tests).exists(), "it would test what is not there any more"
    assert course.mine(mine).read_text("utf-8") == "my own\n"
