"""A workspace, a real HTTP server that answers as the learner's does, and a project for a year."""

import json
import os
import shutil
import subprocess
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from widgets.base.paths import Layout


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self):
        super().setup()
        self.server.lines.append(self.request)

    def do_GET(self):
        told = {"/health": b"{}", "/metrics": self.server.metrics()}
        self.answer(200, told.get(self.path, b""))

    def do_POST(self):
        flights = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["flights"]
        status = self.server.status_of(flights)
        self.server.asked.append([flight["flight_id"] for flight in flights])
        self.server.sent += flights
        time.sleep(self.server.seconds)
        said = [
            {"flight_id": each["flight_id"], "prediction_id": "0" * 32, "probability": 0.25}
            | {"version": self.server.version, "repeated": False}
            for each in flights
        ]
        self.answer(status, json.dumps({"predictions": said}).encode())

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


class Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, address):
        pass


class Passengers:
    """The server of a workspace: it can be opened and closed, and says what it was asked."""

    def __init__(self, layout):
        self.layout = layout
        self.asked, self.sent = [], []
        self.version, self.seconds = 3, 0.0
        self.status_of = lambda flights: 200
        self.http = None

    def open(self):
        self.http = Quiet(("127.0.0.1", 0), Handler)
        for name in ("asked", "sent", "version", "seconds"):
            setattr(self.http, name, getattr(self, name))
        self.http.lines = []
        self.http.status_of = lambda flights: self.status_of(flights)
        self.http.metrics = lambda: (
            f'flights_predictions_total{{version="3"}} {len(self.sent)}.0\n'.encode()
        )
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        self.layout.serving.mkdir(parents=True, exist_ok=True)
        self.layout.server_file.write_text(json.dumps({"url": self.url, "pid": 1}))
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def close(self):
        if self.http:
            self.layout.server_file.unlink(missing_ok=True)
            self.http.shutdown()
            self.http.server_close()
            for line in self.http.lines:
                with suppress(OSError):
                    line.shutdown(2)
            self.http = None

    @property
    def ids(self):
        return [flight for question in self.asked for flight in question]


@pytest.fixture
def layout(tmp_path):
    return Layout(tmp_path / "my work é")


@pytest.fixture
def server(layout):
    """Return the running server of the workspace."""
    made = Passengers(layout).open()
    yield made
    made.close()


YEAR_PROJECT = Path(__file__).with_name("year_project")


@pytest.fixture(scope="session")
def year_origin(tmp_path_factory):
    """Return a bare repository whose main is the tiny project of the year's tests."""
    folder = tmp_path_factory.mktemp("year")
    work, bare = folder / "work", folder / "origin.git"
    shutil.copytree(YEAR_PROJECT, work, ignore=shutil.ignore_patterns("__pycache__"))
    commit_all(work, "init", "--quiet", "--initial-branch=main")
    run_git(folder, "clone", "--quiet", "--bare", str(work), str(bare))
    return bare


def commit_all(work, *before):
    """Commit all that has changed in a folder."""
    if before:
        run_git(work, *before)
    run_git(work, "add", "--all")
    who = ("-c", "user.name=ada", "-c", "user.email=ada@example.org")
    run_git(work, *who, "commit", "--quiet", "-m", "the project")


def run_git(folder, *words):
    """Run git in a folder; return what it printed."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    return subprocess.check_output(["git", *words], cwd=folder, env=env, text=True).strip()


@pytest.fixture
def year(layout, year_origin):
    """Return the workspace whose origin has the tiny project at main."""
    shutil.copytree(year_origin, layout.origin)
    return layout


@pytest.fixture
def change_main(year, tmp_path):
    """Return a function that changes the project at main, by another function of its folder."""

    def change(how):
        work = tmp_path / "change"
        run_git(tmp_path, "clone", "--quiet", str(year.origin), str(work))
        how(work)
        commit_all(work)
        run_git(work, "push", "--quiet", "origin", "HEAD:main")
        shutil.rmtree(work)

    return change


@pytest.fixture
def trap(layout):
    """Return a function that lets something go wrong in the tiny project, once."""

    def set_trap(where, moment, do):
        layout.root.mkdir(parents=True, exist_ok=True)
        file = layout.root / "trap.json"
        file.write_text(json.dumps({"where": where, "moment": moment, "do": do}))
        return file

    return set_trap
