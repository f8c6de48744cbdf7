"""Which version answered, which was to, and what the registry says of it now."""

import json
import socket
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from widgets.evidence import collect_workspace
from widgets.evidence.running import port_of, running_now
from widgets.evidence.serving import ServingCollector
from widgets.evidence.traffic_log import MOST
from widgets.maturity import State, load

PRACTICE = "serving-from-registry"


def found(desk):
    return look(desk.service())


def look(service):
    (finding,) = ServingCollector(load(), service).collect()
    assert finding.practice == PRACTICE
    assert bool(finding.mend) is (finding.state is not State.PROVED)
    assert finding.what.isprintable() and finding.where.isprintable()
    return finding


def test_the_last_hour_is_named_with_its_date(desk):
    finding = found(desk)
    assert finding.state is State.PROVED
    assert finding.what == (
        "325 of 325 flights in the last 1 h of service (to 2026-11-24 11:11 UTC; the first on "
        "2026-11-24) were answered by the version that was to serve; champion is version 2, the "
        "event log's last is version 2; 20 from before the first change-over not counted"
    )


@pytest.mark.parametrize("name", ["traffic_log", "events_log"])
def test_without_a_log_the_exercise_is_named(desk, name):
    service = desk.service()
    getattr(desk.layout, name).unlink()
    finding = look(service)
    assert finding.state is State.MISSING and "3.2" in finding.mend


def test_answers_from_before_the_first_change_over_do_not_count(desk):
    desk.traffic = desk.traffic[:21]
    finding = found(desk)
    assert finding.state is State.MISSING
    assert finding.what.startswith("0 of 0 flights") and "20 from before" in finding.what


def test_an_answer_by_another_version_is_named_with_its_time(desk):
    desk.request(705, 90000, 90004, {"3": [5, 0.5]})
    finding = found(desk)
    assert finding.state is State.MISSING
    assert "325 of 330" in finding.what
    assert "at 11:11:45 version 3 answered, not version 2" in finding.what


@pytest.mark.parametrize(("second", "state"), [(506, State.PROVED), (508, State.MISSING)])
def test_around_a_change_over_both_may_answer_for_five_seconds(desk, second, state):
    desk.request(second, 90000, 90000, {"3": [1, 0.5]})
    assert found(desk).state is state


def test_a_request_that_began_before_the_change_over_may_end_after_it(desk):
    desk.request(294, 90000, 90000, {"3": [1, 0.5]}, ms=9000)
    assert found(desk).state is State.PROVED
    desk.request(280, 90001, 90001, {"3": [1, 0.5]}, ms=9000)
    assert found(desk).state is State.MISSING


def test_a_change_over_that_a_kill_interrupted_lets_both_answer_until_it_is_mended(desk):
    for line in desk.events[4:6]:  # the alias had moved at once, its line came with the next one
        line["at"] = desk.at(400)
    assert found(desk).state is State.PROVED


@pytest.mark.parametrize("done", [None, 690])
def test_a_change_over_that_does_not_end_excuses_the_old_version_only_for_a_while(desk, done):
    desk.events = desk.events[:8]
    if done:
        desk.event("rollback", "done", done, 2, 3, id="00000500", actor="ada")
    desk.request(600, 90000, 90000, {"3": [1, 0.5]})
    assert found(desk).state is State.MISSING


def test_after_an_undone_change_over_the_former_version_is_to_serve(desk):
    desk.register(4)
    for second, step in ((720, "intent"), (721, "moved"), (725, "undone")):
        desk.event("deploy", step, second, 4, 2, id="x")
    desk.ask(2, 740, 760)
    assert found(desk).state is State.PROVED


def test_only_the_last_hour_counts(desk):
    desk.request(705, 90000, 90000, {"3": [1, 0.5]})
    desk.now += timedelta(hours=2)
    desk.request(4400, 90001, 90001, {"2": [1, 0.5]})
    finding = found(desk)
    assert finding.state is State.PROVED and finding.what.startswith("1 of 1 flights")


# ---- forgeries


def test_an_alias_that_was_moved_by_hand_is_seen(desk):
    desk.put("champion", 3)
    finding = found(desk)
    assert finding.state is State.MISSING
    assert "champion is version 3, the event log's last is version 2" in finding.what
    assert "past the event log" in finding.mend


def test_without_the_alias_nothing_agrees(desk):
    desk.put("candidate", 2)
    finding = found(desk)
    assert finding.state is State.MISSING and "champion is none" in finding.what


def test_a_version_that_the_registry_does_not_have_is_named(desk):
    del desk.versions[3]
    finding = found(desk)
    assert finding.state is State.MISSING and "not in the registry: version 3" in finding.what


def test_an_event_that_was_written_afterwards_disagrees_with_the_clients(desk):
    desk.events = desk.events[:6]
    desk.put("champion", 3)
    finding = found(desk)
    assert finding.state is State.MISSING and "version 2 answered, not version 3" in finding.what


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe\n",
        b"{}\n",
        b"x" * 200_000 + b"\n",
        b"[" * 60_000 + b"\n",
        b'{"scrape": true, "at": 3}\n',
    ],
)
def test_a_damaged_line_is_counted_and_said(desk, line):
    desk.traffic.insert(3, line)
    finding = found(desk)
    assert finding.state is State.PROVED
    assert "1 damaged line in serving/traffic.jsonl" in finding.what


