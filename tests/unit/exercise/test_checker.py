"""The checker with code as learners write it by accident: each costs no more than a message.

Real processes throughout. What does not end the worker is checked in one check together, so that
it is also seen that one requirement does not disturb the next.
"""

import os
import threading
import time
from dataclasses import dataclass
from typing import Any

import psutil
import pytest

from widgets.exercise import spare
from widgets.exercise.checker import Checker
from widgets.exercise.forks import CAN_FORK
from widgets.exercise.result import CheckResult, Outcome
from widgets.exercise.sandbox import Sandbox

posix = pytest.mark.skipif(os.name == "nt", reason="asks POSIX for it")

# The exercises of level 9: one requirement each for `nasty.py`, and one after it.
CHECK = '''
from pathlib import Path

def test_runs(say):
    """`answer()` returns 42."""
    say("calling answer")
    from nasty import answer
    assert answer() == 42, f"Found {answer()}, expected 42. Look at nasty.py."

def test_after(project):
    """What comes after it is looked at too."""
    assert Path.cwd() == project
'''
# One module of the learner each, and what is said of it; None where nothing is wrong.
SOFT = {
    "asks": ("input('How late? ')", "EOFError: EOF when reading a line\nasks.py, line 1"),
    "exits": ("import sys\nsys.exit(4)", "sys.exit(4)"),
    "interrupted": ("raise SystemExit", "ended the process with sys.exit(None)"),
    "syntax": ("def f(:", "SyntaxError: invalid syntax\nsyntax.py, line 1"),
    "missing": ("import polars_of_the_future", "No module named 'polars_of_the_future'"),
    "refused": ("raise MemoryError", "MemoryError\nrefused.py, line 1"),
    "deep": ("def f(): return f()\nf()", "RecursionError"),
    "away": ("import os\nos.chdir('/')", None),
    "shadowed": ("import random, types\nassert random.random() < 1 and types.FunctionType", None),
    "talks": ("for _ in range(1000): print('x' * 100_000)\nprint('the end é')", None),
    "quiet": ("import sys\nsys.stdout.close()", None),
    "bytes": ("import os\nos.write(1, bytes(range(256)))", None),
    "thread": (
        "import threading, time\nthreading.Thread(target=time.sleep, args=[600]).start()",
        None,
    ),
    "waits": ("import subprocess\nsubprocess.run(['sort'], check=True, timeout=5)", None),
    "bare": ("def f(x): return x\nf()", "TypeError"),
    "closes": ("import os\nos.closerange(3, 64)", None),
    "locks": ("import os\nos.makedirs('a/b')\nos.chmod('a', 0)", None),
    "deletes": ("import os, shutil\nshutil.rmtree(os.getcwd())", None),
    "last": ("", "The package 'last' is not installed here"),
}
SOFT_CHECK = "import importlib\n" + "".join(
    f'def test_{name}():\n    """{name}"""\n    importlib.import_module("{name}")\n'
    for name in SOFT
)
GREEDY = """
import resource
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
limits = resource.getrlimit(resource.RLIMIT_AS)
resource.setrlimit(resource.RLIMIT_AS, (used + 200_000_000, limits[1]))
taken = []
def answer():
    while True:
        taken.append(bytearray(10_000_000))
"""
FORKS = """
import os, subprocess, sys, time
child = os.fork()
if child == 0:
    time.sleep(600)
other = subprocess.Popen(
    [sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
open(os.environ["MATURITY_SANDBOX"] + "/../../pids", "w").write(f"{child} {other.pid}")
def answer():
    return 42
"""
# Nothing of what the check knows shows where this one comes from, but its keeper does.
DAEMON = """
import os, time
child = os.fork()
if child == 0:
    os.setsid()
    os.chdir("/")
    grandchild = os.fork()
    if grandchild == 0:
        time.sleep(600)
    os._exit(0)
gone = os.waitpid(child, 0)
import psutil
left = [each.pid for each in psutil.process_iter() if each.ppid() == psutil.Process().ppid()]
pids = [pid for pid in left if pid != os.getpid()]
open(os.environ["MATURITY_SANDBOX"] + "/../../pids", "w").write(" ".join(map(str, pids)))
def answer():
    return 42
"""


@dataclass
class Lab:
    """A course, and two checkers that take turns: while one checks, the other warms up."""

    course: Any
    checkers: list[Checker]

    def check(self, text: str, name: str = "9.1", **words: Any) -> CheckResult:
        """Check an exercise with `text` in the learner's nasty.py."""
        self.course.mine("nasty.py", text)
        self.checkers.reverse()
        return self.checkers[0].check(self.course.catalogue().exercise(name), **words)


