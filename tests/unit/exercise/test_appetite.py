"""What a check takes is looked at from outside, and told when it is too much."""

import subprocess
import sys
import time

import pytest

from widgets.exercise import appetite
from widgets.exercise.appetite import Appetite


@pytest.fixture
def family():
    """Return a process with two children."""
    code = (
        "import subprocess, sys\n"
        "wait = [sys.executable, '-c', 'import sys; sys.stdin.read()']\n"
        "both = [subprocess.Popen(wait) for _ in range(2)]\n"
        "print('ready', flush=True)\n"
        "sys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout.readline().strip() == b"ready"
    yield process
    process.communicate()  # the end of its input ends all three


def test_what_is_little_is_nothing_to_say(family):
    assert Appetite(family.pid).excess() == ""


def test_too_many_processes_are_counted(family, monkeypatch):
    monkeypatch.setattr(appetite, "PROCESSES", 2)
    said = Appetite(family.pid).excess()
    assert "had started 2 processes" in said and "os.fork()" in said


def test_too_much_memory_is_told_with_the_limit(family, monkeypatch):
    monkeypatch.setattr(appetite, "MEMORY", 1_000_000)
    said = Appetite(family.pid).excess()
    assert "a check may take 0.0 GB" in said and "grows in a loop" in said


def test_what_is_shared_counts_once(family, monkeypatch):
    monkeypatch.setattr(appetite, "MEMORY", 30_000_000)
    monkeypatch.setattr(appetite, "_resident", lambda process: 20_000_000)
    monkeypatch.setattr(appetite, "_own", lambda process: 5_000_000)
    assert Appetite(family.pid).excess() == ""


def test_a_process_that_has_ended_takes_nothing():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    assert Appetite(process.pid).excess() == ""


def test_it_may_be_asked_often_and_looks_rarely(family, monkeypatch):
    looks = []
    monkeypatch.setattr(Appetite, "_judge", lambda self, found: looks.append(len(found)) or "")
    watched = Appetite(family.pid)
    until = time.monotonic() + 0.5
    while time.monotonic() < until:
        watched.excess()
    assert 1 <= len(looks) <= 6 and looks[0] == 3
