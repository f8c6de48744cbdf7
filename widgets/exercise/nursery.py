"""The nursery: a process that has imported what others need, and forks them to order.

There are two. The kit's own forks the workers, each for one check. A worker forks another from
itself before it runs anything of the learner's: that one forks the programs that its check starts.
`forks` is the side that orders.
"""

import contextlib
import ctypes
import importlib
import io
import json
import os
import runpy
import signal
import socket
import sys
import tempfile
import time
import traceback
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType

import psutil

from widgets.exercise.forks import CAN_FORK, DOOR, LONGEST, Order
from widgets.exercise.warm import be_the_first_to_go, warm_up

ADOPT = 36  # PR_SET_CHILD_SUBREAPER of prctl(2): orphans come to this process, not to the first
CLEANING_SECONDS = 5.0
ABOVE = {__file__, str(Path(__file__).with_name("worker.py")), "<frozen runpy>"}


def main() -> None:
    """Be the kit's nursery, or a process that it has forked."""
    be_the_first_to_go()
    with socket.socket(fileno=int(os.environ.pop(DOOR))) as door:
        warm_up()
        fork_to_order(door)
    run_program()


def open_nursery() -> bool:
    """Fork a nursery; return False in this process, and True in each program's.

    To be called while Python has one thread. A program's process has become what was asked for and
    has only to run it: `run_program`.
    """
    if not CAN_FORK:
        return False
    mine, door = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        nursery = os.fork()
    except OSError:  # no room for another process: programs are started as usual
        return False
    if nursery != 0:
        door.close()
        os.environ[DOOR] = str(mine.detach())
        return False
    mine.close()
    forget_the_worker(door)
    fork_to_order(door)
    return True


def forget_the_worker(door: socket.socket) -> None:
    """Close what belongs to the worker: its pipes would never end while they are open here."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    for open_file in list(Path("/proc/self/fd").iterdir()):
        number = int(open_file.name)
        if number > 2 and number != door.fileno():
            with contextlib.suppress(OSError):
                os.close(number)


def fork_to_order(door: socket.socket) -> None:
    """Fork what is asked for; return in each of these processes, and never in this one."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # keepers are nobody's concern
    while True:
        order, stdin, output, status = next_order(door)
        try:
            forked = os.fork() == 0
        except OSError:  # no room for another process: whoever asked sees its files closed
            forked = False
        if forked:
            door.close()
            if keep(order, status, (stdin, output)):
                become(order, stdin, output)
                return
        for number in (stdin, output, status):
            os.close(number)


def next_order(door: socket.socket) -> tuple[Order, int, int, int]:
    """Wait for the next order; end when nobody can give one any more."""
    text, files, _, _ = socket.recv_fds(door, LONGEST, 3)
    if not text:
        os._exit(0)
    stdin, output, status = files
    return Order(**json.loads(text)), stdin, output, status


def keep(order: Order, status: int, files: tuple[int, int]) -> bool:
    """Fork the process; return True in it, and never in its keeper, which waits for its end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if order.alone:
        ctypes.CDLL(None).prctl(ADOPT, 1, 0, 0, 0)
    process = os.fork()
    if process == 0:
        os.close(status)
        if order.alone:
            os.setsid()
        return True
    for number in files:  # a pipe ends with the process, not with its keeper
        os.close(number)
    with contextlib.suppress(OSError):  # it holds nothing: memory is not won by ending it
        Path("/proc/self/oom_score_adj").write_text("0", encoding="ascii")
    with contextlib.suppress(OSError):  # nobody may want to know any more
        os.write(status, f"{process}\n".encode())
    while (gone := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)) and gone.si_pid != process:
        os.waitpid(gone.si_pid, 0)  # an orphan: it must not seem to be there still
    if order.alone:
        end_what_is_left(process)
    _, ended = os.waitpid(process, 0)  # only now its number may be another's
    with contextlib.suppress(OSError):
        os.write(status, f"{os.waitstatus_to_exitcode(ended)}\n".encode())
    os._exit(0)


def end_what_is_left(process: int) -> None:
    """End all that a process that has ended has started: orphans are its keeper's children."""
    until = time.monotonic() + CLEANING_SECONDS
    while time.monotonic() < until:
        left = [each for each in psutil.Process().children(recursive=True) if each.pid != process]
        if not left:
            return
        for each in left:
            with contextlib.suppress(psutil.Error):
                each.kill()
            with contextlib.suppress(ChildProcessError):  # a child's child comes here first
                os.waitpid(each.pid, os.WNOHANG)
        time.sleep(0.005)


def become(order: Order, stdin: int, output: int) -> None:
    """Make this process what `python` with the order's words would be at its start.

    Nearly: the order of sets of texts is the same in all forks of one nursery, and so is what
    libraries read of the environment when they are imported.
    """
    old = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    os.environ.clear()
    os.environ.update(order.environment)
    time.tzset()
    tempfile.tempdir = None
    for number, file in ((0, stdin), (1, output), (2, output)):
        os.dup2(file, number)
    for file in (stdin, output):
        os.close(file)
    for number, name, errors in ((1, "stdout", "strict"), (2, "stderr", "backslashreplace")):
        binary = open(number, "wb", 0, closefd=False)  # noqa: SIM115 it is the process's for good
        setattr(sys, name, io.TextIOWrapper(binary, "utf-8", errors, write_through=True))
    os.chdir(order.folder)
    given = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.path[:] = [order.folder, *given, *(path for path in sys.path if path not in old)]
    sys.argv = order.words
    importlib.invalidate_caches()  # the project came after this process had looked
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()  # else the chance in all forks would be the same


def run_program() -> None:
    """Run what this process has become; it ends as a program ends."""
    kind, what = sys.argv[0], sys.argv[1]
    sys.excepthook = tell
    if kind == "-m":
        sys.argv = sys.argv[1:]
        if not there(what):
            raise SystemExit(f"{sys.executable}: No module named {what}")
        runpy.run_module(what, run_name="__main__", alter_sys=True)
        return
    sys.argv = ["-c", *sys.argv[2:]]
    main = type(sys)("__main__")
    sys.modules["__main__"] = main
    exec(compile(what, "<string>", "exec"), vars(main))  # noqa: S102 as python -c does


def there(module: str) -> bool:
    """Return whether there is a module of that name."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # of its package
        return False


def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print an error as Python does, without the frames that only a fork has above the program."""
    own = trace
    while own and own.tb_frame.f_code.co_filename in ABOVE:
        own = own.tb_next
    traceback.print_exception(kind, error, own)


if __name__ == "__main__":
    main()
