"""The spare worker: started in advance with the heavy imports done, it runs one check.

It is the same on every system: a process that waits for one line on its standard input. When
the check is over it waits to be ended, so that its parent still finds what it has started.
"""

import contextlib
import gc
import importlib
import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from widgets.exercise.explain import at, last_place
from widgets.exercise.programs import open_nursery, run_program
from widgets.exercise.sandbox import IMPORTS, READY, own_channel, own_job, own_sandbox

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


def main() -> None:
    """Warm up, wait for the word, run the check of the sandbox."""
    be_the_first_to_go()
    parent = take_over_stdin()
    channel = own_channel()
    gc.disable()  # what is imported here stays: to search it for garbage takes a third of the time
    warm_up()
    gc.freeze()
    gc.enable()
    if os.environ.get(IMPORTS) and open_nursery():
        run_program()  # this process is one that the check has asked for
        return
    os.write(1, READY + b"\n")
    if next_word(parent) != "go":
        os._exit(0)  # the parent is gone, or does not need this worker any more
    threading.Thread(target=answer_parent, args=(parent,), daemon=True).start()
    importlib.invalidate_caches()  # the project was copied in after this process had looked
    me = os.getpid()
    run_check()
    if os.getpid() != me:
        os._exit(0)  # a child that the learner's code forked has come this far
    close_output()
    channel.tell(kind="done")
    threading.Event().wait()


def run_check() -> None:
    """Run the check's module as pytest does; the plugin tells the parent how it goes."""
    sandbox = own_sandbox()
    check = sandbox.checks / own_job().check.name
    pytest.main([str(check), *settings(), "-p", "widgets.exercise.plugin", *OPTIONS])


def settings() -> list[str]:
    """Return the options that keep pytest from reading a settings file of the learner's."""
    sandbox = own_sandbox()
    return ["-c", str(sandbox.settings), f"--rootdir={sandbox.checks}"]


def warm_up() -> None:
    """Import what the checks need, and let pytest import what it needs only when it runs."""
    import pandas  # noqa: F401
    import sklearn.compose
    import sklearn.impute
    import sklearn.linear_model
    import sklearn.metrics
    import sklearn.pipeline
    import sklearn.preprocessing  # noqa: F401

    for name in os.environ.get(IMPORTS, "").split():
        importlib.import_module(name)
    first = Path("test_warm_up.py")
    first.write_text("def test_warm_up():\n    pass\n", encoding="utf-8")
    pytest.main([str(first), *settings(), *OPTIONS])
    first.unlink()
    sys.modules.pop("test_warm_up", None)


def take_over_stdin() -> int:
    """Keep the way to the parent for this file alone; `input()` finds an empty standard input."""
    parent = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return parent


def next_word(parent: int) -> str:
    """Return the parent's next word, or nothing when it is gone."""
    # Not a file object: its lock would be held for ever in a child that a check forks.
    word = b""
    while not word.endswith(b"\n"):
        byte = os.read(parent, 1)
        if not byte:
            return ""
        word += byte
    return word.decode().strip()


def answer_parent(parent: int) -> None:
    """Say which line is running when asked; end everything when the parent is gone."""
    main_thread = threading.main_thread().ident
    with contextlib.suppress(OSError):
        while next_word(parent) == "where":
            frame = sys._current_frames().get(main_thread or 0)
            place = last_place(frame, own_sandbox().project)
            own_channel().tell(kind="where", text=at(place))
    if hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def close_output() -> None:
    """Let the parent see the end of what was printed."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)


def be_the_first_to_go() -> None:
    """Where memory runs out, let the system end this process and not the learner's kernel."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


if __name__ == "__main__":
    main()
