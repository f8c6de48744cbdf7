"""A workspace whose project has a small server that keeps to what is agreed with the kit."""

import pytest

from widgets.base.paths import Layout
from widgets.services.server import ModelServer

SERVE = """
import datetime, json, os, signal, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import filelock

file = Path(os.environ["FLIGHTS_WORKSPACE"]) / "serving" / "server.json"
mode = Path("mode").read_text() if Path("mode").exists() else ""
if mode == "crash":
    raise SystemExit("the champion cannot be found")
if mode == "slow":
    time.sleep(1.0)
file.parent.mkdir(parents=True, exist_ok=True)
lock = filelock.FileLock(file.with_suffix(".lock"), timeout=0)
try:
    lock.acquire()
except filelock.Timeout:
    raise SystemExit("a server is running already")


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if mode == "hang":
            time.sleep(30)
        ready = mode != "no model"
        told = {"ready": ready, "version": 3 if ready else None, "problem": ""}
        self.answer(200 if ready or self.path == "/health" else 503, told)

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        told = [
            {"flight_id": each["flight_id"], "probability": 0.5, "version": 3}
            for each in asked.get("flights", [])
        ]
        environment = {name: os.environ.get(name) for name in asked}
        self.answer(200, {"predictions": told} if told else environment)

    def answer(self, status, told):
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def end(*words):
    if mode != "deaf":
        file.unlink(missing_ok=True)
        print("ended in order", flush=True)
        os._exit(0)


signal.signal(signal.SIGTERM, end)
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
draft = file.with_suffix(".draft")
now = datetime.datetime.now(datetime.UTC).isoformat()
url = f"http://127.0.0.1:{server.server_port}"
draft.write_text(json.dumps({"url": url, "pid": os.getpid(), "started_at": now}))
draft.replace(file)
server.serve_forever(0.05)
"""


@pytest.fixture
def layout(tmp_path):
    """Return the workspace; its name holds a space and an accent."""
    layout = Layout(tmp_path / "a workspace é")
    package = layout.project / "flights"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "serve.py").write_text(SERVE)
    return layout


@pytest.fixture
def mode(layout):
    """Return a function that tells the project's server how to behave from its next start on."""
    return lambda word: (layout.project / "mode").write_text(word)


@pytest.fixture
def server(layout):
    """Return the kit's hand on the server; nothing is left running."""
    made = ModelServer(layout)
    yield made
    made.stop()
