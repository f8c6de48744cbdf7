"""A kernel that is killed leaves no process behind, and what it leaves on the disk is removed."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from widgets.exercise.checker import Checker
from widgets.exercise.forks import CAN_FORK

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="kills as POSIX does"),
]

# A process like a kernel: one check runs without end, and a spare worker is waiting beside it.
PARENT = """
import sys, threading, time
from pathlib import Path
from widgets.exercise import checker as checkers
from widgets.base.paths import Layout
from widgets.exercise.checker import Checker
from widgets.exercise.forks import CAN_FORK
from widgets.exercise.definition import read_catalogue

checkers.GRACE_SECONDS = 1
catalogue = read_catalogue(Path(sys.argv[1]))
checker = Checker(Layout(Path(sys.argv[2])), catalogue)
checker.warm()
exercise = catalogue.exercise("9.1")
threading.Thread(target=checker.check, args=[exercise], daemon=True).start()
while not (Path(sys.argv[2]) / "looping").exists():
    time.sleep(0.02)
checker.warm()
print("ready", flush=True)
time.sleep(600)
"""
LOOP = """
import os, subprocess, sys, time
subprocess.Popen(
    [sys.executable, "-c", "import time; time.sleep(600)"], start_new_session={detached})
def two():
    open({mark!r}, "w").close()
    {forever}
"""
FOREVER = {  # the second one runs in C, where no other thread of Python gets a turn
    "in Python": "while True: pass",
    "in C": "import re; re.match('(a+)+$', 'a' * 60 + 'b')",
}


@pytest.mark.parametrize(("where", "limit"), [("in Python", 60), ("in C", 3)])
def test_all_of_a_killed_kernel_goes_with_it(course, where, limit):
    course.add("9.1", {"flights/two.py": ""}, limit=limit)
    course.workspace()
    course.mine(
        "flights/two.py",
        LOOP.format(
            mark=str(course.layout.root / "looping"), detached=CAN_FORK, forever=FOREVER[where]
        ),
    )
    words = [sys.executable, "-c", PARENT, str(course.root), str(course.layout.root)]
    parent = subprocess.Popen(words, stdout=subprocess.PIPE)
    try:
        assert parent.stdout.readline() == b"ready\n"
        # The check, what its code has started, a spare worker; the nursery and its two keepers.
        wanted, until = 6 if CAN_FORK else 3, time.monotonic() + 20
        family: list[psutil.Process] = []
        while len(family) < wanted and time.monotonic() < until:
            family = psutil.Process(parent.pid).children(recursive=True)
        assert len(family) == wanted
    finally:
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
        parent.stdout.close()
    until = time.monotonic() + 40
    while psutil.wait_procs(family, timeout=0.05)[1] and time.monotonic() < until:
        pass
    assert not [each for each in family if each.is_running()]

    sandboxes = course.layout.kit / "checks"
    left = set(sandboxes.iterdir())
    assert left, "nobody was there to remove them"
    (sandboxes / "notes of somebody").mkdir()
    checker = Checker(course.layout, course.catalogue())
    checker.warm()
    try:
        assert not left & set(sandboxes.iterdir())
        assert (sandboxes / "notes of somebody").exists()
        assert len(set(sandboxes.iterdir())) == 2
    finally:
        checker.close()
    assert [path.name for path in sandboxes.iterdir()] == ["notes of somebody"]
