"""The year on its own, with a real server and a real loop: complete, whatever is killed."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import date

import pytest

from widgets.base.errors import KitError
from widgets.base.processes import end_all
from widgets.services.server import ModelServer
from widgets.world.clock import midnight
from widgets.world.departures import departures
from widgets.world.traffic_log import read_lines
from widgets.world.year import Year
from widgets.world.year_process import leftovers
from widgets.world.year_steps import steps

pytestmark = pytest.mark.slow
FIRST, LAST = date(2013, 4, 1), date(2013, 4, 3)
STEPS = list(steps(FIRST, LAST))
EVENING, MIDNIGHT = STEPS[5].now, midnight(date(2013, 4, 2))
DRIVER = """
import os, sys
from datetime import date
from pathlib import Path
from widgets.base.paths import Layout
from widgets.services.server import ModelServer
from widgets.world.year import Year

os.environ["DRIVER"] = str(os.getpid())
layout = Layout(Path(sys.argv[1]))
days = date(2013, 4, 1), date(2013, 4, 3)
Year(layout, ModelServer(layout.year), lambda of: None, lambda far: None, *days).run()
"""


def run(layout, tell=lambda far: None, again=False, patience=10.0):
    """Run the year in this process."""
    server = ModelServer(layout.year)
    return Year(layout, server, lambda of: None, tell, FIRST, LAST, patience).run(again)


def started(layout):
    """Start the year in a process that can be killed."""
    return subprocess.Popen([sys.executable, "-c", DRIVER, str(layout.root)])


def heard(layout):
    return [line for line in read_lines(layout.year.serving / "heard.jsonl")]


def events(layout):
    return list(read_lines(layout.year.events_log))


def predictions(layout):
    return list(read_lines(layout.year.serving / "predictions.jsonl"))


def state(layout):
    return json.loads((layout.year.root / "year.json").read_text())


def wait_for(true, seconds=15):
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)


def assert_complete(layout):
    """The loop has met every moment once and in order, with all that had happened by then."""
    asked, clock, expected = 0, "2013-04-01", []
    for step in STEPS:
        asked += len(step.flights)
        clock = str(step.begins or clock)
        expected.append({"now": step.now.isoformat(), "asked": asked, "clock": clock})
    assert heard(layout) == expected
    assert [(each["kind"], each.get("event_time")) for each in events(layout)] == [
        ("deploy", None),
        *((kind, "2013-04-03T04:00:00+00:00") for kind in ("alert", "deploy", "canary")),
    ]
    said = state(layout)
    assert (said["state"], said["requests"], said["failed"]) == ("done", len(STEPS), 0)
    assert said["told"] == said["asked"] == STEPS[-1].now.isoformat()
    days = (date(2013, 4, number) for number in (1, 2, 3))
    ids = [each.flight_id for day in days for each in departures(day)]
    assert [each["flight_id"] for each in predictions(layout) if not each["repeated"]] == ids
    compared = json.loads((layout.year.root / "policies.json").read_text())
    assert compared["policies"]["loop"]["trainings"] == len(ids)
    assert not leftovers(layout.year) and not layout.year.server_file.exists()


def test_all_hours_are_asked_about_and_told_and_each_midnight_comes_after_its_day(year):
    told = []
    done = run(year, told.append)
    assert_complete(year)
    assert not any(each["repeated"] for each in predictions(year))
    log = list(read_lines(year.year.traffic_log))
    assert [line["predictions"] for line in log if "scrape" in line] == [
        heard(year)[number]["asked"] for number, step in enumerate(STEPS) if step.begins
    ]
    lines = [far.line for far in told if far.line]
    assert [line for line in lines if " April " in line] == [
        "3 April 00:00  alert fired: 0.129 > 0.05",
        "3 April 00:00  canary promoted, version 2: better on 3 days",
    ]
    assert [word in " ".join(lines) for word in ("cloned", "pipeline", "policies")] == [True] * 3
    assert (told[-1].days, told[-1].of, told[-1].requests) == (3, 3, len(STEPS))
    assert [far.days for far in told] == sorted(far.days for far in told)
    # Once it is done it is done, and `again` keeps it aside.
    before = len(told)
    assert run(year, told.append) == done and len(told) == before
    (year.root / "year.old").mkdir()
    run(year, again=True)
    assert_complete(year)
    kept = json.loads((year.root / "year.old" / "year.json").read_text())
    assert kept["started"] == done.started.isoformat() != state(year)["started"]


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_killed_again_and_again_it_goes_on_to_the_same_end_and_leaves_nothing_running(year, trap):
    asked = STEPS[5].flights
    for where, moment in (
        ("pipeline", ""),
        ("loop", STEPS[0].now.isoformat()),
        ("server", f"{STEPS[3].flights[0].scheduled_at:%Y-%m-%dT%H}"),
        ("server after", f"{asked[0].scheduled_at:%Y-%m-%dT%H}"),
        ("loop after", EVENING.isoformat()),
        ("loop", MIDNIGHT.isoformat()),
        ("loop after", midnight(date(2013, 4, 3)).isoformat()),
        ("policies", ""),
    ):
        unsprung = trap(where, moment, "kill the driver")
        assert started(year).wait(20) == -signal.SIGKILL
        assert not unsprung.exists()
        if where == "loop":  # asked, and not told
            assert state(year)["asked"] == moment != state(year)["told"]
    run(year)
    assert_complete(year)
    # Only what was answered and not written down was asked once more.
    repeated = {each["flight_id"] for each in predictions(year) if each["repeated"]}
    hours = [{each.flight_id for each in STEPS[number].flights} for number in (3, 5)]
    assert hours[1] <= repeated <= hours[0] | hours[1]


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
@pytest.mark.parametrize(
    ("where", "moment", "said"),
    [
        ("loop after", EVENING.isoformat(), "(?s)Your loop ended with code -9.*goes on where"),
        ("server", f"{STEPS[15].flights[0].scheduled_at:%Y-%m-%dT%H}", "(?s)Your server.*goes on"),
    ],
)
def test_a_loop_or_a_server_that_is_killed_is_said_and_nothing_is_lost(
    year, trap, where, moment, said
):
    trap(where, moment, "be killed")
    with pytest.raises(KitError, match=said):
        run(year)
    assert state(year)["state"] == "running" and not leftovers(year.year)
    run(year)
    assert_complete(year)


def test_a_question_that_fails_is_counted_and_a_day_of_them_ends_it(year, trap):
    ill = year.year.serving / "ill"

    def tell(far):
        if far.requests == 5:
            ill.touch()
        if far.requests == 7 and not lasting:
            ill.unlink(missing_ok=True)

    lasting = True
    with pytest.raises(KitError, match=r"Your server gave no good answer .*status 500: I am ill"):
        run(year, tell)
    assert (state(year)["requests"], state(year)["failed"]) == (12, 7)
    lasting = False
    ill.unlink()
    assert (run(year).failed, run(year, tell, again=True).failed) == (7, 2)


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_there_is_one_year_at_a_time(year, trap):
    hanging = trap("loop", EVENING.isoformat(), "hang")
    process = started(year)
    wait_for(lambda: not hanging.exists())
    with pytest.raises(KitError, match="under way already"):
        run(year, again=True)
    process.kill()
    process.wait()
    end_all(leftovers(year.year))
