"""From the clone to the first executed cell, part by part.

Run it with `python lab.py bench first_cell`. Not a test. Read the ratios: all are to importing
MLflow and scikit-learn once in a process of its own, which the lab cannot do without. The set-up
takes its packages from the installer's cache if they are there: the network is not measured.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat

from tests.benchmarks._lab import run, running
from widgets.base.paths import KIT_ROOT, Layout
from widgets.lab.course_run import notebooks

IMPORTS = "import mlflow, sklearn.linear_model"


def main() -> int:
    """Measure each part, and print."""
    parts: dict[str, float] = {}

    @contextmanager
    def timed(name: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        parts[name] = time.monotonic() - began

    with tempfile.TemporaryDirectory(prefix="a bench ", ignore_cleanup_errors=True) as scratch:
        folder = Path(scratch).resolve()
        with timed("git clone"):
            words = ["git", "clone", "--quiet", "--no-local", str(KIT_ROOT), str(folder / "kit")]
            subprocess.run(words, check=True)
        with timed("set up: .venv, packages, bytecode, empty database"):
            setup(folder / "kit")
        with timed("baseline"):
            subprocess.run([sys.executable, "-c", IMPORTS], check=True)
        began = time.monotonic()
        with running(Layout(folder / "workspace"), folder) as lab:
            parts["workspace laid out, JupyterLab answers"] = time.monotonic() - began
            cells = nbformat.read(notebooks()[0], as_version=4).cells
            first = next(cell for cell in cells if cell.cell_type == "code")
            began = time.monotonic()
            with lab.kernel() as kernel:
                parts["kernel"] = time.monotonic() - began
                with timed("first cell"):
                    run(kernel, first)
                with timed("the same cell again"):
                    run(kernel, first)
    baseline = parts.pop("baseline")
    print(f"baseline: {IMPORTS}, {baseline:.2f} s")
    for name, seconds in parts.items():
        print(f"  {name:52} {seconds:6.2f} s  {seconds / baseline:6.2f} x")
    return 0


def setup(kit: Path) -> None:
    """Set a clone up as `python lab.py` does."""
    words = [sys.executable, "lab.py", "setup"]
    subprocess.run(words, cwd=kit, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
