"""Reading an MLflow server: the same as its file, and what if it does not answer as it should."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.request import urlopen

import pytest

from widgets.evidence import mlflow_rest
from widgets.evidence.mlflow_rest import RestSource
from widgets.evidence.mlflow_runs import UnseenError
from widgets.evidence.mlflow_source import source_of
from widgets.evidence.mlflow_sqlite import SqliteSource
from widgets.maturity import State

NAME = "late-flights"
Answer = tuple[int, dict[str, str], Any]


@pytest.fixture(scope="module")
def server(shared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of a real MLflow server on the file of `shared`."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = os.environ | {
        "_MLFLOW_SERVER_FILE_STORE": f"sqlite:///{shared.layout.mlflow_db.as_posix()}",
        "_MLFLOW_SERVER_ARTIFACT_ROOT": shared.layout.mlflow_artifacts.as_uri(),
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }
    words = ["uvicorn", "mlflow.server.fastapi_app:app", "--port", str(port), "--log-level=error"]
    address = f"http://127.0.0.1:{port}"
    folder = tmp_path_factory.mktemp("server")
    with subprocess.Popen([sys.executable, "-m", *words], env=env, cwd=folder) as process:
        try:
            until = time.monotonic() + 90
            while True:
                try:
                    urlopen(f"{address}/health", timeout=1).close()
                    break
                except OSError:
                    assert process.poll() is None and time.monotonic() < until
                    time.sleep(0.2)
            yield address
        finally:
            process.terminate()


@pytest.mark.slow
def test_a_server_tells_what_its_file_tells(server, shared):
    told = source_of(server).read(NAME, NAME)
    known = SqliteSource(shared.layout.mlflow_db).read(NAME, NAME)
    assert [run.id for run in told.runs] == shared.runs
    for asked, read in zip(told.runs, known.runs, strict=True):
        assert set(asked.datasets) == set(read.datasets)
        assert vars(asked) | {"datasets": ()} == vars(read) | {"datasets": ()}
    # a server does not say in which folder of its machine a model lies
    assert told.versions == tuple(replace(each, location=None) for each in known.versions)
    assert NAME in told.experiments


@pytest.mark.slow
def test_a_server_proves_what_its_file_proves(server, shared):
    found = shared.findings(source_of(server))
    assert {finding.state for finding in found.values()} == {State.PROVED}
    assert server in found["model-registry"].where


@pytest.mark.slow
def test_many_pages_are_read_to_the_end(server, shared, monkeypatch):
    monkeypatch.setattr(mlflow_rest, "PAGE", 2)
    assert [run.id for run in RestSource(server).read(NAME, NAME).runs] == shared.runs
    assert len(RestSource(server).read(NAME, NAME).versions) == 2


@pytest.mark.slow
def test_of_very_many_runs_the_newest_are_read(server, shared, monkeypatch):
    monkeypatch.setattr(mlflow_rest, "PAGE", 2)
    monkeypatch.setattr(mlflow_rest, "NEWEST", 3)
    tracking = RestSource(server).read(NAME, NAME)
    assert [run.id for run in tracking.runs] == shared.runs[-3:]
    assert tracking.versions[0].run_id in tracking.origins  # asked for one by one


@pytest.mark.slow
def test_what_is_not_there_is_not_an_error(server):
    tracking = RestSource(server).read("no 'such'", "no 'such'")
    assert (tracking.runs, tracking.versions) == ((), ())
    assert NAME in tracking.experiments


def test_nobody_at_the_address_is_hidden():
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        error = unseen(f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert error.what.startswith("no answer")


@contextmanager
def stand_in(answer: Callable[[str], Answer]) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Play a server that is not quite MLflow; yield its address and the headers it gets."""
    asked: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append({"path": self.path, **dict(self.headers)})
            code, headers, body = answer(self.path)
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(code)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None: ...

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None: ...  # who asks may hang up

    with Quiet(("127.0.0.1", 0), Handler) as http:
        threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield f"127.0.0.1:{http.server_port}", asked
        finally:
            http.shutdown()


def unseen(uri: str) -> UnseenError:
    with pytest.raises(UnseenError) as caught:
        source_of(uri).read(NAME, NAME)
    assert caught.value.state is State.HIDDEN
    assert caught.value.mend
    return caught.value


