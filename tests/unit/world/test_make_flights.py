"""The twelve months can be made again, with the same bytes, and are what the data sheet says."""

import hashlib
import re

import pandas as pd
import pytest

from widgets.world.landing import FLIGHTS
from widgets.world.make_flights import SCHEMA, build, read_source, write_months

MONTHS = sorted(FLIGHTS.glob("*.parquet"))


def digest(path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_there_are_twelve_months_and_they_are_small():
    assert [path.stem for path in MONTHS] == [f"2013-{month:02d}" for month in range(1, 13)]
    assert sum(path.stat().st_size for path in MONTHS) < 5_000_000


@pytest.mark.slow
def test_making_them_again_gives_the_same_bytes(tmp_path):
    again = write_months(build(*read_source()), tmp_path)
    assert {path.name: digest(path) for path in again} == {
        path.name: digest(path) for path in MONTHS
    }


def test_the_data_sheet_names_every_column_and_every_digest():
    sheet = (FLIGHTS / "DATASHEET.md").read_text(encoding="utf-8")
    columns = re.findall(r"^\| `(\w+)` \|", sheet, re.M)
    assert columns == SCHEMA.names
    for path in MONTHS:
        assert digest(path) in sheet


def test_cancelled_flights_are_kept_and_marked_and_none_is_doubled():
    year = pd.concat([pd.read_parquet(path) for path in MONTHS])
    assert len(year) == 336_776
    assert year["flight_id"].tolist() == list(range(1, 336_777))
    assert year["cancelled"].sum() == 8_255
    gone = year["cancelled"] | year["diverted"]
    assert (year["arr_delay"].isna() == gone).all()
    assert (year["landed_at"].isna() == gone).all()


def test_a_landing_is_the_departure_plus_the_time_in_the_air_and_on_the_ground():
    year = pd.concat([pd.read_parquet(path) for path in MONTHS]).dropna(subset=["landed_at"])
    minutes = (year["landed_at"] - year["scheduled_at"]).dt.total_seconds() / 60
    taxi = minutes - year["dep_delay"] - year["air_time"]
    assert taxi.between(0, 240).all()
    assert 20 < taxi.median() < 40
