"""One server a workspace, ready when `start` returns, and never left behind."""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from widgets.services.server import ModelServer, ServerError, environment
from widgets.services.status import is_server, process_of, read_told

UNIX = pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")


def wait_for(true, seconds=15):
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)


def process(layout):
    return process_of(read_told(layout))


def by_hand(layout):
    """Start the server as somebody does in a terminal."""
    started = subprocess.Popen(
        [sys.executable, "-m", "flights.serve"], cwd=layout.project, env=environment(layout)
    )
    wait_for(lambda: read_told(layout))
    return started


def test_it_starts_answers_and_ends(server, layout):
    assert server.status().running is False
    found = server.start()
    assert (found.running, found.ready, found.version, found.problem) == (True, True, 3, "")
    assert server.status() == found
    running = process(layout)
    server.stop()
    assert not running.is_running()
    assert server.status().problem == ""
    assert "ended in order" in server.log.read_text()
    server.stop()


def test_starting_twice_gives_the_same_server(server, layout):
    first = server.start()
    pid = read_told(layout).pid
    assert server.start() == first and ModelServer(layout).start() == first
    assert read_told(layout).pid == pid


def test_two_at_once_give_one_server(server, layout, mode):
    other = ModelServer(layout)
    with ThreadPoolExecutor(2) as pool:
        urls = {found.url for found in pool.map(lambda each: each.start(), (server, other))}
    try:
        assert len(urls) == 1
    finally:
        other.stop()


def test_it_works_for_this_workspace_alone(server, layout):
    server.start()
    wanted = {
        "FLIGHTS_WORKSPACE": str(layout.root),
        "GIT_CEILING_DIRECTORIES": str(layout.root),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
        "PYTHONPATH": str(layout.project),
        "PYTHONUNBUFFERED": "1",
    }
    assert server.ask("/predict", dict.fromkeys(wanted)) == (200, wanted)


def test_without_a_model_it_runs_and_is_not_ready(server, mode):
    mode("no model")
    found = server.start()
    assert (found.running, found.ready, found.version) == (True, False, None)
    assert "cannot answer questions yet" in found.problem


def test_one_that_does_not_start_is_told_with_its_last_words(server, layout, mode):
    mode("crash")
    with pytest.raises(ServerError, match="the champion cannot be found") as told:
        server.start()
    assert str(server.log) in str(told.value)
    mode("")
    assert server.start().ready


def test_a_project_without_a_server_is_told(server, layout):
    (layout.project / "flights" / "serve.py").unlink()
    with pytest.raises(ServerError, match=r"exercise 3\.2"):
        server.start()
    assert server.ask("/ready") == (0, {"problem": "No model server runs here yet: exercise 3.2."})


def test_a_slow_start_shows_that_something_goes_on(server, mode):
    mode("slow")
    ticks = []
    server.start(lambda: ticks.append(1))
    assert ticks


@UNIX
def test_a_server_that_died_is_noticed_and_started_again(server, layout):
    server.start()
    process(layout).kill()
    wait_for(lambda: not server.status().running and server.status().problem)
    wait_for(lambda: "ended by itself" in server.status().problem)
    assert server.ask("/ready")[0] == 0
    assert server.start().ready
    assert server.status().problem == ""


@UNIX
def test_one_started_in_a_terminal_is_found_and_can_be_stopped(server, layout):
    started = by_hand(layout)
    assert server.start().ready and read_told(layout).pid == started.pid
    server.stop()
    assert started.wait(5) == 0
    assert not server.status().running


@UNIX
def test_one_in_a_terminal_that_was_killed_is_told(server, layout):
    started = by_hand(layout)
    started.kill()
    started.wait()
    assert "ended without a word" in server.status().problem
    assert server.start().ready


@pytest.mark.slow
@UNIX
def test_one_that_hears_no_signal_is_ended_all_the_same(server, layout, mode):
    mode("deaf")
    started = by_hand(layout)
    server.stop()
    assert not psutil.pid_exists(started.pid)


