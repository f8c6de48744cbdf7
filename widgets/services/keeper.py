"""The process between the kit and the server: it ends the server when the kit is gone.

`python -m widgets.services.keeper PROGRAM …` runs a program until it ends, or until the standard
input does: that closes when whoever started this dies, by whatever. It uses the standard library
alone, so that it costs next to nothing.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress

POLITE_SECONDS = 5.0
WINDOWS = sys.platform == "win32"
POLITELY: int = getattr(signal, "CTRL_BREAK_EVENT", signal.SIGTERM)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a program to its end; return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    program = subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        start_new_session=not WINDOWS,  # a family of its own, which can be ended as one
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )
    threading.Thread(target=wait_for_input, args=(over,), daemon=True).start()
    threading.Thread(target=wait_for_program, args=(program, over), daemon=True).start()
    while not over.wait(3600):
        pass
    end(program)
    return program.wait()


def wait_for_input(over: threading.Event) -> None:
    """Wait for the end of the standard input."""
    with suppress(OSError):
        while os.read(0, 1024):
            pass
    over.set()


def wait_for_program(program: "subprocess.Popen[bytes]", over: threading.Event) -> None:
    """Wait until the program has ended by itself."""
    program.wait()
    over.set()


def end(program: "subprocess.Popen[bytes]") -> None:
    """End the program in order; if that takes too long, with all that it has started."""
    if program.poll() is None:
        with suppress(OSError):
            program.send_signal(POLITELY)
        with suppress(subprocess.TimeoutExpired):
            program.wait(POLITE_SECONDS)
    with suppress(OSError):
        if sys.platform != "win32":
            os.killpg(program.pid, signal.SIGKILL)  # also what it has left in the background
        elif program.poll() is None:
            subprocess.run(["taskkill", "/T", "/F", "/PID", str(program.pid)], check=False)


if __name__ == "__main__":
    sys.exit(main())