@pytest.mark.parametrize(
    "changes",
    [
        {"flights": 2},
        {"first": 90009},
        {"last": -1},
        {"versions": {}},
        {"versions": {"2": [1, 7.5]}},
        {"versions": {"2": [1, float("nan")]}},
        {"versions": {"2\n": [1, 0.5]}},
        {"versions": {"two": [1, 0.5]}},
        {"versions": {"2": "all"}},
        {"status": 503},
        {"ms": -1.0},
        {"ms": 1e30},
        {"at": "yesterday"},
        {"at": "2026-11-24T11:00:00"},
        {"ok": "yes"},
    ],
)
def test_a_line_that_contradicts_itself_is_damaged(desk, changes):
    desk.request(705, 90000, 90000, {"3": [1, 0.5]})
    desk.traffic[-1] |= changes
    finding = found(desk)
    assert finding.state is State.PROVED and "1 damaged line" in finding.what


def test_a_torn_last_line_is_ignored(desk):
    desk.traffic.append(b'{"at": "2026-11-24T11:1')
    finding = found(desk)
    assert finding.state is State.PROVED and "damaged" not in finding.what


def test_answers_of_a_time_to_come_move_no_window(desk):
    desk.request(90_000, 90000, 90000, {"2": [1, 0.5]})
    finding = found(desk)
    assert "1 of a time to come in serving/traffic.jsonl" in finding.what
    assert finding.what.startswith("325 of 325")


@pytest.mark.slow
def test_a_hundred_thousand_lines_take_a_moment_and_little_memory(desk):
    line = {"event_time": "", "ok": True, "status": 200, "ms": 6.2, "repeated": 0, "error": ""}
    many = []
    for number in range(100_000):
        answer = {"at": desk.at(510 + number / 1000), "flights": 1, "first": number}
        more = {"last": number, "versions": {"2": [1, 0.1234]}}
        many.append(json.dumps(line | answer | more).encode() + b"\n")
    desk.traffic.append(b"".join(many))
    service = desk.service()
    begun = time.perf_counter()
    finding = look(service)
    assert time.perf_counter() - begun < 60
    assert finding.state is State.PROVED and "100325 of 100325" in finding.what


def test_a_huge_log_is_read_from_its_end(desk):
    service = desk.service()
    rest = desk.layout.traffic_log.read_bytes()
    with desk.layout.traffic_log.open("wb") as file:
        file.truncate(MOST)  # a hole: no disk is filled
        file.seek(MOST)
        file.write(b"\n" + rest)
    begun = time.perf_counter()
    finding = look(service)
    assert time.perf_counter() - begun < 60
    assert finding.state is State.PROVED and "were not read" in finding.what


# ---- running now: a note


class Healthy(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


def says(desk, text: str) -> str:
    desk.layout.serving.mkdir(parents=True, exist_ok=True)
    desk.layout.server_file.write_text(text)
    return running_now(desk.layout.server_file)


def test_a_server_that_answers_now_is_a_note(desk):
    service = desk.service()
    server = HTTPServer(("127.0.0.1", 0), Healthy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        port = server.server_address[1]
        told = json.dumps({"url": f"http://127.0.0.1:{port}", "pid": 1})
        assert says(desk, told) == f"running now on port {port}"
        finding = look(service)
        assert finding.state is State.PROVED and f"running now on port {port}" in finding.what
    finally:
        server.shutdown()
        server.server_close()
    assert says(desk, told) == "not running now"
    assert look(service).state is State.PROVED


def test_a_server_that_never_answers_holds_nobody_up(desk):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begun = time.perf_counter()
        told = json.dumps({"url": f"http://127.0.0.1:{silent.getsockname()[1]}"})
        assert says(desk, told) == "not running now"
    assert time.perf_counter() - begun < 18


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[" * 5000,
        '{"url": 7}',
        '{"url": "http://example.org:80"}',
        '{"url": "http://127.0.0.1.example.org:80"}',
        '{"url": "http://127.0.0.1@example.org:80"}',
        '{"url": "http://10.0.0.1:80"}',
        '{"url": "http://localhost:80"}',
        '{"url": "https://127.0.0.1:80"}',
        '{"url": "file:///etc/passwd"}',
        '{"url": "http://127.0.0.1"}',
        '{"url": "http://127.0.0.1:99999"}',
        '{"url": "http://127.0.0.1:0"}',
        '{"url": "http://[::1"}',
    ],
)
def test_no_other_host_is_ever_asked(desk, monkeypatch, text):
    def fail(*args, **kwargs):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket, "create_connection", fail)
    assert says(desk, text) == ""
    assert port_of(desk.layout.server_file) is None


def test_a_real_registry_is_read(whole):
    lab, desk = whole
    desk.service()

    def real():
        findings = collect_workspace(load(), lab.layout, None)
        return next(finding for finding in findings if finding.practice == PRACTICE)

    assert real().state is State.PROVED
    lab.client.set_registered_model_alias("late-flights", "champion", "3")
    assert "champion is version 3, the event log's last is version 2" in real().what