@pytest.mark.parametrize(
    ("code", "body", "said"),
    [
        (200, b"<html>a page</html>", "does not answer as an MLflow server"),
        (200, b"\xff\xfe", "does not answer as an MLflow server"),
        (200, [], "does not answer as an MLflow server"),
        (200, {"experiments": [{"nothing": 1}]}, "does not answer as an MLflow server"),
        (200, b"[" * 100_000, "does not answer as an MLflow server"),
        (401, b"", "does not let us in (401)"),
        (403, b"", "does not let us in (403)"),
        (404, b"no such page", "answers 404"),
        (500, b"", "answers 500"),
    ],
)
def test_another_answer_than_mlflows_is_hidden(code, body, said):
    with stand_in(lambda path: (code, {}, body)) as (address, _):
        assert said in unseen(f"http://{address}").what


def test_an_answer_cut_short_is_hidden():
    cut = (200, {"Content-Length": "999"}, b'{"experiments": [')
    with stand_in(lambda path: cut) as (address, _):
        assert "does not answer as an MLflow server" in unseen(f"http://{address}").what


def test_an_answer_that_drips_is_left_in_time(monkeypatch):
    monkeypatch.setattr(mlflow_rest, "IN_ALL", 0.5)
    with closing(socket.create_server(("127.0.0.1", 0))) as dripping:
        stop = threading.Event()

        def drip() -> None:
            client, _ = dripping.accept()
            with client:
                client.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
                for _ in range(100):
                    if stop.wait(0.05):
                        break
                    client.sendall(b" ")

        threading.Thread(target=drip, daemon=True).start()
        start = time.perf_counter()
        assert "took more than" in unseen(f"http://127.0.0.1:{dripping.getsockname()[1]}").what
        assert time.perf_counter() - start < 4
        stop.set()


def test_an_endless_answer_is_not_read_to_its_end(monkeypatch):
    monkeypatch.setattr(mlflow_rest, "BYTES", 100_000)
    with stand_in(lambda path: (200, {}, b" " * 1_000_000)) as (address, _):
        assert "an answer of more than" in unseen(f"http://{address}").what


def test_pages_without_end_are_left_in_time(monkeypatch):
    monkeypatch.setattr(mlflow_rest, "IN_ALL", 0.5)
    run = {"info": {"run_id": "a", "run_name": "x"}}

    def answer(path: str) -> Answer:
        time.sleep(0.02)
        if "get-by-name" in path:
            return 200, {}, {"experiment": {"experiment_id": "1", "name": NAME}}
        return 200, {}, {"runs": [run], "next_page_token": "more"}

    with stand_in(answer) as (address, asked):
        start = time.perf_counter()
        assert unseen(f"http://{address}").what.startswith("no answer (")
        assert time.perf_counter() - start < 10
        assert len(asked) < 60


def test_a_server_that_hangs_is_left_in_time(monkeypatch):
    monkeypatch.setattr(mlflow_rest, "SECONDS", 0.3)
    with stand_in(lambda path: (time.sleep(2), (200, {}, {}))[1]) as (address, _):
        start = time.perf_counter()
        assert "timed out" in unseen(f"http://{address}").what
        assert time.perf_counter() - start < 1.9


def test_a_password_is_sent_to_the_named_address_alone(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "me")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "secret")
    with (
        stand_in(lambda path: (200, {}, {})) as (other, others),
        stand_in(lambda path: (302, {"Location": f"http://{other}/x"}, b"")) as (address, asked),
    ):
        error = unseen(f"http://{address}")
    assert error.what == "it sends elsewhere (302)"
    assert asked[0]["Authorization"].startswith("Basic ")
    assert others == []


def test_a_password_in_the_address_is_used_and_not_shown():
    with stand_in(lambda path: (500, {}, b"")) as (address, asked):
        error = unseen(f"http://me:secret@{address}/mlflow/")
    assert error.where == f"http://{address}/mlflow/"
    assert asked[0]["path"].startswith("/mlflow/api/2.0/mlflow/experiments/search")
    assert asked[0]["Authorization"].startswith("Basic ")


def test_a_token_is_sent_as_mlflow_sends_it(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "abc")
    with stand_in(lambda path: (500, {}, b"")) as (address, asked):
        unseen(f"http://{address}")
    assert asked[0]["Authorization"] == "Bearer abc"