@pytest.mark.slow
@UNIX
def test_one_that_does_not_answer_is_told_and_makes_room_for_another(server, layout, mode):
    mode("hang")
    started = by_hand(layout)
    assert "does not answer" in server.status().problem
    mode("")
    assert server.start().ready
    assert not psutil.pid_exists(started.pid)


@UNIX
def test_one_that_is_just_starting_elsewhere_is_waited_for(server, layout, mode):
    code = (package := layout.project / "flights" / "serve.py").read_text()
    late = code.replace("signal.signal(", "time.sleep(1.5)\nsignal.signal(")
    package.write_text(late)
    with subprocess.Popen(
        [sys.executable, "-m", "flights.serve"], cwd=layout.project, env=environment(layout)
    ) as started:
        wait_for((layout.serving / "server.lock").exists)
        found = server.start()
        assert found.ready and read_told(layout).pid == started.pid
        assert not server.kept
        server.stop()


def test_the_number_of_another_program_is_not_taken_for_a_server(server, layout):
    layout.serving.mkdir(parents=True)
    told = {"url": "http://127.0.0.1:9", "pid": os.getpid()}
    layout.server_file.write_text(json.dumps(told))
    assert not server.status().running
    server.stop()
    assert not layout.server_file.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"url": 3}', '{"url": "x", "pid": -1}'])
def test_a_damaged_file_is_no_server(server, layout, text):
    layout.serving.mkdir(parents=True)
    layout.server_file.write_text(text)
    assert not server.status().running
    assert server.start().ready


def test_a_server_is_known_by_its_words():
    assert is_server(["/usr/bin/python", "-m", "flights.serve", "--port", "8000"])
    assert is_server(["python", "/w/project/flights/serve.py"])
    assert is_server(["python", "C:\\venv\\Scripts\\flights-serve.exe"])
    assert not is_server(["python", "-m", "flights.server"])
    assert not is_server(["vim", "tests/serve.py"])
    assert not is_server([])


OWNER = """
import sys, time
from widgets.base.paths import Layout
from widgets.services.server import ModelServer
server = ModelServer(Layout.current())
server.start()
print(server._keeper.pid, flush=True)
time.sleep(100)
"""


def owner(layout):
    """Start another process that starts the server; return both and the keeper."""
    started = subprocess.Popen(
        [sys.executable, "-c", OWNER],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"MATURITY_WORKSPACE": str(layout.root)},
    )
    keeper = psutil.Process(int(started.stdout.readline()))
    started.stdout.close()
    return started, keeper, process(layout)


@pytest.mark.slow
@UNIX
@pytest.mark.parametrize("word", ["", "deaf"])
def test_it_ends_with_its_owner_even_when_that_is_killed(server, layout, mode, word):
    mode(word)
    started, keeper, running = owner(layout)
    started.kill()
    started.wait()
    wait_for(lambda: not running.is_running() and not keeper.is_running())
    assert layout.server_file.exists() == bool(word)
    assert not server.status().running


@pytest.mark.slow
@UNIX
def test_if_its_keeper_is_killed_it_is_found_again(server, layout):
    started, keeper, running = owner(layout)
    keeper.kill()
    started.kill()
    started.wait()
    assert running.is_running()
    assert server.status().ready and server.start().ready
    server.stop()
    assert not running.is_running()


@pytest.mark.slow
@UNIX
def test_the_keeper_is_small_and_uses_the_standard_library_alone(server, layout):
    started, keeper, _ = owner(layout)
    memory = keeper.memory_full_info().uss / 2**20
    started.kill()
    started.wait()
    assert memory < 15
    code = (
        "import sys; before = set(sys.modules); import widgets.services.keeper; "
        "print({name.split('.')[0] for name in set(sys.modules) - before} - "
        "set(sys.stdlib_module_names) - {'widgets'})"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"


def test_a_server_with_older_code_than_the_project_is_told(server, layout):
    server.start()
    assert not server.status().outdated
    changed = layout.project / "flights" / "predictions.py"
    changed.write_text("# new\n", encoding="utf-8")
    os.utime(changed, (time.time() + 5, time.time() + 5))
    found = server.status()
    assert found.outdated and "anew" in found.problem and found.ready
