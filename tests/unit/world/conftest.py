"""A workspace, and a real HTTP server that answers as the learner's does."""

import json
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

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
