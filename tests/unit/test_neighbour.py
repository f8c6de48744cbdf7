"""Another user of the same machine, and a page from elsewhere: what of ours can they reach?

All that a learner has running runs here, for real. Where these tests run as root, the neighbour is
another user; elsewhere it is the same user without the secrets, and the files' modes are looked at.
"""

import http.client
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from jupyter_client.blocking import BlockingKernelClient

from widgets.base.paths import KIT_ROOT, Layout
from widgets.lab.environment import Environment
from widgets.lab.processes import stop
from widgets.lab.start import free_port, learner_environment, server_command, wait_until_up
from widgets.mlflow_ui.process import UiProcess
from widgets.mlflow_ui.store import ensure_store
from widgets.services.server import ModelServer
from widgets.services.status import read_told

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="there is no second user to be had by a number"),
]
ROOT = getattr(os, "geteuid", lambda: 1)() == 0
NOBODY = 65534
API = "/mlflow/api/2.0/mlflow"
# Imports first: the other user may not be allowed to read them.
NEIGHBOUR = """
import encodings.idna, http.client, json, os, socket, sys, time, zmq
asked = json.load(sys.stdin)
if asked["as"]:
    os.setgroups([]); os.setgid(asked["as"]); os.setuid(asked["as"])

def get(port, method, path, headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, b"{}" if method == "POST" else None, headers)
    answer = connection.getresponse()
    return [answer.status, answer.getheader("Location", "")]

def listen(port):
    subscriber = zmq.Context.instance().socket(zmq.SUB)
    subscriber.linger = 0
    subscriber.subscribe(b"")
    subscriber.connect(f"tcp://127.0.0.1:{port}")
    print("listening", flush=True)
    heard = b""
    while subscriber.poll(asked["seconds"] * 1000):
        heard += b"".join(subscriber.recv_multipart())
    return heard.decode(errors="replace")

def read(path):
    if os.path.isdir(path):
        return os.listdir(path)
    return open(path, "rb").read().decode(errors="replace")

def knock(path):
    socket.socket(socket.AF_UNIX).connect(path)
    return "in"

for what, *words in asked["do"]:
    try:
        told = {"get": get, "listen": listen, "read": read, "knock": knock}[what](*words)
    except PermissionError:
        told = "not permitted"
    print(json.dumps(told), flush=True)
"""


@pytest.fixture(scope="module")
def desk() -> Iterator[SimpleNamespace]:
    """A learner's running things, in a folder that all users of the machine may enter."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        here = Path(name)
        here.chmod(0o755)
        layout = Layout(here / "workspace")
        env = learner_environment(Path(sys.executable), layout)
        env |= {"JUPYTER_TOKEN": secrets.token_hex(16), "JUPYTER_RUNTIME_DIR": str(here / "run")}
        patch = pytest.MonkeyPatch()
        patch.setenv("MATURITY_WORKSPACE", str(layout.root))
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        subprocess.run(
            [sys.executable, "-m", "widgets.cli", "start"], env=env, check=True, capture_output=True
        )
        for level in (1, 2, 3):
            solved = KIT_ROOT / "solutions" / f"level_{level}"
            shutil.copytree(solved, layout.project, dirs_exist_ok=True)
        ensure_store(layout)
        port, log = free_port(9300), layout.logs / "jupyterlab.log"
        with log.open("wb") as out:
            words = server_command(Environment(KIT_ROOT).python, layout, port, browser=False)
            lab = subprocess.Popen(
                words, env=env, cwd=layout.root, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )
        on_port, server = UiProcess(layout, 0), ModelServer(layout)
        try:
            server.start()
            on_port.wait_until_ready()
            wait_until_up(lab, port, log)
            yield SimpleNamespace(
                layout=layout,
                token=env["JUPYTER_TOKEN"],
                runtime=here / "run",
                lab=lab,
                lab_port=port,
                log=log,
                on_port=on_port,
                served=read_told(layout),
            )
        finally:
            server.stop()
            on_port.stop()
            stop(lab)
            patch.undo()


def neighbour(*do: object, seconds: float = 0) -> "subprocess.Popen[str]":
    """Start the neighbour's program; it answers with a line for each thing that it does."""
    process = subprocess.Popen(
        [sys.executable, "-c", NEIGHBOUR],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd="/",
    )
    assert process.stdin
    process.stdin.write(json.dumps({"as": NOBODY if ROOT else 0, "do": do, "seconds": seconds}))
    process.stdin.close()
    return process


