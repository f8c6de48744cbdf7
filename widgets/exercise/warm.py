"""What a worker has done before it gets its check: the heavy imports, and pytest's own."""

import importlib
import os
import sys
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest

from widgets.base.imports import large_imports
from widgets.exercise.sandbox import IMPORTS

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
    *(word for name in LEFT_OUT for word in ("-p", f"no:{name}")),
)


@cache
@large_imports()
def warm_up() -> None:
    """Import what the checks need; in a fork of a process that has done it, do nothing."""
    import pandas  # noqa: F401
    import sklearn.compose
    import sklearn.impute
    import sklearn.linear_model
    import sklearn.metrics
    import sklearn.pipeline
    import sklearn.preprocessing  # noqa: F401

    for name in os.environ.get(IMPORTS, "").split():
        importlib.import_module(name)
    path = list(sys.path)
    with tempfile.TemporaryDirectory(prefix="warm-up-") as folder:
        first = Path(folder, "test_warm_up.py")  # pytest imports what it needs only when it runs
        first.write_text("def test_warm_up():\n    pass\n", encoding="utf-8")
        empty = Path(folder, "pytest.ini")
        empty.write_text("[pytest]\n", encoding="utf-8")
        pytest.main([str(first), "-c", str(empty), f"--rootdir={folder}", *OPTIONS])
    sys.modules.pop("test_warm_up", None)
    sys.path[:] = path


def be_the_first_to_go() -> None:
    """Where memory runs out, let the system end this process and not the learner's kernel."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
