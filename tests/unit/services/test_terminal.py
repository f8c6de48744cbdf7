"""`maturity serve` and `maturity traffic`: an address that answers, a summary, nothing left."""

import json
import os
import signal
import subprocess
import sys
from functools import partial

import pytest

from widgets.services.status import ask, process_of, read_told
from widgets.world import World

UNIX = pytest.mark.skipif(os.name == "nt", reason="a Ctrl-C cannot be sent there to one alone")
DONE, NOT_YET, MISUSE = 0, 1, 2


def command(layout, *words):
    # A terminal's programs hear Ctrl-C; those of a shell's background do not.
    listen = None if os.name == "nt" else partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    return subprocess.Popen(
        [sys.executable, "-m", "widgets.cli", *words],
        env=os.environ | {"MATURITY_WORKSPACE": str(layout.root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=listen,
    )


def said(layout, *words):
    process = command(layout, *words)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


@UNIX
@pytest.mark.slow
def test_serve_answers_until_ctrl_c(layout):
    process = command(layout, "serve", "--json")
    address = json.loads(process.stdout.readline())["address"]
    running = process_of(read_told(layout))
    assert ask(read_told(layout), "/ready")[0] == 200
    code, out, _ = said(layout, "serve")
    assert code == NOT_YET and f"runs already: {address}" in out
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == DONE and out == ""
    assert not running.is_running() and not layout.server_file.exists()


@UNIX
@pytest.mark.slow
def test_a_server_that_dies_is_said_and_one_can_be_stopped_from_elsewhere(layout, server):
    process = command(layout, "serve")
    while "answers" not in process.stdout.readline():
        pass
    process_of(read_told(layout)).kill()
    _, err = process.communicate(timeout=20)
    assert process.returncode == MISUSE and "has ended by itself" in err
    server.start()
    code, out, _ = said(layout, "serve", "--stop")
    assert (code, out) == (DONE, "Stopped.\n") and not server.status().running
    assert said(layout, "serve", "--stop")[1] == "No model server was running.\n"


@pytest.mark.slow
def test_traffic_brings_its_own_server_if_asked_to(layout):
    World(layout).advance_to("2013-04-01")
    code, out, err = said(layout, "traffic")
    assert code == MISUSE and "maturity serve" in err and not out
    code, out, _ = said(layout, "traffic", "--serve", "--rate", "50", "--seconds", "0.5", "--json")
    value = json.loads(out)
    assert (code, value["flights"], value["failed"]) == (DONE, 25, 0)
    assert value["versions"] == {"3": 25} and not layout.server_file.exists()
    code, out, err = said(layout, "traffic", "--serve", "--until", "2013-04-03")
    assert code == DONE and "flights asked, 0 failed" in out and "latency: p50" in out
    assert "2013-04-02" in err and str(World(layout).today) == "2013-04-03"
    assert not layout.server_file.exists()
