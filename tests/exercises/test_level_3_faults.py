"""What the learner's server and its commands say and leave when something is bad.

Real processes, a real registry, real HTTP. What the checks of Level 3 try already (wrong requests,
broken champions, a registry that is gone, kills between the steps) is not repeated here.
"""

import http.client
import importlib.util
import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from types import ModuleType

import pandas as pd
import pytest

from tests.benchmarks.pipeline import make_workspace
from tests.exercises.programs import run
from tests.exercises.programs import start as started
from widgets.base.paths import KIT_ROOT, Layout
from widgets.exercise.checker import FLIGHTS
from widgets.exercise.programs import Program
from widgets.mlflow_ui.store import QUIET

pytestmark = pytest.mark.slow

SHARED = KIT_ROOT / "exercises" / "shared"
# Two versions that the gate let through, and a champion; nothing else of the level is called.
PREPARE = """
import mlflow
from flights.pipeline import register
from flights.settings import read_settings
from flights.store import connect
from flights.tracking import log_training, tags
from flights.code import code_version
from flights.train import load_flights
from flights.training import train_and_measure

settings = read_settings()
settings.seams.clear()
connect(settings)
flights = load_flights(settings.data).iloc[::8].reset_index(drop=True)
labels = tags(settings, code_version(settings.root), "digest", "manual")
client = mlflow.MlflowClient()
for _ in range(2):
    number = register(log_training(train_and_measure(flights), labels, settings), labels, settings)
    client.set_model_version_tag(settings.model, str(number), "gate.decision", "yes")
client.set_registered_model_alias(settings.model, "champion", "1")
"""
# A deployment of version 2 that dies when the alias has moved.
KILLED_BEFORE_SETTLING = """
import os
from flights import deploy
from flights.settings import read_settings

deploy.settle = lambda *given: os._exit(9)
deploy.deploy("2", "a test", read_settings())
"""
# A router whose second look fails as on a full disk; it tells how many followed, and what it says.
UNLUCKY = """
import time
from flights import router
from flights.counters import Counters
from flights.settings import read_settings

class Unlucky(router.ChampionRouter):
    looks = 0

    def look(self):
        self.looks += 1
        if self.looks == 2:
            raise OSError("no space left")

router.POLL = 0.01
unlucky = Unlucky(read_settings(), Counters())
unlucky.start()
until = time.monotonic() + 10
while unlucky.looks < 4 and time.monotonic() < until:
    time.sleep(0.01)
unlucky.stop()
print("looks:", min(unlucky.looks, 4), unlucky.readiness().problem)
"""


