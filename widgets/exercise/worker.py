"""The spare worker: started in advance with the heavy imports done, it runs one check and ends.

It is the same on every system: a process that waits for one line on its standard input.
"""

import contextlib
import importlib
import os
import signal
import sys
import threading
import traceback
from pathlib import Path

import psutil
import pytest

from widgets.exercise.plugin import Sandbox

# What a check does not need: without these pytest starts in a hundredth of a second.
LEFT_OUT = (
    *("cacheprovider", "debugging", "doctest", "faulthandler", "junitxml", "legacypath", "logging"),
    *("pastebin", "recwarn", "setuponly", "setupplan", "stepwise", "terminal", "threadexception"),
    *("unittest", "unraisableexception", "warnings"),
)
OPTIONS = (
    "-s",  # the parent reads what is printed, and keeps only its end
    "--assert=plain",  # a check's message is its own; nothing is added to it
    "--noconftest",
    *("-c", os.devnull),
    *(word for name in LEFT_OUT for word in ("-p", f"no:{name}")),
)


def main() -> None:
    """Warm up, wait for the word, run the check of the sandbox."""
    be_the_first_to_go()
    warm_up()
    print("ready", flush=True)
    if sys.stdin.readline().strip() != "go":
        os._exit(0)  # the parent is gone, or does not need this worker any more
    threading.Thread(target=leave_with_parent, daemon=True).start()
    importlib.invalidate_caches()  # the project was copied in after this process had looked
    sandbox = Sandbox.current()
    job = sandbox.read_job()
    check = str(sandbox.checks / job.check.name)
    words = [check, f"--rootdir={sandbox.checks}", "-p", "widgets.exercise.plugin", *OPTIONS]
    try:
        pytest.main(words)
        end_children()
        sandbox.tell(kind="done")
        sys.stdout.flush()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(0)  # threads that the learner's code left behind do not hold up the result


def warm_up() -> None:
    """Import what the checks need, and let pytest import what it needs only when it runs."""
    import pandas  # noqa: F401
    import sklearn.compose
    import sklearn.impute
    import sklearn.linear_model
    import sklearn.metrics
    import sklearn.pipeline
    import sklearn.preprocessing  # noqa: F401

    first = Path("test_warm_up.py")
    first.write_text("def test_warm_up():\n    pass\n", encoding="utf-8")
    pytest.main([str(first), *OPTIONS])
    first.unlink()
    sys.modules.pop("test_warm_up", None)


def leave_with_parent() -> None:
    """End this process, and all that it started, when the parent is gone."""
    # Not sys.stdin.read(): its lock would be held for ever in a child that a check forks.
    while os.read(0, 1024):
        pass
    if hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def end_children() -> None:
    """End what the learner's code started and left running, in whatever session it is."""
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            child.kill()


def be_the_first_to_go() -> None:
    """Where memory runs out, let the system end this process and not the learner's kernel."""
    score = Path("/proc/self/oom_score_adj")
    if score.exists():
        score.write_text("1000")


if __name__ == "__main__":
    main()