def told(process: "subprocess.Popen[str]") -> list[object]:
    """Return the neighbour's answers."""
    assert process.stdout
    with process:
        return [json.loads(line) for line in process.stdout]


class Page:
    """A page in the learner's browser: it has the cookies of JupyterLab, and no token.

    Parameters
    ----------
    desk
        What is running.
    """

    def __init__(self, desk: SimpleNamespace) -> None:
        self._port = desk.lab_port
        self._cookies = ""
        answer, _ = self.ask("GET", f"/lab?token={desk.token}")
        told = answer.headers.get_all("Set-Cookie") or []
        self._cookies = "; ".join(each.partition(";")[0] for each in told)

    def ask(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> tuple[http.client.HTTPResponse, str]:
        """Send a request; return the answer and its text."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=180)
        sent = {name.replace("_", "-"): text for name, text in headers.items()}
        sent = {"Cookie": self._cookies, "Content-Type": "application/json"} | sent
        connection.request(method, path, None if body is None else json.dumps(body), sent)
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
        connection.close()
        return answer, text


@pytest.fixture(scope="module")
def page(desk) -> Page:
    """The learner's page; it has opened the MLflow UI, and there is a model with a champion."""
    page = Page(desk)
    for path, body in (
        ("registered-models/create", {"name": "m"}),
        *[("model-versions/create", {"name": "m", "source": "s3://bucket/m"})] * 2,
        ("registered-models/alias", to_version("1")),
    ):
        answer, text = page.ask("POST", f"{API}/{path}", body)
        assert answer.status == 200, text
    return page


def to_version(version: str) -> dict[str, str]:
    """Return what moves the alias."""
    return {"name": "m", "alias": "champion", "version": version}


def socket_of(desk: SimpleNamespace) -> str:
    """Return the socket of the MLflow UI that JupyterLab has started."""
    for process in psutil.Process(desk.lab.pid).children():
        if "widgets.mlflow_ui.serve" in process.cmdline():
            return process.cmdline()[-1]
    raise AssertionError("JupyterLab has started no MLflow UI")


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


def test_jupyterlab_mlflow_and_the_model_server_do_not_answer_a_neighbour(desk, page):
    own = {"Host": f"127.0.0.1:{desk.lab_port}"}
    answers = told(
        neighbour(
            ["get", desk.lab_port, "GET", "/api/contents", own],
            ["get", desk.lab_port, "POST", "/api/kernels", own],
            ["get", desk.lab_port, "GET", "/mlflow/", own],
            ["get", desk.lab_port, "GET", "/lab", own],
            ["get", desk.on_port.port, "GET", "/", {}],
            ["get", desk.on_port.port, "POST", "/api/2.0/mlflow/registered-models/alias", {}],
            ["get", port_of(desk.served.url), "POST", "/predict", {}],
            ["get", port_of(desk.served.url), "GET", "/ready", {}],
            ["get", port_of(desk.served.url), "GET", "/health", {}],
        )
    )
    contents, kernels, proxied, page, ui, alias, predict, ready, health = answers
    assert (contents[0], kernels[0]) == (403, 403)
    assert all(
        status == 403 or (status == 302 and where.startswith("/login"))
        for status, where in (proxied, page)
    ), answers
    assert [each[0] for each in (ui, alias, predict, ready)] == [401] * 4
    assert health[0] == 200, "the model server is not there at all"


def test_a_neighbour_does_not_hear_what_a_kernel_says(desk):
    connection = http.client.HTTPConnection("127.0.0.1", desk.lab_port, timeout=120)
    key = {"Authorization": f"token {desk.token}", "Content-Type": "application/json"}
    connection.request("POST", "/api/kernels", b'{"name": "python3"}', key)
    answer = connection.getresponse()
    kernel = json.loads(answer.read())["id"]
    assert answer.status == 201
    file = desk.runtime / f"kernel-{kernel}.json"
    listener = neighbour(["listen", json.loads(file.read_text())["iopub_port"]], seconds=2)
    assert listener.stdout.readline() == "listening\n"
    client = BlockingKernelClient(connection_file=str(file))
    client.load_connection_file()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=120)
        said = []
        client.execute_interactive(
            "print('my own business')", timeout=60, output_hook=lambda each: said.append(str(each))
        )
    finally:
        client.stop_channels()
    assert any("my own business" in each for each in said), "the learner does not hear it"
    assert told(listener) == [""]
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "https://evil.example", "Content_Type": "text/plain"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site", "Content_Type": "text/plain"},
        {"Sec_Fetch_Site": "same-site"},
        {"Host": "evil.example"},  # DNS rebinding
        {"Host": "evil.example", "Origin": "http://evil.example"},
    ],
)
def test_a_page_from_elsewhere_cannot_move_an_alias_through_jupyterlab(page, headers):
    answer, _ = page.ask("POST", f"{API}/registered-models/alias", to_version("2"), **headers)
    assert answer.status == 403
    _, text = page.ask("GET", f"{API}/registered-models/get?name=m")
    aliases = json.loads(text)["registered_model"]["aliases"]
    assert aliases == [{"alias": "champion", "version": "1"}]