def shared_server() -> ModuleType:
    """Return the module with which the checks of Level 3 start a server."""
    spec = importlib.util.spec_from_file_location("_server", SHARED / "_server.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["_server"] = module
    spec.loader.exec_module(module)
    return module


Server, asked = shared_server().Server, shared_server().asked


@pytest.fixture(scope="module")
def layout(nursery: None, tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """A workspace with the solved project and two versions; its path holds a space and an é."""
    layout = Layout(tmp_path_factory.mktemp("serving") / "a workspace é")
    make_workspace(layout)
    shutil.copytree(KIT_ROOT / "solutions" / "level_3", layout.project, dirs_exist_ok=True)
    done = run(layout, "-c", PREPARE)
    assert done.returncode == 0, done.stdout
    return layout


@pytest.fixture(autouse=True)
def environment(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the servers that a test starts work in that workspace."""
    for name, value in (QUIET | {"FLIGHTS_WORKSPACE": str(layout.root)}).items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def start(layout: Layout) -> Iterator[Callable[[], "Server"]]:
    """A function that starts a server; each is ended after the test."""
    servers = []

    def do() -> "Server":
        servers.append(Server(Program, layout.project, layout.root))
        return servers[-1]

    yield do
    for server in servers:
        server.kill()


@pytest.fixture(scope="module")
def flights() -> pd.DataFrame:
    return pd.read_parquet(FLIGHTS / "2013-04.parquet").head(1000)


def test_a_log_that_cannot_be_written_is_counted_and_nobody_goes_without_an_answer(
    layout, start, flights
):
    server = start()
    with closing(sqlite3.connect(layout.predictions_db, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        (answer,) = server.predict(flights.head(1))
        assert 0 < answer["probability"] < 1 and answer["prediction_id"] == ""
        assert server.metric("flights_prediction_log_errors_total") == 1
    (answer,) = server.predict(flights.head(1))
    assert len(answer["prediction_id"]) == 32


def test_a_damaged_log_is_said_at_the_start(layout):
    shutil.rmtree(layout.serving, ignore_errors=True)
    layout.serving.mkdir()
    layout.predictions_db.write_bytes(b"this is no database" * 100)
    try:
        done = run(layout, "-m", "flights.serve")
        assert done.returncode == 1
        assert "predictions.db" in done.stdout and "Traceback" not in done.stdout, done.stdout
    finally:
        layout.predictions_db.unlink()


def test_a_second_server_says_where_the_first_one_is(layout, start):
    start()
    done = run(layout, "-m", "flights.serve")
    assert done.returncode == 1
    assert "running already: http://127.0.0.1:" in done.stdout
    assert layout.server_file.exists(), "the second one took the address of the first away"


def test_a_port_that_is_taken_is_said(layout, start):
    start()
    port = json.loads(layout.server_file.read_text())["url"].rpartition(":")[2]
    other = Layout(layout.root.with_name("another"))
    shutil.copytree(layout.root, other.root, ignore=shutil.ignore_patterns("serving", "mlflow"))
    done = run(other, "-m", "flights.serve", "--port", port)
    assert done.returncode == 1
    assert "cannot start" in done.stdout and "Traceback" not in done.stdout, done.stdout


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(layout, start, how):
    server = start()
    os.kill(server.process.pid, how)
    assert server.process.wait(10) == 0
    assert not layout.server_file.exists()
    assert "Traceback" not in server.said()


@pytest.mark.skipif(os.name == "nt", reason="there the folder's owner decides, not a mode")
def test_only_who_can_read_the_token_is_answered(layout, start, flights):
    server = start()
    token = layout.server_token.read_text()
    assert layout.server_token.stat().st_mode & 0o777 == 0o600
    one = {"flights": asked(flights.head(1))}
    for key in ("", token, f"Bearer {token}x", f"Bearer {token[:-1]}", "Bearer ", "Basic OjE="):
        for path, body in (("/predict", one), ("/ready", None), ("/metrics", None), ("/", None)):
            status, answer = server.ask(path, body, Authorization=key)
            assert status == 401 and "serving/token" in answer["detail"], (key, path)
    assert server.metric("flights_predictions_total") == 0, "a refused question was answered"
    for path in ("/health", "/openapi.json"):
        assert server.ask(path, Authorization="")[0] == 200
    assert len(server.predict(flights.head(1))) == 1
    server.stop()
    assert not layout.server_token.exists()
    start()
    assert layout.server_token.read_text() != token, "an old token opens a new server"


def test_foreign_hosts_are_refused_even_with_the_token(start, flights):
    server = start()
    one = {"flights": asked(flights.head(1))}
    for host in ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1"):
        for path, body in (("/predict", one), ("/ready", None), ("/health", None)):
            assert server.ask(path, body, Host=host)[0] == 400, (host, path)


def test_after_a_kill_the_next_one_starts(layout, start, flights):
    start().kill()
    assert layout.server_file.exists()
    assert len(start().predict(flights)) == 1000, "a thousand flights are one request"


def test_a_body_without_end_is_cut_off(layout, start):
    server = start()
    port = int(json.loads(layout.server_file.read_text())["url"].rpartition(":")[2])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with closing(connection):
        pieces = (b"x" * 100_000 for _ in range(100))
        try:
            connection.request("POST", "/predict", body=pieces, encode_chunked=True)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it did not want the rest
        else:
            assert connection.getresponse().status == 413
    assert server.ask("/health")[0] == 200


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["flights.rollback", "--reason", "too early"], "nothing to go back to"),
        (["flights.rollback"], "say why"),
        (["flights.deploy", "9", "--reason", "why not"], "has no '9'"),
        (["flights.deploy", "1"], "say why"),
        (["flights.gate", "9"], "has no '9'"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(layout, words, said):
    done = run(layout, "-m", *words)
    assert done.returncode == 1
    assert said in done.stdout and "Traceback" not in done.stdout, done.stdout


def test_what_was_interrupted_and_the_server_refuses_is_undone(layout, start):
    server = start()
    newest = max(
        layout.mlflow_artifacts.rglob("model.skops"), key=lambda file: file.stat().st_mtime
    )
    whole = newest.read_bytes()
    newest.write_bytes(whole[:1000])
    try:
        killed = run(layout, "-c", KILLED_BEFORE_SETTLING)
        assert killed.returncode == 9, killed.stdout
        said = run(layout, "-m", "flights.deploy", "--resume").stdout
    finally:
        newest.write_bytes(whole)
    assert "go on by themselves" in said, said
    events = [json.loads(line) for line in layout.events_log.read_text().splitlines()]
    assert [event["step"] for event in events[-4:-1]] == ["intent", "moved", "undone"]
    assert "cannot serve" in events[-2]["cause"]
    assert server.ready()["wanted"] == 1 or server.wait_for(1)


def test_a_look_that_fails_is_told_and_is_not_the_last(layout):
    said = run(layout, "-c", UNLUCKY).stdout
    assert "looks: 4 the last look failed: no space left" in said, said


@pytest.mark.soak
def test_log_and_registry_agree_after_a_kill_at_any_moment(layout):
    ask = """
import sys
from flights.deploy import champion, one_change_over
from flights.settings import read_settings
from flights.store import connect
settings = read_settings()
connect(settings)
with one_change_over(settings):
    print(champion(settings))
"""
    chance = random.Random(3)
    for number in range(40):
        words = ["-m", "flights.deploy", str(1 + number % 2), "--reason", "a test"]
        process = started(layout, words)
        time.sleep(chance.uniform(0.2, 2.0))
        process.kill()
        now = int(run(layout, "-c", ask).stdout.strip().splitlines()[-1])
        if layout.events_log.exists():
            last = json.loads(layout.events_log.read_text().splitlines()[-1])
            assert last["step"] in ("done", "undone")
            assert now == (last["version"] if last["step"] == "done" else last["previous"])
