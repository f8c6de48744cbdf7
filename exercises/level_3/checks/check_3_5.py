"""3.5 Basic monitoring: what was answered stands in the log, also after a kill."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime

import pandas as pd
import pytest
from _bench import few
from _registry import begin, point_to, register, train
from _server import Load, Server, asked

FILE = "flights/predictions.py"


@pytest.fixture(scope="module")
def settings(project, workspace, kit_flights):
    settings = begin(project, workspace / "bench", kit_flights)
    register(train(kit_flights), settings)
    point_to(1)
    return settings


@pytest.fixture(scope="module")
def flights(kit_flights):
    return few(kit_flights).tail(300).reset_index(drop=True)


@pytest.fixture(scope="module")
def started(settings, project, program, workspace, say):
    say("starting your server")
    servers = [Server(program, project, workspace / "bench")]
    yield servers
    servers[-1].stop()


@pytest.fixture(scope="module")
def told(started, flights):
    """What the server answered: five flights, then the first of them once more."""
    return [*started[-1].predict(flights.head(5)), *started[-1].predict(flights.head(1))]


def rows(settings) -> list[dict]:
    """Return what stands in the log, read as somebody else would."""
    file = settings.serving / "predictions.db"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute("SELECT * FROM predictions ORDER BY rowid")]


@pytest.fixture(scope="module")
def written(told, settings):
    found = {row["prediction_id"]: row for row in rows(settings)}
    missing = [each for each in told if each["prediction_id"] not in found]
    assert not missing, (
        f"Six predictions were answered, {len(missing)} of their ids are not in "
        f"serving/predictions.db: add() writes a row for each entry ({FILE})."
    )
    return [found[each["prediction_id"]] for each in told]


def test_row(written, told, flights):
    """Each prediction is a row: flight, event time, version, probability, and the inputs."""
    for row, answer, (_, flight) in zip(written, told, flights.head(5).iterrows(), strict=False):
        assert row["flight_id"] == flight["flight_id"] and row["version"] == 1, row
        assert abs(row["p"] - answer["probability"]) < 1e-9, f"p is {row['p']}, told was {answer}"
        moment = datetime.fromisoformat(row["event_time"])
        assert moment == flight["scheduled_at"], (
            f"The flight is scheduled at {flight['scheduled_at']}, event_time says "
            f"{row['event_time']}: it is the flight's time, not the clock's ({FILE})."
        )
        assert row["event_time"].endswith("+00:00") and "T" in row["event_time"], (
            f"event_time is {row['event_time']!r}: in UTC, with isoformat(), as 2013-01-31T17:00:00"
            f"+00:00. Otherwise texts cannot be compared ({FILE})."
        )
        inputs = json.loads(row["inputs"])
        wanted = asked(pd.DataFrame([flight]))[0]
        same = {name: inputs.get(name, "nothing") == wanted[name] for name in ("temp", "carrier")}
        assert all(same.values()), f"The inputs that are kept are others: {row['inputs']} ({FILE})."
    clock = datetime.fromisoformat(written[0]["logged_at"])
    assert clock.year >= 2024, f"logged_at is the server's clock, now(): {written[0]['logged_at']}"


def test_repeated(written, told):
    """A flight that is asked about again is answered and logged as a repetition."""
    flags = [bool(row["repeated"]) for row in written]
    assert flags == [False] * 5 + [True], (
        f"Five flights, then the first of them again: repeated is {flags} in the log. Remember who "
        f"was asked about (self._asked) ({FILE})."
    )
    assert [each["repeated"] for each in told] == flags, (
        f"The answers say repeated={[each['repeated'] for each in told]}, the log {flags} ({FILE})."
    )


def test_within(started, flights, settings):
    """Also within one request, and in another time zone, a flight is recognised."""
    flight = flights.iloc[[10]]
    zoned = flight.assign(scheduled_at=flight["scheduled_at"].dt.tz_convert("America/New_York"))
    found = started[-1].predict(pd.concat([zoned, zoned]))
    flags = [each["repeated"] for each in found]
    assert flags == [False, True], (
        f"Twice the same flight in one request: repeated is {flags} ({FILE})."
    )
    assert rows(settings)[-1]["event_time"].endswith("+00:00"), (
        f"The client sent New York's time; event_time is {rows(settings)[-1]['event_time']}: keep "
        f"it in UTC, scheduled_at.astimezone(UTC) ({FILE})."
    )


def test_kill(started, flights, settings, project, program, workspace, say):
    """Killed in the middle of traffic, everything that was answered stands in the log."""
    say("killing your server in the middle of traffic, and starting it again")
    with Load(started[-1], flights, clients=3) as load:
        while len(load.answers) < 60 and not load.failures:
            pass
        started[-1].kill()
    kept = {row["prediction_id"] for row in rows(settings)}
    lost = [found for _, found in load.answers if found["prediction_id"] not in kept]
    assert not lost, (
        f"{len(load.answers)} predictions were answered before the kill, {len(lost)} of them are "
        f"not in the log: write them down before the answer goes out, in add() itself ({FILE})."
    )
    started.append(Server(program, project, workspace / "bench"))
    (again,) = started[-1].predict(flights.head(1))
    assert again["repeated"], "After a start anew nobody remembers which flights were asked about."


def test_readers(started, flights, settings):
    """Who reads the log holds no request up."""
    file = settings.serving / "predictions.db"
    with closing(sqlite3.connect(file)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM predictions").fetchone()
        before = len(rows(settings))
        started[-1].predict(flights.head(3))
        assert len(rows(settings)) == before + 3, (
            "While somebody reads the log nothing is written down: open_log sets WAL mode, keep "
            f"its connection ({FILE})."
        )


@pytest.fixture
def log(settings, tmp_path):
    from flights.predictions import PredictionLog

    log = PredictionLog(replace(settings, serving=tmp_path))
    yield log
    log.close()


def entries(flights, *probabilities):
    from flights.predictions import Entry
    from flights.schema import Flight

    told = asked(flights.head(len(probabilities)))
    flown = [Flight(**each) for each in told]
    return [Entry(flight, 1, p) for flight, p in zip(flown, probabilities, strict=True)]


def test_all_or_nothing(log, flights, settings, tmp_path):
    """All rows of a request are written, or none; and none then counts as asked about."""
    with pytest.raises(sqlite3.Error):
        log.add(entries(flights, 0.1, None))
    with closing(sqlite3.connect(tmp_path / "predictions.db")) as database:
        (count,) = database.execute("SELECT count(*) FROM predictions").fetchone()
    assert count == 0, (
        "The second of two rows could not be written, the first stands in the log: one transaction "
        f"for a request (`with self._database:`) ({FILE})."
    )
    ((_, repeated),) = log.add(entries(flights, 0.1))
    assert not repeated, (
        "A request could not be written down; asked again, its flight counts as repeated. Remember "
        f"the flights after the transaction ({FILE})."
    )


def test_summary(log, flights, settings, tmp_path):
    """summarise says what each version has predicted, day by day."""
    from flights.predictions import summarise

    made = entries(flights, 0.1, 0.3, 0.5)
    late = [replace(entry, version=2) for entry in made[2:]]
    log.add([*made[:2], *late])
    log.add(late)
    found = summarise(replace(settings, serving=tmp_path))
    columns = ["day", "version", "predictions", "predicted_late", "repeated"]
    assert list(found.columns) == columns, f"Its columns are {list(found.columns)} ({FILE})."
    day = flights.loc[0, "scheduled_at"].strftime("%Y-%m-%d")
    rows = [tuple(row) for row in found.round(6).itertuples(index=False)]
    assert rows == [(day, 1, 2, 0.2, 0), (day, 2, 2, 0.5, 1)], (
        f"Version 1 said 0.1 and 0.3, version 2 0.5 twice. The table: {rows} ({FILE})."
    )
