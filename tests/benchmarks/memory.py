"""The memory of the whole lab while a learner works through the course, part by part.

Run it with `python lab.py bench memory`. Not a test: a machine that is busy or slow makes nothing
red. The lab believes that it has Binder's 2 GB, however much this machine has. All figures are
proportional set sizes: what parts share is divided among them, so that the sum is what the machine
gives.
"""

import os
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import psutil

from tests.benchmarks._lab import PAUSE, open_mlflow, run, running
from widgets.base.memory import HUB
from widgets.base.paths import Layout
from widgets.lab.course_run import notebooks

PARTS = {  # the first that a command line holds
    "jupyterlab": "JupyterLab",
    "ipykernel_launcher": "kernel",
    "widgets.mlflow_ui": "MLflow UI",
    "widgets.exercise": "checks",
    "flights.serve": "model server",
    "flights.loop": "loop",
}
REST = "git, CI, training, the rest"
BINDER = 2 * 2**30  # bytes


@dataclass
class Memory:
    """Bytes by part: now, and when it was most."""

    folder: str
    server: int
    now: Counter[str] = field(default_factory=Counter)
    peak: Counter[str] = field(default_factory=Counter)

    def look(self) -> None:
        """Read the memory of every process of the lab."""
        found: Counter[str] = Counter()
        ours = {self.server}
        for process in sorted(psutil.process_iter(), key=lambda each: each.pid):
            with suppress(psutil.Error, OSError):
                if self._is_ours(process, ours):
                    ours.add(process.pid)
                    used = process.memory_full_info()
                    found[part(process)] += getattr(used, "pss", used.uss)
        self.now = found
        if found.total() > self.peak.total():
            self.peak = found

    def _is_ours(self, process: psutil.Process, ours: set[int]) -> bool:
        # A training that a push has started is nobody's child: it is told by where it works.
        return (
            process.pid in ours
            or process.ppid() in ours
            or self.folder in process.environ().get("MATURITY_WORKSPACE", "")
            or self.folder in process.cwd()
        )


def main() -> int:
    """Execute the course in a real JupyterLab, every exercise solved, and print."""
    os.environ[HUB] = str(BINDER)
    with tempfile.TemporaryDirectory(prefix="a bench ", ignore_cleanup_errors=True) as scratch:
        layout = Layout(Path(scratch).resolve() / "workspace")
        with running(layout, Path(scratch)) as lab:
            memory = Memory(Path(scratch).name, lab.process)
            memory.look()
            show("JupyterLab alone", memory.now)
            for notebook in notebooks():
                memory.peak.clear()
                with lab.kernel() as kernel, watched(memory):
                    for cell in nbformat.read(notebook, as_version=4).cells:
                        if cell.cell_type == "code":
                            run(kernel, cell)
                    if layout.mlflow_db.exists():
                        open_mlflow(lab)
                show(f"{notebook.stem}, peak", memory.peak)
                show(f"{notebook.stem}, at its end", memory.now)
    return 0


@contextmanager
def watched(memory: Memory) -> Iterator[None]:
    """Look again and again while a block runs, and once at its end."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(PAUSE):
            memory.look()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
        memory.look()


def part(process: psutil.Process) -> str:
    """Return which part of the lab a process is."""
    words = " ".join(process.cmdline())
    return next((name for text, name in PARTS.items() if text in words), REST)


def show(when: str, used: Counter[str]) -> None:
    """Print a line of the table."""
    parts = ", ".join(f"{name} {size / 2**20:.0f}" for name, size in used.most_common())
    print(f"{when:46} {used.total() / 2**20:5.0f} MB  ({parts})", flush=True)


if __name__ == "__main__":
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    sys.exit(main())
