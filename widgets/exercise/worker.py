"""The spare worker: started in advance with the heavy imports done, it runs one check.

It is the same on every system: a process that waits for one line on its standard input. (On Linux
it is a fork of one that has the imports done.) When the check is over it waits to be ended, so that
its parent still finds what it has started.
"""

import contextlib
import faulthandler
import importlib
import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from widgets.exercise.explain import at, last_place
from widgets.exercise.nursery import open_nursery, run_program
from widgets.exercise.sandbox import IMPORTS, READY, own_channel, own_job, own_sandbox
from widgets.exercise.warm import OPTIONS, be_the_first_to_go, warm_up


def main() -> None:
    """Warm up, wait for the word, run the check of the sandbox."""
    be_the_first_to_go()
    parent = take_over_stdin()
    channel = own_channel()
    warm_up()
    if os.environ.get(IMPORTS) and open_nursery():
        run_program()  # this process is one that the check has asked for
        return
    os.write(1, READY + b"\n")
    word, _, seconds = next_word(parent).partition(" ")
    if word != "go":
        os._exit(0)  # the parent is gone, or does not need this worker any more
    end_after(float(seconds))
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


def end_after(seconds: float) -> None:
    """End this process then, whatever it does: C code that never returns lets no thread run."""
    if hasattr(signal, "setitimer"):  # no fork inherits it; faulthandler's a fork would wait for
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, seconds)
    else:
        nowhere = Path(os.devnull).open("w")  # noqa: SIM115 it stays open as long as the process
        faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)


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


if __name__ == "__main__":
    main()
