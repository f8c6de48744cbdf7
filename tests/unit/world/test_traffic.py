"""Real requests about real flights: each once, in order, from where it was left."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import date

import psutil
import pytest

from widgets.base.errors import KitError
from widgets.world import World
from widgets.world.departures import departures
from widgets.world.sending import send_live, send_until
from widgets.world.traffic_log import read_lines

pytestmark = pytest.mark.slow
FIRST_OF_APRIL = [each.flight_id for each in departures(date(2013, 4, 1))]


@pytest.fixture
def world(layout):
    """Return the workspace's world on 1 April."""
    world = World(layout)
    world.advance_to("2013-04-01")
    return world


def lines(layout):
    return [each for each in read_lines(layout.traffic_log) if "scrape" not in each]


def ids_until(day):
    days = [date(2013, 4, number) for number in range(1, day)]
    return [each.flight_id for one in days for each in departures(one)]


def started(layout, *words, **more):
    """Start the process that asks, as a terminal does."""
    return subprocess.Popen(
        [sys.executable, "-m", "widgets.world.traffic", *words],
        env=os.environ | {"MATURITY_WORKSPACE": str(layout.root)},
        stdout=subprocess.PIPE,
        **more,
    )


def wait_for(true, seconds=20):
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_the_days_flights_are_asked_about_one_by_one_and_it_goes_on_where_it_stopped(
    server, world, layout
):
    first = send_live(layout, 100, 0.3)
    again = send_live(layout, 100, 0.2)
    assert (str(first), first.versions) == ("30 flights asked, 0 failed", {"3": 30})
    assert again.flights == 20 and 0 < again.p50 <= again.p99
    assert sorted(server.ids) == FIRST_OF_APRIL[:50]
    assert all(len(question) == 1 for question in server.asked)
    scrapes = [each for each in read_lines(layout.traffic_log) if "scrape" in each]
    assert [each["predictions"] for each in scrapes] == [0.0, 30.0, 30.0, 50.0]


def test_without_seconds_it_ends_with_the_day(server, world, layout):
    summary = send_live(layout, 2000, None)
    assert sorted(server.ids) == FIRST_OF_APRIL
    assert "All flights of 1 April" in str(summary)
    assert send_live(layout, 2000, None).flights == 0
    assert len(server.ids) == len(FIRST_OF_APRIL)


def test_requests_have_their_moment_whatever_becomes_of_those_before(server, world, layout):
    server.http.seconds = 0.3
    began = time.monotonic()
    summary = send_live(layout, 20, 1)
    assert time.monotonic() - began < 4  # one after the other would take 6
    assert summary.failed == 0 and summary.p50 >= 300


def test_a_server_that_goes_and_comes_back_costs_its_failures_and_no_more(server, world, layout):
    told = []

    def come_and_go():
        wait_for(lambda: len(server.asked) >= 20)
        server.close()
        wait_for(lambda: len(lines(layout)) >= len(server.asked) + 20)
        server.open()

    thread = threading.Thread(target=come_and_go)
    thread.start()
    summary = send_live(layout, 100, 1.5, told.append)
    thread.join()
    assert summary.flights == 150
    assert 15 <= summary.failed < 100
    assert summary.failed == sum(not each["ok"] for each in lines(layout))
    assert {each["status"] for each in lines(layout)} == {0, 200}
    assert lines(layout)[-1]["ok"]
    assert max(Counter(server.ids).values()) == 1
    assert [each.failed for each in told] == sorted(each.failed for each in told) and told


@pytest.mark.parametrize(
    "send", [lambda to: send_live(to, 10, 1), lambda to: send_until(to, "2013-04-03")]
)
def test_without_a_server_it_says_so_and_the_clock_stands(world, layout, send):
    with pytest.raises(KitError, match="maturity serve"):
        send(layout)
    assert world.today == date(2013, 4, 1)
    assert not lines(layout)


