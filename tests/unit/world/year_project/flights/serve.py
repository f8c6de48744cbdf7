"""Answers with the flight's distance as its probability, and logs every prediction."""

import json
import os
import signal
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from flights.place import SERVING, append, read, trap

ADDRESS = SERVING / "server.json"
known = {entry["flight_id"] for entry in read("predictions.jsonl")}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        if self.path == "/metrics":
            self.answer(200, f'flights_predictions_total{{version="1"}} {len(known)}\n')
        else:
            model = (SERVING / "model.json").exists()
            ready = model or self.path == "/health"
            told = {"ready": model, "version": 1 if model else None, "problem": ""}
            self.answer(200 if ready else 503, json.dumps(told))

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["flights"]
        hour = asked[0]["scheduled_at"][:13]
        trap("server", hour)
        if (SERVING / "ill").exists():
            return self.answer(500, "I am ill")
        told = []
        for flight in asked:
            number = flight["flight_id"]
            repeated = number in known
            known.add(number)
            at = flight["scheduled_at"]
            append("predictions.jsonl", {"flight_id": number, "at": at, "repeated": repeated})
            p = flight["distance"] / 6000
            told.append({"flight_id": number, "probability": p, "version": 1, "repeated": repeated})
        trap("server after", hour)
        self.answer(200, json.dumps({"predictions": told}))

    def answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


def end(*words):
    ADDRESS.unlink(missing_ok=True)
    os._exit(0)


signal.signal(signal.SIGTERM, end)
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
now = datetime.now(UTC).isoformat()
url = f"http://127.0.0.1:{server.server_port}"
draft = ADDRESS.with_suffix(".draft")
draft.write_text(json.dumps({"url": url, "pid": os.getpid(), "started_at": now}))
draft.replace(ADDRESS)
server.serve_forever(0.02)