@pytest.fixture(scope="module")
def lab(tmp_path_factory, new_course):
    course = new_course(tmp_path_factory.mktemp("nasty"))
    course.add("9.1", {"nasty.py": ""}, check=CHECK, limit=2)
    course.add("9.2", {"nasty.py": ""}, check=SOFT_CHECK, limit=20)
    course.add("9.4", {"nasty.py": ""}, check="from nasty import answer\n" + CHECK)
    course.add("9.3", {"nasty.py": ""}, check="import nothing_of_the_kits")
    course.workspace()
    checkers = [Checker(course.layout, course.catalogue()) for _ in range(2)]
    for checker in checkers:
        checker.warm()
    yield Lab(course, checkers)
    for checker in checkers:
        checker.close()


def messages(result):
    return "\n".join(item.message for item in result.items)


def outcomes(result):
    return [item.outcome for item in result.items]


def started(lab):
    """Return the processes that FORKS has started."""
    pids = [int(pid) for pid in (lab.course.layout.kit / "pids").read_text().split()]
    assert len(pids) == 2
    return pids


def gone(pid, seconds=3.0):
    """Return whether a process ends within some seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


def test_a_right_answer_passes_and_is_followed_as_it_happens(lab):
    events = []
    result = lab.check("def answer(): return 42", on_event=events.append)
    assert result.passed and result.said == ("calling answer",)
    assert [event.kind for event in events] == [
        *("collected", "start", "say", "end"),
        *("start", "end"),
    ]
    assert events[0].items == ("`answer()` returns 42.", "What comes after it is looked at too.")


def test_a_wrong_answer_gets_the_checks_message(lab):
    result = lab.check("def answer(): return 7")
    assert outcomes(result) == [Outcome.FAILED, Outcome.PASSED]
    assert messages(result).strip() == "Found 7, expected 42. Look at nasty.py."


# What does not end the worker: all in one check


@pytest.fixture(scope="module")
def soft(lab):
    for name, (text, _) in SOFT.items():
        if name != "last":
            lab.course.mine(f"{name}.py", text + "\n")
    lab.course.mine("random.py", "raise RuntimeError('not the one that is meant')")
    lab.course.mine("types.py", "raise RuntimeError('not the one that is meant')")
    before = psutil.Process().memory_info().rss
    result = lab.check("", "9.2")
    for name in (*SOFT, "random", "types"):
        lab.course.mine(f"{name}.py").unlink(missing_ok=True)
    return result, psutil.Process().memory_info().rss - before


@pytest.mark.parametrize("name", SOFT)
def test_what_a_learner_does_by_accident_costs_one_message(soft, name):
    result, _ = soft
    (item,) = [each for each in result.items if each.requirement == name]
    says = SOFT[name][1]
    assert item.outcome is (Outcome.PASSED if says is None else Outcome.FAILED), item.message
    assert (says or "") in item.message
    assert "fault of the kit" not in item.message and "Traceback" not in item.message


def test_a_hundred_megabytes_of_output_cost_no_memory_and_their_end_is_kept(soft):
    result, grown = soft
    assert grown < 30e6
    assert len(result.output) <= 4000


def test_the_learners_own_files_are_as_they_were(lab, soft):
    assert lab.course.mine("nasty.py").exists()


# What ends the worker, or would never end


def test_an_endless_loop_is_stopped_at_the_limit_with_all_that_it_started(lab):
    text = "def answer():\n    while True: pass"
    result = lab.check(text if os.name == "nt" else FORKS.replace("return 42", "while True: pass"))
    assert outcomes(result) == [Outcome.FAILED, Outcome.NOT_REACHED]
    assert "stopped after 2 seconds" in messages(result)
    assert "Is there a loop" in messages(result)
    assert "in answer:\n" in messages(result) and "while True: pass" in messages(result)
    assert 2 <= result.seconds < 4
    if os.name != "nt":
        assert all(gone(pid) for pid in started(lab))


def test_os_exit_is_told_with_its_code(lab):
    result = lab.check("import os\nprint('so far')\ndef answer(): os._exit(3)")
    assert outcomes(result) == [Outcome.FAILED, Outcome.NOT_REACHED]
    assert "ended the process (exit code 3)" in messages(result)
    assert result.output.strip() == "so far"


@posix
def test_a_crash_is_told_with_its_signal(lab):
    result = lab.check("import ctypes\ndef answer(): ctypes.string_at(0)")
    assert outcomes(result) == [Outcome.FAILED, Outcome.NOT_REACHED]
    assert "ended by SIGSEGV while this was checked" in messages(result)


def test_ctrl_c_in_the_code_does_not_end_without_a_reason(lab):
    result = lab.check("def answer(): raise KeyboardInterrupt")
    assert outcomes(result) == [Outcome.FAILED, Outcome.NOT_REACHED]
    assert "is there a KeyboardInterrupt" in messages(result)


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="asks Linux for it")  # noqa: PTH110
def test_memory_that_is_refused_is_told_with_the_line(lab):
    result = lab.check(GREEDY)
    assert outcomes(result) == [Outcome.FAILED, Outcome.PASSED]
    assert "MemoryError\nnasty.py, line 9, in answer" in messages(result)


@posix
def test_no_process_is_left_of_what_the_code_started(lab):
    assert lab.check(FORKS).passed
    assert all(gone(pid) for pid in started(lab))


@pytest.mark.skipif(not CAN_FORK, reason="only a fork has a keeper")
def test_a_daemon_in_a_session_of_its_own_ends_with_the_check(lab):
    assert lab.check(DAEMON).passed
    pids = (lab.course.layout.kit / "pids").read_text().split()
    assert len(pids) == 1, "it is its keeper's child"
    assert gone(int(pids[0]))


@pytest.mark.skipif(not CAN_FORK, reason="only a keeper adopts")
def test_an_orphan_that_has_ended_seems_to_be_there_no_longer(lab):
    text = """
