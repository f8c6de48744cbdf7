"""`maturity ui` prints an address that answers, and Ctrl-C ends it."""

import json
import os
import signal
import subprocess
import sys
import urllib.request

import psutil
import pytest


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="a Ctrl-C cannot be sent there to one process alone")
def test_the_address_answers_until_ctrl_c(layout):
    command = subprocess.Popen(
        [sys.executable, "-m", "widgets.cli", "ui", "--json"], stdout=subprocess.PIPE, text=True
    )
    address = json.loads(command.stdout.readline())["address"]
    assert address.startswith("http://127.0.0.1:")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{address}health") as answer:
        assert answer.read() == b"OK"
    (ui,) = psutil.Process(command.pid).children()
    command.send_signal(signal.SIGINT)
    rest, _ = command.communicate(timeout=20)
    assert command.returncode == 0 and json.loads(rest) == {"stopped": True}
    assert not ui.is_running()