def test_what_is_secret_can_be_read_by_its_user_alone(desk, page):
    layout = desk.layout
    keys = layout.root / "keys"
    keys.mkdir(exist_ok=True)
    hidden = [
        layout.server_token,
        layout.progress,
        layout.predictions_db,
        layout.root,
        keys,
        desk.runtime,
    ]
    assert layout.root.stat().st_mode & 0o077 == 0
    assert layout.server_token.stat().st_mode & 0o077 == 0
    place = socket_of(desk)
    assert desk.runtime.stat().st_mode & 0o077 == 0, "Jupyter keeps its tokens there"
    assert Path(place).parent.stat().st_mode & 0o077 == 0
    if ROOT:
        answers = told(neighbour(*(["read", str(each)] for each in hidden), ["knock", place]))
        assert answers == ["not permitted"] * (len(hidden) + 1)


def test_nothing_else_listens_and_no_secret_stands_in_a_log_or_a_command_line(desk):
    secret = [desk.token, desk.on_port.token, desk.served.token]
    me = psutil.Process()
    known = {desk.lab_port, desk.on_port.port, port_of(desk.served.url)}
    for file in desk.runtime.glob("kernel-*.json"):
        known |= {port for name, port in json.loads(file.read_text()).items() if "port" in name}
    unknown: list[int] = []
    for process in me.children(recursive=True):
        for line in process.net_connections("inet"):
            if line.status == psutil.CONN_LISTEN:
                assert line.laddr.ip == "127.0.0.1", (process.cmdline(), line)
                # One more of a kernel's: its forks send their output there. It only receives,
                # and drops what does not begin with a random word.
                if line.laddr.port not in known:
                    unknown.append(process.pid)
        assert not any(each in " ".join(process.cmdline()) for each in secret)
    kernels = [
        each for each in me.children(recursive=True) if "ipykernel_launcher" in each.cmdline()
    ]
    assert kernels and unknown == [each.pid for each in kernels]
    for log in desk.layout.logs.iterdir():
        found = [each for each in secret if each in log.read_text(errors="replace")]
        assert not found, log
