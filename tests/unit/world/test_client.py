"""A client keeps its connection, tries nothing twice, and finds a server that has moved."""

import time

from widgets.world import client as client_module
from widgets.world.client import Client


def test_one_connection_serves_many_requests(server, layout):
    client = Client(layout.server_file)
    assert [client.ask("/health").status for _ in range(5)] == [200] * 5
    assert len(server.http.lines) == 1


def test_without_a_server_there_is_no_answer_and_a_reason(layout):
    reply = Client(layout.server_file).ask("/health")
    assert reply.status == 0 and "server.json is not there" in reply.error


def test_a_server_that_went_and_came_back_elsewhere_is_found(server, layout):
    client = Client(layout.server_file)
    assert client.ask("/health").status == 200
    server.close()
    assert client.ask("/health").status == 0
    server.open()
    assert client.ask("/health").status == 200


def test_a_new_address_is_used_once_the_old_server_has_closed_the_line(server, layout):
    client = Client(layout.server_file)
    client.ask("/health")
    server.close()
    server.open()
    time.sleep(0.05)
    assert client.ask("/health").status == 200


def test_a_connection_that_rested_is_made_anew(server, layout, monkeypatch):
    monkeypatch.setattr(client_module, "IDLE", 0.0)
    client = Client(layout.server_file)
    assert [client.ask("/health").status for _ in range(3)] == [200] * 3
    assert len(server.http.lines) == 3


def test_a_server_that_is_too_slow_is_a_failure(server, layout, monkeypatch):
    monkeypatch.setattr(client_module, "PATIENCE", 0.05)
    server.http.seconds = 0.3
    reply = Client(layout.server_file).ask("/predict", b'{"flights": []}')
    assert reply.status == 0 and "timed out" in reply.error
