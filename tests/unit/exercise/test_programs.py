"""A check's programs: forks of a warm process, or started as usual, and no check sees which."""

import sys
import threading
import time
from collections.abc import Iterator

import psutil
import pytest

from widgets.base.errors import KitError
from widgets.exercise import checker as checkers
from widgets.exercise.checker import Checker

HELLO = "import os, sys\nprint('hello', *sys.argv[1:], os.environ.get('WHO', 'nobody'))\n"
CHECKS = """
import os, subprocess, sys, time
from pathlib import Path
import pytest

SLEEP = ["-c", "import time; print('here'); time.sleep(60)"]


def test_a_module_and_its_words(program, project):
    assert program(["-m", "hello", "a", "b c"], project).end(20) == (0, "hello a b c nobody\\n")


def test_code_and_another_environment(program, project):
    code = "import sys, hello; print(sys.argv)"
    assert program(["-c", code, "a"], project, {"WHO": "ada"}).end(20) == (
        0, "hello a ada\\n['-c', 'a']\\n"
    )


def test_the_folder_comes_first_and_pythonpath(program, project):
    other = project / "other"
    other.mkdir()
    (other / "hello.py").write_text("print('the other')")
    assert program(["-m", "hello"], other, {"PYTHONPATH": ""}).end(20) == (0, "the other\\n")
    words = ["-c", "import hello, os; print(os.getcwd())"]
    code, said = program(words, project.parent, {"PYTHONPATH": str(other)}).end(20)
    assert (code, said.split("\\n")[0]) == (0, "the other")
    assert Path(said.split("\\n")[1]) == project.parent.resolve()


def test_each_way_to_end(program, project):
    assert program(["-c", "raise SystemExit(3)"], project).end(20) == (3, "")
    assert program(["-c", "import os; os._exit(4)"], project).end(20)[0] == 4
    code, said = program(["-c", "1 / 0"], project).end(20)
    assert code == 1 and said.strip().endswith("ZeroDivisionError: division by zero")
    assert "nursery" not in said and said.startswith("Traceback (most"), said
    code, said = program(["-m", "no_such_module"], project).end(20)
    assert code == 1 and said.strip().endswith("python: No module named no_such_module"), said
    late = "import atexit, threading, time\\n"
    late += "atexit.register(print, 'at the exit', flush=True)\\n"
    late += "threading.Thread(target=lambda: (time.sleep(0.3), print('thread'))).start()"
    assert program(["-c", late], project).end(20) == (0, "thread\\nat the exit\\n")


def test_killed_or_too_slow(program, project):
    began = time.monotonic()
    killed = program(SLEEP, project)
    assert killed.poll() is None
    killed.kill()
    assert killed.poll() == killed.end(5)[0] != 0
    slow = program(SLEEP, project)
    with pytest.raises(subprocess.TimeoutExpired) as error:
        slow.end(3)
    assert error.value.output == "here\\n" and slow.poll() not in (None, 0)
    assert time.monotonic() - began < 30


def test_stopped(program, project):
    code = "import signal, sys, time\\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(7))\\n"
    code += "print('ready')\\ntime.sleep(60)"
    with (project / "log").open("ab+") as log:
        asked = program(["-c", code], project, log=log)
        while not (project / "log").read_text():
            time.sleep(0.01)
        asked.stop()
        if os.name != "nt":
            assert asked.wait(10) == 7


def test_nothing_of_the_check_is_in_it(program, project):
    import hello
    sys.modules["planted"] = hello
    os.environ["PLANTED"] = "yes"
    code = "import sys, os; print('hello' in sys.modules, 'planted' in sys.modules)"
    code += "; print(os.environ['PLANTED'])"
    assert program(["-c", code], project).end(20) == (0, "False False\\nyes\\n")
    code = "import sys; print(__name__, sys.stdin.read() == '')"
    assert program(["-c", code], project).end(20) == (0, "__main__ True\\n")


def test_each_has_a_chance_of_its_own(program, project):
    code = "import numpy; print(numpy.random.random())"
    drawn = {program(["-c", code], project).end(20)[1] for _ in range(3)}
    assert len(drawn) == 3


def test_many_at_once(program, project):
    many = [program(["-c", f"raise SystemExit({n})"], project) for n in range(20)]
    assert [each.end(30)[0] for each in many] == list(range(20))
"""
LEFT = """
def test_a(program, project, real_workspace):
    left = program(["-c", "import time; time.sleep(600)"], project)
    (real_workspace / "pid").write_text(str(left.pid))
"""


@pytest.fixture(params=["fork", "plain"])
def check(request, course, monkeypatch) -> Iterator[object]:
    """Return what runs a check whose worker has a nursery, or has none."""
    monkeypatch.setattr(checkers, "MLFLOW", "json")  # imports that take no time
    if request.param == "fork":
        course.layout.mlflow.mkdir(parents=True)
    made = []

    def check(text):
        course.add("1.1", {"hello.py": HELLO}, check=text)
        course.workspace().begin(course.catalogue().exercise("1.1"))
        made.append(Checker(course.layout, course.catalogue()))
        return made[0].check(course.catalogue().exercise("1.1"))

    yield check
    for each in made:
        each.close()


