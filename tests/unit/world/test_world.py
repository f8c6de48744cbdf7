"""The clock only moves forward, and what has landed is right to the row."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from widgets.base.paths import Layout
from widgets.world import ClockError, World, landed_months
from widgets.world.landing import FLIGHTS, months_until


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "my work é")


def in_data(layout: Layout) -> pd.DataFrame:
    return pd.concat([pd.read_parquet(path) for path in sorted(layout.data.glob("*.parquet"))])


def wanted(day: str) -> pd.DataFrame:
    """What lies in `data/` on a day, worked out from the year in another way."""
    year = pd.concat([pd.read_parquet(path) for path in sorted(FLIGHTS.glob("*.parquet"))])
    midnight = pd.Timestamp(f"{day}T00:00", tz="America/New_York")
    lost = year["cancelled"] | year["diverted"]
    return year[(year["landed_at"] < midnight) | (lost & (year["scheduled_at"] < midnight))]


def test_it_begins_on_the_first_of_march_with_two_months(layout):
    world = World(layout)
    world.start()
    assert world.today == date(2013, 3, 1)
    assert list(world.flights_landed()) == ["2013-01", "2013-02"]
    assert sorted(in_data(layout)["flight_id"]) == sorted(wanted("2013-03-01")["flight_id"])


@pytest.mark.parametrize("day", ["2013-03-02", "2013-03-31", "2013-04-01", "2013-07-31"])
def test_what_has_landed_is_right_to_the_row(layout, day):
    World(layout).advance_to(day)
    assert sorted(in_data(layout)["flight_id"]) == sorted(wanted(day)["flight_id"])


def test_a_whole_year_is_all_flights(layout):
    World(layout).advance_to("2014-01-01")
    whole = sum(len(pd.read_parquet(path)) for path in FLIGHTS.glob("*.parquet"))
    still_flying = whole - len(in_data(layout))
    assert 0 <= still_flying < 100  # those of the last evening


def test_a_flight_that_lands_after_midnight_comes_a_night_later(layout):
    world = World(layout)
    before = world.flights_landed()["2013-02"]
    world.advance()
    assert world.flights_landed()["2013-02"] > before


def test_it_never_goes_back(layout):
    world = World(layout)
    world.advance_to("2013-04-01")
    files = {path: path.stat().st_mtime_ns for path in layout.data.iterdir()}
    assert world.advance_to("2013-03-10") == date(2013, 4, 1)
    world.start()
    assert World(layout).today == date(2013, 4, 1)
    assert {path: path.stat().st_mtime_ns for path in layout.data.iterdir()} == files


def test_the_year_has_an_end(layout):
    world = World(layout)
    with pytest.raises(ClockError, match="2014-01-01"):
        world.advance_to("2014-02-01")
    with pytest.raises(ClockError, match="not a date"):
        world.advance_to("tomorrow")
    world.advance_to("2013-12-31")
    assert world.advance(7) == date(2014, 1, 1)


def test_months_begin_with_their_first_night():
    assert months_until(date(2013, 3, 1)) == ["2013-01", "2013-02"]
    assert months_until(date(2013, 3, 2)) == ["2013-01", "2013-02", "2013-03"]
    assert len(months_until(date(2014, 1, 1))) == 12


def test_a_month_has_landed_when_its_last_night_has_passed(layout):
    world = World(layout)
    assert landed_months(layout) == ["2013-01", "2013-02"]
    world.advance_to("2013-03-31")
    assert landed_months(layout) == ["2013-01", "2013-02"]
    world.advance_to("2013-04-01")
    assert landed_months(layout) == ["2013-01", "2013-02", "2013-03"]
    world.advance_to("2014-01-01")
    assert len(landed_months(layout)) == 12


def test_months_that_a_night_does_not_touch_are_not_written_again(layout):
    world = World(layout)
    world.advance_to("2013-03-20")
    before = (layout.data / "2013-01.parquet").stat().st_mtime_ns
    world.advance()
    assert (layout.data / "2013-01.parquet").stat().st_mtime_ns == before


@pytest.mark.parametrize("damage", ["", "{", '{"today": "2099-01-01"}', '{"today": 3}', "[]"])
def test_a_damaged_clock_is_kept_aside_and_found_again_from_the_data(layout, damage):
    World(layout).advance_to("2013-04-01")
    layout.clock.write_text(damage)
    world = World(layout)
    assert world.today == date(2013, 4, 1)
    assert world.problem is not None
    assert "damaged" in world.problem
    assert list(layout.kit.glob("clock.damaged-*.json"))


def test_a_file_that_was_cut_short_is_written_again(layout):
    world = World(layout)
    world.start()
    path = layout.data / "2013-01.parquet"
    path.write_bytes(path.read_bytes()[:1000])
    world.start()
    assert len(in_data(layout)) == len(wanted("2013-03-01"))


def move(root: str, day: str) -> None:
    World(Layout(Path(root))).advance_to(day)


def test_two_processes_at_once_end_at_the_later_day(layout):
    context = multiprocessing.get_context("spawn")
    days = ("2013-03-20", "2013-04-05")
    movers = [context.Process(target=move, args=(str(layout.root), day)) for day in days]
    for mover in movers:
        mover.start()
    for mover in movers:
        mover.join()
    assert [mover.exitcode for mover in movers] == [0, 0]
    world = World(layout)
    assert world.today == date(2013, 4, 5)
    world.start()
    assert len(in_data(layout)) == len(wanted("2013-04-05"))


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.1, 0.2])
def test_a_kill_in_the_middle_is_finished_by_the_next_start(layout, seconds):
    code = (
        "import sys; from pathlib import Path; from widgets.base.paths import Layout; "
        "from widgets.world import World; w = World(Layout(Path(sys.argv[1]))); print(1, flush=1); "
        "w.advance_to('2013-06-01')"
    )
    words = [sys.executable, "-c", code, str(layout.root)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()
    world = World(layout)
    world.advance_to("2013-06-01")
    assert len(in_data(layout)) == len(wanted("2013-06-01"))
