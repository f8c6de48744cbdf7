"""Where things lie, and the traps that a test sets: at a certain moment something goes wrong."""

import json
import os
import signal
import sys
import time
from pathlib import Path

WORKSPACE = Path(os.environ["FLIGHTS_WORKSPACE"])
SERVING = WORKSPACE / "serving"
SERVING.mkdir(parents=True, exist_ok=True)


def append(name, entry):
    with (SERVING / name).open("a") as file:
        file.write(json.dumps(entry) + "\n")


def read(name):
    path = SERVING / name
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def trap(where, moment=""):
    """Do what the test wants done here, once."""
    path = WORKSPACE.parent / "trap.json"
    if not path.exists():
        return
    found = json.loads(path.read_text())
    if (found["where"], found["moment"]) != (where, moment):
        return
    path.unlink()
    match found["do"]:
        case "kill the driver":
            os.kill(int(os.environ["DRIVER"]), signal.SIGKILL)
            time.sleep(0.1)
        case "die":
            print("I cannot go on", file=sys.stderr, flush=True)
            os._exit(7)
        case "be killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "hang":
            print("I am waiting", file=sys.stderr, flush=True)
            time.sleep(60)
        case text:  # said in the place of an answer
            print(text, flush=True)
