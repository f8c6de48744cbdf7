"""The UI's process: ready in seconds, gone with its owner, and clear about why it did not start."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest

from widgets.mlflow_ui.process import UiError, UiProcess, socket_path
from widgets.mlflow_ui.store import ensure_store

UNIX = pytest.mark.skipif(os.name == "nt", reason="there are no unix sockets")


def ask(process, path, data=None, **headers):
    kind = {"Content-Type": "application/json", "Authorization": f"Bearer {process.token}"}
    request = urllib.request.Request(
        f"http://127.0.0.1:{process.port}/{path}",
        data and json.dumps(data).encode(),
        {**kind, **{name.replace("_", "-"): text for name, text in headers.items()}},
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
        return answer.read().decode()


@pytest.mark.slow
def test_it_serves_a_workspace_that_had_no_database_and_refuses_other_sites(layout):
    process = UiProcess(layout, port=0)
    try:
        process.wait_until_ready()
        assert ask(process, "health") == "OK"
        assert "mlflow.assistant.panelOpen_v1" in ask(process, "")
        search = "ajax-api/2.0/mlflow/experiments/search"
        found = json.loads(ask(process, search, {"max_results": 5}))["experiments"]
        assert [each["name"] for each in found] == ["Default"]
        assert not psutil.Process(process.process.pid).children()
        refuses_to_move_an_alias(process)
        assert process.token not in process.log.read_text()
        assert process.token not in " ".join(psutil.Process(process.process.pid).cmdline())
        assert process.shows_what_is_there
        layout.mlflow_db.rename(layout.mlflow / "old.db")
        ensure_store(layout)
        assert not process.shows_what_is_there
    finally:
        process.stop()
    assert not process.running


def refuses_to_move_an_alias(process):
    """Try all that a page from elsewhere, or a neighbour, can do to move an alias."""
    api = "api/2.0/mlflow"
    ask(process, f"{api}/registered-models/create", {"name": "m"})
    for _ in range(2):
        ask(process, f"{api}/model-versions/create", {"name": "m", "source": "s3://bucket/m"})
    move = f"{api}/registered-models/alias"

    def to(version):
        return {"name": "m", "alias": "champion", "version": version}

    own = {"Authorization": "", "Cookie": f"maturity-mlflow-{process.port}={process.token}"}
    ask(process, move, to("1"), **own)  # what the UI's own pages do
    for headers, refused in (
        ({"Authorization": ""}, 401),
        ({"Authorization": "", "Origin": f"http://127.0.0.1:{process.port}"}, 401),
        ({**own, "Origin": "https://evil.example"}, 403),
        ({**own, "Origin": "https://evil.example", "Content_Type": "text/plain"}, 403),
        ({**own, "Origin": "http://127.0.0.1:1"}, 403),
        ({**own, "Sec_Fetch_Site": "cross-site", "Content_Type": "text/plain"}, 403),
        ({**own, "Sec_Fetch_Site": "same-site"}, 403),
        ({**own, "Host": "evil.example"}, 400),
        ({**own, "Host": "evil.example", "Origin": "http://evil.example"}, 400),
        ({"Host": "evil.example"}, 400),  # DNS rebinding
    ):
        with pytest.raises(urllib.error.HTTPError) as answer:
            ask(process, move, to("2"), **headers)
        assert answer.value.code == refused, headers
    (found,) = json.loads(ask(process, f"{api}/registered-models/search"))["registered_models"]
    assert found["aliases"] == [{"alias": "champion", "version": "1"}]


@pytest.mark.slow
def test_in_a_codespace_its_own_forwarded_pages_are_answered_and_no_others(layout, monkeypatch):
    monkeypatch.setenv("CODESPACE_NAME", "my-space")
    monkeypatch.setenv("GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN", "app.github.dev")
    process = UiProcess(layout, port=0)
    try:
        process.wait_until_ready()
        search, most = "ajax-api/2.0/mlflow/experiments/search", {"max_results": 5}
        own = f"https://my-space-{process.port}.app.github.dev"
        assert "Default" in ask(process, search, most, Origin=own)
        cookie = f"maturity-mlflow-{process.port}={process.token}"
        page = {"Authorization": "", "Cookie": cookie, "Sec-Fetch-Site": "same-origin"}
        assert "Default" in ask(process, search, most, Origin=own, **page)
        for other in ("https://your-space-80.app.github.dev", "https://my-space-80.app.github.dev"):
            with pytest.raises(urllib.error.HTTPError, match="403"):
                ask(process, search, most, Origin=other)
            with pytest.raises(urllib.error.HTTPError, match="403"):
                ask(process, search, most, Origin=other, **page)
    finally:
        process.stop()


@pytest.mark.slow
def test_a_damaged_database_is_told_with_the_logs_last_lines(layout):
    layout.mlflow.mkdir(parents=True)
    layout.mlflow_db.write_bytes(b"this is no database" * 100)
    process = UiProcess(layout)
    with pytest.raises(UiError, match=r"did not start(.|\n)*file is not a database") as told:
        process.wait_until_ready()
    assert str(process.log) in str(told.value) and "Fatal" not in str(told.value)
    assert process.failed and not process.running
    assert process.socket is None or not Path(process.socket).parent.exists()


OWNER = """
import sys, time
from widgets.base.paths import Layout
from widgets.mlflow_ui.process import UiProcess
process = UiProcess(Layout.current())
if sys.argv[1] == "ready":
    process.wait_until_ready()
print(process.process.pid, process.socket, flush=True)
time.sleep(100)
"""


@UNIX
@pytest.mark.slow
@pytest.mark.parametrize("when", ["ready", "starting"])
def test_it_ends_with_its_owner_even_when_that_is_killed(layout, when):
    owner = subprocess.Popen([sys.executable, "-c", OWNER, when], stdout=subprocess.PIPE, text=True)
    pid, _, where = owner.stdout.readline().strip().partition(" ")
    ui = psutil.Process(int(pid))
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    until = time.monotonic() + 20
    while (ui.is_running() or Path(where).parent.exists()) and time.monotonic() < until:
        time.sleep(0.05)
    assert not ui.is_running()
    assert not Path(where).parent.exists()


@UNIX
def test_the_socket_lies_in_a_folder_of_this_user_alone():
    path = Path(socket_path())
    assert path.parent.stat().st_mode & 0o777 == 0o700
    path.parent.rmdir()


@UNIX
def test_a_folder_for_temporary_files_with_too_long_a_path_means_a_port(tmp_path, monkeypatch):
    deep = tmp_path / ("long" * 30)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    assert socket_path() is None
    assert not list(deep.iterdir())
