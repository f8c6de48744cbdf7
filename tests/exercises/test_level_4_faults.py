"""What the learner's loop, rollouts and audit log do when something is bad.

Real processes, a real registry, real files. What the checks of Level 4 try already (labels that
come late, twice or contradict each other, bad candidates, kills, damaged logs) is not repeated.
"""

import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.benchmarks.pipeline import make_workspace
from tests.exercises.programs import run, start
from widgets.base.paths import KIT_ROOT, Layout
from widgets.mlflow_ui.store import QUIET

pytestmark = pytest.mark.slow

# Three versions that the gate let through; version 1 serves.
PREPARE = """
import mlflow
from flights.code import code_version
from flights.pipeline import register
from flights.settings import read_settings
from flights.store import connect
from flights.tracking import log_training, tags
from flights.train import load_flights
from flights.training import train_and_measure

settings = read_settings()
connect(settings)
flights = load_flights(settings.data).iloc[::8].reset_index(drop=True)
labels = tags(settings, code_version(settings.root), "digest", "manual")
client = mlflow.MlflowClient()
for _ in range(3):
    number = register(log_training(train_and_measure(flights), labels, settings), labels, settings)
    client.set_model_version_tag(settings.model, str(number), "gate.decision", "yes")
client.set_registered_model_alias(settings.model, "champion", "1")
"""
WRITE = """
import sys
from flights.audit import append
from flights.events import Event, now
from flights.settings import read_settings

settings = read_settings()
for number in range(int(sys.argv[2])):
    id = f"{sys.argv[1]}-{number}"
    append(Event(now(), "alert", "fired", id, None, None, None, "loop", "a" * 200), settings)
"""


@pytest.fixture(scope="module")
def made(nursery: None, tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """A workspace with the solved project and three versions; its path holds a space and an é."""
    layout = Layout(tmp_path_factory.mktemp("loop") / "a workspace é")
    make_workspace(layout)
    for level in ("level_3", "level_4"):
        shutil.copytree(KIT_ROOT / "solutions" / level, layout.project, dirs_exist_ok=True)
    done = run(layout, "-c", PREPARE)
    assert done.returncode == 0, done.stdout
    return layout


@pytest.fixture
def layout(made: Layout) -> Layout:
    """That workspace, with nothing written down yet."""
    shutil.rmtree(made.serving, ignore_errors=True)
    shutil.rmtree(made.root / "keys", ignore_errors=True)
    return made


def told(layout: Layout, code: str, lines: str) -> str:
    """Return what a piece of Python prints that reads lines on its standard input."""
    env = os.environ | QUIET | {"FLIGHTS_WORKSPACE": str(layout.root)}
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        input=lines,
        cwd=layout.project,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    return ended.stdout


def verify(layout: Layout) -> str:
    """Return what the learner's verifier says."""
    said: str = run(layout, "-c", "from flights.audit import main; main([])").stdout
    return said.strip()


def test_two_writers_make_one_chain(layout):
    writers = [start(layout, ["-c", WRITE, name, "40"]) for name in ("a", "b")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    assert verify(layout) == "80 lines, none was changed"


# No file of this process may have more than 5,000 bytes, as on a full disk.
FULL_DISK = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))"


def test_a_full_disk_leaves_no_half_line_and_the_chain_goes_on_afterwards(layout):
    done = run(layout, "-c", FULL_DISK + WRITE, "a", "40")
    assert done.returncode != 0 and "OSError" in done.stdout
    text = layout.events_log.read_text(encoding="utf-8")
    assert text.endswith("\n") and 3 < text.count("\n") < 40
    assert verify(layout).endswith("none was changed")
    assert run(layout, "-c", WRITE, "b", "1").returncode == 0
    assert verify(layout) == f"{text.count(chr(10)) + 1} lines, none was changed"


def test_what_cannot_be_written_down_is_not_done(layout):
    code = """
from flights import audit
from flights.deploy import champion, change_over
from flights.settings import read_settings
from flights.store import connect

def full(file, line):
    raise OSError(28, "No space left on device")

audit.append_line = full
settings = read_settings()
connect(settings)
settings.serving.mkdir(exist_ok=True)
try:
    change_over("deploy", 2, "gate", "a test", settings)
except OSError as error:
    print(error.strerror, champion(settings))
"""
    assert run(layout, "-c", code).stdout.strip() == "No space left on device 1"


