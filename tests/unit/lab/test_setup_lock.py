"""One set-up at a time, and none is locked out by one that died."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from widgets.base.paths import KIT_ROOT
from widgets.lab.setup_lock import setup_lock

HOLDER = """
import sys, time
from pathlib import Path
from widgets.lab.setup_lock import setup_lock
with setup_lock(Path(sys.argv[1]), print):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


@contextmanager
def holder(path: Path, seconds: float) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path), str(seconds)],
        cwd=KIT_ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout and process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_it_is_free_at_first_and_again_afterwards(tmp_path):
    said: list[str] = []
    for _ in range(2):
        with setup_lock(tmp_path / "lock", said.append):
            assert said == []


def test_the_second_says_so_once_and_waits(tmp_path):
    said: list[str] = []
    with holder(tmp_path / "lock", 1) as process:
        began = time.monotonic()
        with setup_lock(tmp_path / "lock", said.append):
            waited = time.monotonic() - began
        assert waited > 0.5
        assert len(said) == 1
        assert f"process {process.pid}" in said[0]
        assert "Waiting" in said[0]


def test_the_lock_of_a_process_that_was_killed_is_taken_over(tmp_path):
    said: list[str] = []
    with holder(tmp_path / "lock", 60) as process:
        process.kill()
        process.wait()
        began = time.monotonic()
        with setup_lock(tmp_path / "lock", said.append):
            assert (tmp_path / "lock").read_text() == str(os.getpid())
        assert time.monotonic() - began < 30


def test_an_error_lets_it_go(tmp_path):
    try:
        with setup_lock(tmp_path / "lock", print):
            raise ValueError
    except ValueError:
        pass
    said: list[str] = []
    with setup_lock(tmp_path / "lock", said.append):
        assert said == []
