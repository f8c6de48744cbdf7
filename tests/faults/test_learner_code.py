"""Code that harms the process it runs in, checked as the panel does: a message, and all goes on.

What harms less is checked in `tests/unit/exercise/test_checker.py`, all in one check.
"""

import os

import psutil
import pytest

from tests.faults.conftest import eventually, of_checks
from tests.unit.exercise.conftest import Course
from widgets.base.paths import Layout
from widgets.exercise import appetite
from widgets.exercise.panel import ExercisePanel

pytestmark = pytest.mark.slow

FORKS = """
import os, time
def two():
    for _ in range(60):
        if os.fork() == 0:
            break
    time.sleep(600)
"""
GREEDY = """
taken = []
def two():
    while True:
        taken.append(bytearray(10_000_000))
"""
LOUD = """
import os, shutil
shutil.rmtree(os.getcwd())
def two():
    for _ in range(1000):
        print("x" * 100_000)
    raise SystemExit("the end")
"""
DETACHED = """
import os, subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
def two():
    os._exit(3)
"""
CASES = {
    "loops for ever": ("def two():\n    while True: pass", ["stopped after 3 seconds", "in two:"]),
    "ends the process, and leaves one behind": (DETACHED, ["ended the process (exit code 3)"]),
    "takes all memory": (GREEDY, ["GB of memory; a check may take 0.6 GB", "list that grows"]),
    "forks and forks": (FORKS, ["processes; a check may start 20", "os.fork()"]),
    "prints 100 MB in a folder that it has deleted": (LOUD, ["sys.exit('the end')"]),
}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    root = tmp_path_factory.mktemp("harm")
    course = Course(root / "kit", Layout(root / "a workspace é"))
    for name, limit in (("9.1", 3), ("9.2", 100)):  # on a busy machine even harm takes its time
        course.add(name, {"flights/two.py": "def two():\n    return 1\n"}, limit=limit)
    return course


@pytest.fixture(scope="module")
def panels(course):
    verbs = course.verbs()
    yield {name: ExercisePanel(course.catalogue().exercise(name), verbs) for name in ("9.1", "9.2")}
    verbs.checker.close()


def checked(panel):
    panel.do("check", "view")
    panel.wait(120)
    assert panel.busy == "" and panel.notice is None
    return panel.result


@pytest.mark.parametrize("case", CASES)
def test_code_that_harms_its_process_costs_one_message(course, panels, case, monkeypatch):
    if "fork" in case and not hasattr(os, "fork"):
        pytest.skip("this system knows no fork")
    monkeypatch.setattr(appetite, "MEMORY", 600_000_000)
    monkeypatch.setattr(appetite, "PROCESSES", 20)
    code, said = CASES[case]
    course.mine("flights/two.py", code)
    before = psutil.Process().memory_info().rss
    result = checked(panels["9.1" if "loops" in case else "9.2"])
    message = "\n".join(item["message"] for item in result["items"])
    assert not result["passed"]
    assert all(words in message for words in said), message
    assert "fault of the kit" not in message and "Traceback" not in message
    assert psutil.Process().memory_info().rss - before < 30e6
    # Of all that ran, the spare worker for the next check is left, and nothing else.
    assert eventually(lambda: len(of_checks(course.layout)) == 1)


def test_after_all_of_them_a_right_answer_passes(course, panels):
    """Each message above is of a check that came after a harmful one; so is this."""
    course.mine("flights/two.py", "def two():\n    return 2\n")
    assert checked(panels["9.2"])["passed"]
