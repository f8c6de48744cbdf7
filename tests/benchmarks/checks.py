"""How long checks take in the spare worker, and what the worker costs.

Run it with `python lab.py bench checks`. Not a test: a machine that is busy or slow makes
nothing red.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from widgets.base.paths import Layout
from widgets.exercise.checker import FLIGHTS
from widgets.exercise.sandbox import NAMED_BY, Job, Sandbox, copy_tree
from widgets.exercise.spare import Spare
from widgets.kit import Kit

EXERCISE = "1.1"  # a check that only asserts
CHECKS = 20
COLD_RUNS = 5


def main() -> int:
    """Measure in a fresh, solved workspace, and print."""
    with tempfile.TemporaryDirectory(prefix="a bench ", ignore_cleanup_errors=True) as scratch:
        root = Path(scratch).resolve()
        kit = Kit(Layout(root / "workspace"))
        kit.start()
        try:
            print("Each check once, on its solution, in the spare worker")
            each_check(kit)
            ready, memory = spare_worker(root / "spare")
            print(
                f"\nSpare worker: ready after {ready:.1f} s, {memory / 2**20:.0f} MB proportional"
            )
            warm = twenty_checks(kit, pause=2 * ready)
            cold = cold_checks(kit, root / "cold")
        finally:
            kit.checker.close()
    print(f"\nThe check of {EXERCISE}         p50      p95")
    print(f"  spare worker, {len(warm):2} times  {percentiles(warm)}")
    print(f"  cold pytest,  {len(cold):2} times  {percentiles(cold)}")
    return 0


def each_check(kit: Kit) -> None:
    """Solve and check each exercise; print its time beside its budget."""
    for result in kit.verbs.catch_up("end"):
        exercise = kit.exercise(result.exercise)
        word = "passed" if result.passed else "NOT PASSED"
        print(f"  {exercise.id}  {result.seconds:6.2f} s of {exercise.budget:5.1f} s  {word}")


def spare_worker(folder: Path) -> tuple[float, int]:
    """Return the seconds until a spare worker is ready, and its memory in bytes."""
    began = time.monotonic()
    worker = Spare(folder)
    try:
        worker.is_ready(60)
        seconds = time.monotonic() - began
        memory = psutil.Process(worker.process.pid).memory_full_info()
        return seconds, getattr(memory, "pss", memory.uss)
    finally:
        worker.end()


def twenty_checks(kit: Kit, pause: float) -> list[float]:
    """Return the seconds from a click to the answer, with a pause as between two clicks."""
    exercise = kit.exercise(EXERCISE)
    seconds = []
    for _ in range(CHECKS):
        kit.checker.warm()
        time.sleep(pause)
        seconds.append(kit.checker.check(exercise).seconds)
    return seconds


def cold_checks(kit: Kit, folder: Path) -> list[float]:
    """Return the seconds that the same check takes as a pytest process of its own."""
    exercise = kit.exercise(EXERCISE)
    check = kit.catalogue.check_file(exercise)
    sandbox = Sandbox(folder)
    copy_tree(kit.layout.project, sandbox.project)
    copy_tree(kit.layout.data, sandbox.data)
    copy_tree(check.parent, sandbox.checks)
    sandbox.write_job(Job(check, kit.catalogue.folder(exercise), kit.layout.root, FLIGHTS))
    paths = os.pathsep.join([str(sandbox.project), str(sandbox.checks)])
    words = ["-m", "pytest", str(sandbox.checks / check.name), "-p", "widgets.exercise.plugin"]
    seconds = []
    for _ in range(COLD_RUNS):
        began = time.monotonic()
        subprocess.run(
            [sys.executable, *words, "--noconftest", "-c", os.devnull],
            cwd=sandbox.project,
            env=os.environ | {NAMED_BY: str(sandbox.root), "PYTHONPATH": paths},
            capture_output=True,
            check=True,
        )
        seconds.append(time.monotonic() - began)
    return seconds


def percentiles(seconds: list[float]) -> str:
    """Return the median and the 95th percentile."""
    p95 = statistics.quantiles(seconds, n=20, method="inclusive")[-1]
    return f"{statistics.median(seconds):5.2f} s  {p95:5.2f} s"


if __name__ == "__main__":
    sys.exit(main())
