"""Who was late becomes known when the flight has landed: right to the row, and never less."""

import os
import signal
import subprocess
import sys
import time

import pandas as pd
import pyarrow.parquet as pq
import pytest

from widgets.world import World
from widgets.world import world as world_module
from widgets.world.landing import FLIGHTS


def known(day):
    """Who was late among those known on a day, worked out from the year in another way."""
    year = pd.concat([pd.read_parquet(path) for path in sorted(FLIGHTS.glob("*.parquet"))])
    midnight = pd.Timestamp(f"{day}T00:00", tz="America/New_York")
    begin = pd.Timestamp("2013-04-01T00:00", tz="America/New_York")
    asked = year[(year["scheduled_at"] >= begin) & (year["landed_at"] < midnight)]
    late = (asked["arr_delay"] > 15).tolist()
    return dict(zip(asked["flight_id"].tolist(), late, strict=True))


def told(layout):
    rows = pd.read_parquet(layout.outcomes)
    assert rows["flight_id"].is_unique
    return dict(zip(rows["flight_id"].tolist(), rows["late"].tolist(), strict=True))


@pytest.mark.parametrize("day", ["2013-04-02", "2013-05-01", "2013-08-15"])
def test_what_is_known_is_right_to_the_row(layout, day):
    World(layout).advance_to(day)
    assert told(layout) == known(day)


def test_its_columns_are_as_agreed(layout):
    World(layout).advance_to("2013-04-02")
    columns = {field.name: str(field.type) for field in pq.read_schema(layout.outcomes)}
    assert columns == {
        "flight_id": "int32",
        "landed_at": "timestamp[ms, tz=UTC]",
        "late": "bool",
    }


def test_before_the_second_of_april_there_is_no_file(layout):
    World(layout).advance_to("2013-04-01")
    assert not layout.outcomes.exists()


def test_the_nights_add_up_and_nothing_is_written_twice(layout):
    world = World(layout)
    world.advance_to("2013-05-30")
    for _ in range(4):
        world.advance()
    assert told(layout) == known("2013-06-03")
    before = layout.outcomes.stat().st_mtime_ns
    world.start()
    world.advance_to("2013-04-10")
    assert layout.outcomes.stat().st_mtime_ns == before


def test_a_workspace_of_before_gets_them_at_the_next_start(layout):
    world = World(layout)
    world.advance_to("2013-04-05")
    layout.outcomes.unlink()
    world.start()
    assert told(layout) == known("2013-04-05")


def test_a_file_that_was_cut_short_is_written_again(layout):
    world = World(layout)
    world.advance_to("2013-04-05")
    layout.outcomes.write_bytes(layout.outcomes.read_bytes()[:100])
    world.start()
    assert told(layout) == known("2013-04-05")


def test_a_kill_between_the_data_and_the_outcomes_is_mended(layout, monkeypatch):
    world = World(layout)
    world.advance_to("2013-04-05")
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(world_module, "write_outcomes", _killed)
        world.advance()
    assert str(world.today) == "2013-04-05"
    world.advance()
    assert told(layout) == known("2013-04-06")


def _killed(*words):
    raise KeyboardInterrupt


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
@pytest.mark.parametrize("seconds", [0.0, 0.03, 0.08])
def test_a_kill_at_any_moment_leaves_a_whole_file(layout, seconds):
    code = (
        "import sys; from pathlib import Path; from widgets.base.paths import Layout; "
        "from widgets.world import World; w = World(Layout(Path(sys.argv[1]))); print(1, flush=1); "
        "[w.advance() for _ in range(100)]"
    )
    World(layout).advance_to("2013-04-03")
    words = [sys.executable, "-c", code, str(layout.root)]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
    day = str(World(layout).today)
    assert set(known(day)) <= set(told(layout))
    World(layout).advance_to("2013-07-20")
    assert told(layout) == known("2013-07-20")