def test_a_program_is_what_python_would_make_of_it(check):
    result = check(CHECKS)
    assert result.passed, [item for item in result.items if item.message]
    assert len(result.items) == 9


def test_a_program_that_is_left_ends_with_the_check(check, course):
    result = check(LEFT)
    assert result.passed, result
    left = int((course.layout.root / "pid").read_text())
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and runs(left):
        time.sleep(0.05)
    assert not runs(left)


def runs(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="programs are forked on Linux alone")
def test_what_the_worker_has_imported_is_there_at_once(course, monkeypatch):
    monkeypatch.setattr(checkers, "MLFLOW", "xml.dom.minidom")
    course.layout.mlflow.mkdir(parents=True)
    text = """
def test_a(program, project):
    code = "import sys; print('xml.dom.minidom' in sys.modules)"
    assert program(["-c", code], project).end(20) == (0, "True\\n")
"""
    course.add("1.1", {"hello.py": HELLO}, check=text)
    course.workspace().begin(course.catalogue().exercise("1.1"))
    checker = Checker(course.layout, course.catalogue())
    result = checker.check(course.catalogue().exercise("1.1"))
    checker.close()
    assert result.passed, result


def test_where_memory_is_short_no_worker_with_mlflow_waits(course, monkeypatch):
    monkeypatch.setattr(checkers, "MLFLOW", "json")
    course.add("1.1", {"hello.py": HELLO}, check="def test_a(): pass")
    course.workspace().begin(course.catalogue().exercise("1.1"))
    checker = Checker(course.layout, course.catalogue())
    monkeypatch.setattr(checkers, "is_small", lambda: True)
    checker.warm()
    assert waiting(), "before Level 2 one waits all the same: it is small"
    course.layout.mlflow.mkdir(parents=True)
    checker.warm()
    assert not waiting()
    assert checker.check(course.catalogue().exercise("1.1")).passed
    assert not waiting()
    monkeypatch.setattr(checkers, "is_small", lambda: False)
    checker.warm()
    assert waiting()
    checker.close()


def waiting():
    """Return what waits for the next check: a worker, or the nursery that forks it."""
    return [
        child
        for child in psutil.Process().children()
        if "widgets.exercise." in " ".join(child.cmdline())
    ]


@pytest.fixture
def checker(course, monkeypatch):
    """A checker as from Level 2 on, whose imports take no time."""
    monkeypatch.setattr(checkers, "MLFLOW", "json")
    course.layout.mlflow.mkdir(parents=True)
    course.add("1.1", {"hello.py": HELLO}, check=KILLS)
    course.workspace().begin(course.catalogue().exercise("1.1"))
    checker = Checker(course.layout, course.catalogue())
    yield checker
    checker.close()


KILLS = """
import psutil

def test_a(program, project):
    for each in psutil.Process().children():
        each.kill()
    assert program(["-m", "hello"], project).end(20) == (0, "hello nobody\\n")
"""


def test_without_their_nursery_programs_are_started_as_usual(checker, course):
    result = checker.check(course.catalogue().exercise("1.1"))
    assert result.passed, result


@pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux alone")
def test_without_their_nursery_workers_are_started_as_usual(checker, course, monkeypatch):
    exercise = course.catalogue().exercise("1.1")
    checker.warm()
    for each in waiting():
        each.kill()
    assert checker.check(exercise).passed, "it was killed"
    monkeypatch.setattr(checkers, "MLFLOW", "no_such_module")
    result = checker.check(exercise)
    (item,) = result.items
    assert "fault of the kit" in item.message and "named 'no_such_module'" in item.message


@pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux alone")
@pytest.mark.parametrize("seconds", [0.05, 0.2, 0.4])
def test_a_nursery_that_dies_while_a_check_waits_costs_nothing(
    checker, course, monkeypatch, seconds
):
    monkeypatch.setattr(checkers, "MLFLOW", "sklearn.linear_model")
    checker.warm()
    (nursery,) = waiting()
    killer = threading.Timer(seconds, nursery.kill)
    killer.start()
    result = checker.check(course.catalogue().exercise("1.1"))
    killer.join()
    assert result.passed, result


def test_where_no_nursery_can_be_started_a_plain_worker_checks(checker, course, monkeypatch):
    def cannot(environment):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(checkers, "Nursery", cannot)
    assert checker.check(course.catalogue().exercise("1.1")).passed


def test_a_result_stays_when_the_next_worker_cannot_be_started(checker, course, monkeypatch):
    def cannot():
        raise KitError("no room")

    checker.warm()
    monkeypatch.setattr(checker, "warm", cannot)
    assert checker.check(course.catalogue().exercise("1.1")).passed


def test_whoever_closes_it_at_once_waits_for_no_imports(checker, monkeypatch):
    monkeypatch.setattr(checkers, "MLFLOW", "sklearn.linear_model")
    checker.warm()
    began = time.monotonic()
    checker.close()
    assert time.monotonic() - began < 1


def test_whoever_stops_a_check_at_once_waits_for_no_imports(checker, course):
    stopped = threading.Event()
    stopped.set()
    began = time.monotonic()
    result = checker.check(course.catalogue().exercise("1.1"), cancelled=stopped)
    assert result.stopped and time.monotonic() - began < 1
