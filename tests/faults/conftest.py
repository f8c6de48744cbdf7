"""Kernels of a learner's, as processes of their own, and what they leave on the disk."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from widgets.base.paths import Layout
from widgets.exercise.sandbox import NAMED_BY

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Kernel:
    """One running `kernel.py`."""

    process: "subprocess.Popen[str]"

    def tell(self, line: str) -> None:
        """Ask for something; the answer may be waited for later, or never."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        """Return the next answer."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the kernel has ended"
        found: dict[str, Any] = json.loads(line)
        return found

    def do(self, line: str) -> Any:
        """Have something done that must go well; return what came of it."""
        self.tell(line)
        answer = self.hear()
        assert "problem" not in answer, answer
        return answer["done"]

    def refused(self, line: str) -> str:
        """Ask for something that cannot be done; return the message for the person."""
        self.tell(line)
        answer = self.hear()
        assert "problem" in answer, answer
        return str(answer["problem"])

    def kill(self) -> list[dict[str, Any]]:
        """End it at once, without a chance to clean up; return what it had answered."""
        self.process.kill()
        assert self.process.stdout is not None
        rest = self.process.stdout.read()
        self.process.wait()
        return [json.loads(line) for line in rest.splitlines(keepends=True) if line[-1:] == "\n"]


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """Return a workspace whose path holds spaces and letters that are not English."""
    return Layout(tmp_path / "mon espace é 日本")


def start_kernel(root: Path) -> Kernel:
    """Start a kernel in the workspace `root`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.kernel"],
        cwd=ROOT,
        env=os.environ | {"MATURITY_WORKSPACE": str(root)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    return Kernel(process)


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace that was just begun; it is only copied: to begin one takes seconds."""
    root = tmp_path_factory.mktemp("fresh") / "workspace"
    kernel = start_kernel(root)
    assert kernel.do("start") == []
    kernel.process.communicate()
    return root


@pytest.fixture
def begun(fresh: Path, layout: Layout) -> Layout:
    """Return the workspace, begun."""
    shutil.copytree(fresh, layout.root)
    return layout


@pytest.fixture
def new_kernel(layout: Layout) -> Iterator[Callable[..., Kernel]]:
    """Return a function that starts a kernel in the workspace, or in another one."""
    begun = []

    def start(root: Path | None = None) -> Kernel:
        kernel = start_kernel(root or layout.root)
        begun.append(kernel.process)
        return kernel

    yield start
    for process in begun:
        process.kill()
        process.communicate()


@pytest.fixture
def kernel(new_kernel: Callable[..., Kernel]) -> Kernel:
    """Return a kernel in the workspace."""
    return new_kernel()


def of_checks(layout: Layout) -> list[psutil.Process]:
    """Return the processes that checks of this workspace have started, spare workers included."""
    found = []
    for each in psutil.process_iter():
        try:  # a fork shows the environment of the nursery that it comes from
            told = (each.environ().get(NAMED_BY, ""), each.cwd())
        except (psutil.Error, OSError):
            continue
        ours = any(text.startswith(str(layout.kit)) for text in told)
        if ours and each.status() != psutil.STATUS_ZOMBIE:
            found.append(each)
    return found


def in_order(layout: Layout) -> None:
    """Assert that the progress file is sound, and that nothing was set aside as damaged."""
    with closing(sqlite3.connect(layout.progress)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert not list(layout.kit.glob("progress.damaged-*"))


def eventually(true: Callable[[], bool], seconds: float = 30.0) -> bool:
    """Return whether something comes true before the seconds are over."""
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True
