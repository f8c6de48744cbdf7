"""What a running service proves: only a model's version that a registry agrees with."""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.unit.project.teams import Team, trained_by_ci
from widgets.base.errors import KitError
from widgets.maturity import State
from widgets.project.assess import assess_project
from widgets.project.serving import ask_service


@contextmanager
def service(answers):
    """Run a real server that answers these texts, by path."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            text = answers.get(self.path)
            if callable(text):
                text(self)
                return
            self.send_response(404 if text is None else 200)
            self.end_headers()
            self.wfile.write((text or "").encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def team(tmp_path, database):
    team = Team(tmp_path, database)
    trained_by_ci(team)
    return team


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ({"model_name": "churn", "model_version": 6}, State.PROVED),
        ({"model": {"name": "churn", "version": "v6"}}, State.PROVED),
        ({"model_name": "churn", "model_version": 5}, State.MISSING),
        ({"model_version": 6}, State.CLAIMED),
        ({"model_name": "other", "model_version": 6}, State.CLAIMED),
        ({"status": "ok", "model": "churn", "version": 6}, State.MISSING),
        ({"version": "6"}, State.MISSING),
        ([6], State.MISSING),
    ],
)
def test_a_version_counts_if_it_is_the_models_and_the_registry_agrees(team, told, state):
    with service({"/version": json.dumps(told)}) as (team.serving_url, asked):
        found = assess_project(team.asked()).assessment
    assert found.of("serving-from-registry").state is state
    assert all(path.startswith("/") for path in asked)


def test_an_alias_that_says_no_more_proves_no_serving(team):
    client = team.client()
    client.delete_registered_model_alias("churn", "champion")
    client.set_registered_model_alias("churn", "archived", "6")
    told = json.dumps({"model_name": "churn", "model_version": 6})
    with service({"/version": told}) as (team.serving_url, _):
        found = assess_project(team.asked()).assessment
    assert found.of("serving-from-registry").state is State.CLAIMED
    assert found.of("model-registry").state is State.MISSING


def test_counters_are_claimed_at_most(team):
    with service({"/metrics": "requests_total 5\n"}) as (team.serving_url, _):
        found = assess_project(team.asked()).assessment
    assert found.of("basic-monitoring").state is State.CLAIMED
    assert "requests_total" in found.of("basic-monitoring").reason


def test_a_service_that_drips_is_left_in_time(monkeypatch):
    monkeypatch.setattr("widgets.project.serving.SECONDS", 0.3)
    monkeypatch.setattr("widgets.project.serving.IDENTITY", ("version",))

    def drip(handler):
        for _ in range(40):
            try:
                handler.wfile.write(b"X: y\r\n")
            except OSError:
                return
            time.sleep(0.2)

    began = time.monotonic()
    with service({"/version": drip, "/metrics": drip}) as (address, _):
        found = ask_service(address)
        took = time.monotonic() - began
    assert not found.answers
    assert took < 6


def test_nobody_there_cannot_be_seen(team):
    team.serving_url = "http://127.0.0.1:1"
    found = assess_project(team.asked()).assessment
    assert found.of("serving-from-registry").state is State.HIDDEN


@pytest.mark.parametrize("address", ["file:///etc/passwd", "127.0.0.1:80", "http://[", ""])
def test_another_address_is_refused(address):
    with pytest.raises(KitError, match="no address of a service"):
        ask_service(address)


def test_a_service_that_wants_a_token_is_asked_with_the_one_in_the_file(tmp_path):
    told = json.dumps({"model_name": "churn", "model_version": 6})

    def guarded(handler):
        known = handler.headers.get("Authorization") == "Bearer a-token-of-theirs"
        handler.send_response(200 if known else 401)
        handler.end_headers()
        handler.wfile.write(told.encode() if known else b"{}")

    file = tmp_path / "token"
    file.write_text("a-token-of-theirs\n")
    with service({"/version": guarded}) as (address, _):
        assert ask_service(address).version == ""
        found = ask_service(address, file)
    assert (found.model, found.version) == ("churn", "6")
    assert "a-token-of-theirs" not in repr(found)


@pytest.mark.parametrize("text", [None, b"", b"two words", b"\xff", b"one\nX-Other: head"])
def test_a_token_that_is_none_is_refused(tmp_path, text):
    file = tmp_path / "token"
    if text is not None:
        file.write_bytes(text)
    with pytest.raises(KitError, match="token"):
        ask_service("http://127.0.0.1:1", file)