import os, time
read, write = os.pipe()
if os.fork() == 0:
    grandchild = os.fork()
    if grandchild == 0:
        os._exit(0)
    os.write(write, str(grandchild).encode())
    os._exit(0)
number = int(os.read(read, 20))
def answer():
    for _ in range(100):
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            return 42
        time.sleep(0.02)
"""
    assert lab.check(text).passed


def test_nothing_is_left_in_the_workspace(lab):
    sandboxes = list((lab.course.layout.kit / "checks").iterdir())
    assert len(sandboxes) == len(lab.checkers), "only those of the spare workers"


def test_a_check_that_somebody_does_not_want_to_wait_for_stops_at_once(lab):
    cancelled = threading.Event()
    began = []

    def on_event(event):
        began.append(time.monotonic())
        cancelled.set()

    result = lab.check("import time\ndef answer(): time.sleep(600)", on_event=on_event,
                       cancelled=cancelled)  # fmt: skip
    assert result.stopped and not result.passed
    assert time.monotonic() - began[0] < 1
    assert "The check was stopped. Nothing was recorded." in messages(result)


def test_two_checks_at_once_do_not_disturb_each_other(lab):
    lab.course.mine("nasty.py", "def answer(): return 42")
    first, second = (lab.course.catalogue().exercise(name) for name in ("9.1", "9.2"))
    results = {}

    def check(exercise):
        results[exercise.id] = lab.checkers[0].check(exercise)

    threads = [threading.Thread(target=check, args=[each]) for each in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert results["9.1"].passed and len(results["9.2"].items) == len(SOFT)


def test_a_fault_of_the_kit_says_that_it_is_one(lab):
    result = lab.check("", "9.3")
    assert not result.passed
    assert "This is a fault of the kit" in messages(result)
    assert "nothing_of_the_kits" in messages(result)


@posix
def test_what_is_no_file_does_not_keep_a_project_from_being_checked(lab):
    pipe = lab.course.layout.project / "a pipe"
    os.mkfifo(pipe)
    try:
        assert lab.check("def answer(): return 42").passed
    finally:
        pipe.unlink()


@posix
def test_what_a_code_that_ended_itself_has_left_behind_is_ended_too(lab):
    result = lab.check(FORKS.replace("return 42", "os._exit(3)"))
    assert "ended the process (exit code 3)" in messages(result)
    assert all(gone(pid) for pid in started(lab))


@posix
def test_a_child_that_was_forked_and_forgotten_says_nothing(lab):
    events = []
    code = "import os, time\nos.fork()\ntime.sleep(0.1)\ndef answer(): return 42"
    assert lab.check(code, on_event=events.append).passed
    assert [event.kind for event in events].count("end") == 2


def test_requirements_that_the_code_itself_announces_are_no_requirements(lab):
    code = (
        "from widgets.exercise.sandbox import own_channel\n"
        "def answer():\n"
        "    own_channel().tell(kind='collected', items=['nothing at all'])\n"
        "    own_channel().tell(kind='end', text='nothing at all', outcome='passed')\n"
        "    return 41\n"
    )
    result = lab.check(code)
    assert not result.passed
    assert [item.requirement for item in result.items] == [
        item.requirement for item in lab.check("def answer(): return 42").items
    ]


@posix
def test_a_check_whose_folder_is_removed_still_says_how_it_ended(lab):
    result = lab.check(
        "import os, shutil\nshutil.rmtree(os.path.dirname(os.getcwd()))\ndef answer(): return 42"
    )
    assert outcomes(result) == [Outcome.PASSED, Outcome.PASSED]


def test_a_check_that_imports_the_learners_file_at_its_top_names_that_file(lab):
    result = lab.check("def answer(:", "9.4")
    assert not result.passed and "fault of the kit" not in messages(result)
    assert "SyntaxError: invalid syntax\nnasty.py, line 1" in messages(result)
    result = lab.check("", "9.4")
    assert "nasty.py: cannot import name 'answer'" in messages(result)


def test_a_check_never_sees_a_teams_server(tmp_path, monkeypatch):
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI", "MLFLOW_RUN_ID"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("FLIGHTS_EXPERIMENT", "theirs")
    env = spare.environment_of(Sandbox(tmp_path), "")
    theirs = [name for name in env if name.startswith(("MLFLOW_", "FLIGHTS_"))]
    assert theirs == ["MLFLOW_DISABLE_TELEMETRY"]