def test_a_lost_key_keeps_a_version_out_and_says_so(layout):
    code = """
from flights import policy, release
from flights.keys import keys_folder
from flights.settings import read_settings
from flights.store import connect

settings = read_settings()
connect(settings)
release.main(["2"])
(keys_folder(settings) / "signing.key").unlink()
print("code", release.main(["3"]))
for number in (2, 3):
    reasons = {reason.name: reason for reason in policy.judge(number, settings).reasons}
    print(number, reasons["signature"].passed, reasons["signature"].text)
"""
    said = run(layout, "-c", code).stdout
    assert "is lost" in said and "code 1" in said
    assert "2 True as signed" in said and "3 False" in said and "this workspace's key" in said


def test_the_registry_away_during_a_promotion_changes_nothing_and_is_mended_afterwards(layout):
    code = """
import sys
from datetime import datetime, timedelta

import mlflow
from flights import clock, observe, rollout
from flights.canary import Trial
from flights.deploy import champion
from flights.events import read_events
from flights.rollout_state import read_rollout
from flights.settings import read_settings
from flights.store import connect

settings = read_settings()
connect(settings)
begin = datetime.fromisoformat("2013-06-01T04:00:00+00:00")
good = Trial(30.0, 0, "", 5.0, 200, 0.5, 0.5, 0.03)
rollout.observe = lambda *_: good
clock.set_time(begin)
rollout.start(2, settings)
clock.set_time(begin + timedelta(days=2))
rollout.advance(settings)
move = mlflow.MlflowClient.set_registered_model_alias

def away(*words, **more):
    raise mlflow.MlflowException("the registry cannot be reached")

mlflow.MlflowClient.set_registered_model_alias = away
clock.set_time(begin + timedelta(days=4))
try:
    rollout.advance(settings)
except mlflow.MlflowException as error:
    print("failed:", error)
print("champion", champion(settings), "tried", read_rollout(settings).version)
mlflow.MlflowClient.set_registered_model_alias = move
clock.set_time(begin + timedelta(days=4, hours=1))
rollout.advance(settings)
print("champion", champion(settings), "tried", read_rollout(settings))
steps = [f"{event.kind} {event.step}" for event in read_events(settings)]
print(steps)
move(mlflow.MlflowClient(), settings.model, "champion", "1")
"""
    said = run(layout, "-c", code).stdout
    assert "failed: the registry cannot be reached" in said
    assert "champion 1 tried 2" in said and "champion 2 tried None" in said
    assert said.count("'canary promoted'") == 1 and said.count("'deploy undone'") == 1


def test_nights_without_traffic_are_unknown_and_alarm_nobody(layout):
    moments = [{"now": f"2013-06-{day:02d}T04:00:00+00:00"} for day in range(1, 31)]
    code = "from flights.loop import main; main([])"
    lines = "".join(json.dumps(line) + "\n" for line in moments)
    said = told(layout, code, lines)
    answers = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert len(answers) == 30 and all(answer["events"] == [] for answer in answers), said
    nights = (layout.serving / "signals.jsonl").read_text(encoding="utf-8").splitlines()
    assert {json.loads(night)["loss_excess"] for night in nights} == {None}


def test_rules_that_cannot_be_read_are_told_in_each_answer(layout):
    rules = layout.project / "alerts.toml"
    whole = rules.read_text(encoding="utf-8")
    rules.write_text(whole.replace("for_days = 2", "for_day = 2"), encoding="utf-8")
    try:
        line = json.dumps({"now": "2013-06-02T04:00:00+00:00"}) + "\n"
        said = told(layout, "from flights.loop import main; main([])", line)
    finally:
        rules.write_text(whole, encoding="utf-8")
    assert "rule loss" in said and "for_day" in said


def test_an_alert_reaches_a_listener_on_this_machine_and_no_other(layout):
    code = """
import http.server
import threading
from flights.webhook import send

heard = []

class Listener(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        heard.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.send_response(204)
        self.end_headers()

    def log_message(self, *words):
        pass

server = http.server.HTTPServer(("127.0.0.1", 0), Listener)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(send(f"http://127.0.0.1:{server.server_port}/alerts", {"id": "loss-2013-06-02"}), heard)
server.shutdown()
print(send("http://example.org/", {}), send("http://127.0.0.1:9/", {}), send("", {}))
"""
    said = run(layout, "-c", code).stdout
    assert 'True [\'{"id": "loss-2013-06-02"}\']' in said
    assert "False False False" in said and "only http://127.0.0.1 is allowed" in said