def test_day_by_day_all_flights_are_asked_about_once_and_the_nights_pass(server, world, layout):
    send_live(layout, 100, 0.3)
    told = []
    summary = send_until(layout, "2013-04-04", told.append)
    assert world.today == date(2013, 4, 4)
    assert sorted(server.ids) == ids_until(4)
    assert str(summary) == f"{len(ids_until(4)) - 30:,} flights asked, 0 failed"
    assert [each.day.day for each in told] == [1, 2, 3]
    assert len(server.asked) < 30 + 3 * 8
    assert "already" in str(send_until(layout, "2013-04-02"))
    assert layout.outcomes.exists()


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
@pytest.mark.parametrize("requests", [1, 6, 10, 17])
def test_after_a_kill_each_flight_is_asked_about_once(server, world, layout, requests):
    process = started(layout, "--until", "2013-04-05")
    wait_for(lambda: len(lines(layout)) >= requests)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    time.sleep(0.05)  # the server may still be reading the last question
    # What was answered and not yet written down when it was killed is asked once more.
    written = {n for each in lines(layout) for n in range(each["first"], each["last"] + 1)}
    unwritten = set(server.ids) - written
    send_until(layout, "2013-04-05")
    asked = Counter(server.ids)
    assert sorted(asked) == ids_until(5)
    assert {flight for flight, times in asked.items() if times > 1} == unwritten
    assert len(unwritten) < 250


@pytest.mark.parametrize("status", [503, 0])
def test_a_server_that_leaves_stops_the_nights_and_they_go_on_there(server, world, layout, status):
    def leave(flights):
        if len(server.asked) == 10:
            server.http.status_of = lambda flights: status
            if not status:
                threading.Thread(target=server.close).start()
                time.sleep(0.5)
        return 200

    server.status_of = leave
    with pytest.raises(KitError, match="clock stands on 2 April"):
        send_until(layout, "2013-04-04")
    assert world.today == date(2013, 4, 2)
    assert not lines(layout)[-1]["ok"]
    server.status_of = lambda flights: 200
    server.close()
    server.open()
    send_until(layout, "2013-04-04")
    answered = [n for e in lines(layout) if e["ok"] for n in range(e["first"], e["last"] + 1)]
    assert sorted(answered) == ids_until(4)


def test_a_failed_question_is_counted_and_a_day_of_them_ends_it(server, world, layout):
    server.status_of = lambda flights: 500 if len(server.asked) == 3 else 200
    summary = send_until(layout, "2013-04-02")
    assert summary.failed > 0 and "status 500" in summary.error
    server.status_of = lambda flights: 500
    with pytest.raises(KitError, match=r"Not one answer of the day was good.*status 500"):
        send_until(layout, "2013-04-03")
    assert world.today == date(2013, 4, 2)


def test_there_is_one_traffic_at_a_time(server, world, layout):
    process = started(layout, "--rate", "20")
    wait_for(lambda: lines(layout))
    with pytest.raises(KitError, match="other traffic is under way"):
        send_live(layout, 10, 1)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=10)
    summary = json.loads(output.splitlines()[-1])["summary"]
    assert summary["flights"] == len(lines(layout)) and process.returncode == 0


@pytest.mark.parametrize("words", [("--rate", "0"), ("--until", "tomorrow")])
def test_what_cannot_be_meant_is_said(layout, world, words):
    output, _ = started(layout, *words).communicate(timeout=10)
    assert "problem" in json.loads(output)


def test_it_ends_with_its_owner(server, world, layout):
    process = started(layout, "--end-with-input", "--rate", "20", stdin=subprocess.PIPE)
    wait_for(lambda: lines(layout))
    process.stdin.close()
    assert process.wait(5) == 0
    process.stdout.close()


def test_it_is_small(server, world, layout):
    process = started(layout, "--rate", "100")
    wait_for(lambda: len(lines(layout)) > 30)
    memory = psutil.Process(process.pid).memory_info().rss / 2**20
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert memory < 110
    code = (
        "import sys; from datetime import date; import widgets.world.traffic as t; "
        "t.departures(date(2013, 4, 1)); print('pandas' in sys.modules)"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"
