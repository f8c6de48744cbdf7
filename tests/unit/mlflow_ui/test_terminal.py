"""`maturity ui` prints an address that answers, and Ctrl-C ends it."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from functools import partial

import psutil
import pytest


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="a Ctrl-C cannot be sent there to one process alone")
def test_the_address_answers_until_ctrl_c(layout):
    # A terminal's programs hear Ctrl-C; those of a shell's background do not, and the tests may
    # run there.
    listen = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    words = [sys.executable, "-m", "widgets.cli", "ui", "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, preexec_fn=listen) as command:
        try:
            address = json.loads(command.stdout.readline())["address"]
            assert address.startswith("http://127.0.0.1:")
            jar = urllib.request.HTTPCookieProcessor()
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), jar)
            with opener.open(address) as answer:  # as a browser does: the token becomes a cookie
                assert "token" not in answer.url
            with opener.open(f"{answer.url}health") as answer:
                assert answer.read() == b"OK"
            (ui,) = psutil.Process(command.pid).children()
            command.send_signal(signal.SIGINT)
            rest, _ = command.communicate(timeout=20)
        finally:
            command.kill()
    assert command.returncode == 0 and rest == ""
    assert not ui.is_running()
