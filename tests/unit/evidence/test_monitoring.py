"""A prediction log that grows, and counters, held against what the clients were told."""

import shutil
import sqlite3
import time
from contextlib import closing
from datetime import timedelta

import pytest

from widgets.evidence import assess, collect_workspace
from widgets.evidence.monitoring import MonitoringCollector
from widgets.evidence.prediction_log import read_predictions
from widgets.maturity import State, load

PRACTICE = "basic-monitoring"


def found(desk):
    return look(desk.service())


def look(service):
    (finding,) = MonitoringCollector(load(), service).collect()
    assert finding.practice == PRACTICE
    assert bool(finding.mend) is (finding.state is not State.PROVED)
    assert finding.what.isprintable() and finding.where.isprintable()
    return finding


def sql(desk, *statements: str) -> None:
    with closing(sqlite3.connect(desk.layout.predictions_db)) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()


def test_what_was_logged_and_counted_is_named_with_its_times(desk):
    finding = found(desk)
    assert finding.state is State.PROVED
    assert finding.what == (
        "345 predictions from 2026-11-24 10:58:21 to 11:11:39 UTC, 345 in all since 2026-11-24; "
        "344 of 344 flights that the clients were answered meanwhile are in it; /metrics answered "
        "7 times, kept pace 3 times"
    )


def test_without_a_log_the_exercise_is_named(desk):
    service = desk.service()
    desk.layout.predictions_db.unlink()
    finding = look(service)
    assert finding.state is State.MISSING
    assert "no prediction was logged" in finding.what and "3.5" in finding.mend


def test_too_few_predictions_are_not_enough(desk):
    desk.rows = desk.rows[-99:]
    finding = found(desk)
    assert finding.state is State.MISSING and "100 predictions" in finding.mend


def test_predictions_of_more_than_an_hour_ago_do_not_count(desk):
    desk.now += timedelta(hours=3)
    desk.log(7000, 99999, 2, 0.1)
    finding = found(desk)
    assert finding.state is State.MISSING
    assert finding.what.startswith("1 predictions") and "346 in all" in finding.what


def test_a_log_that_does_not_grow_is_none(desk):
    for row in desk.rows:
        row[3] = desk.at(600)
    finding = found(desk)
    assert finding.state is State.MISSING and "all at one moment" in finding.what


def test_a_version_that_the_registry_does_not_have_is_named(desk):
    del desk.versions[3]
    finding = found(desk)
    assert finding.state is State.MISSING and "not in the registry: version 3" in finding.what


# ---- held against the clients


def test_a_log_that_nobody_confirms_is_only_claimed(desk):
    service = desk.service()
    desk.layout.traffic_log.unlink()
    finding = look(service)
    assert finding.state is State.CLAIMED
    assert "what the clients were told is not known" in finding.what


@pytest.mark.parametrize(("kept", "state"), [(0.96, State.PROVED), (0.9, State.MISSING)])
def test_some_flights_may_be_missing_but_not_many(desk, kept, state):
    desk.rows = [row for number, row in enumerate(desk.rows) if number % 100 < kept * 100]
    assert found(desk).state is state


def test_a_hole_in_the_log_is_seen(desk):
    desk.rows = [row for row in desk.rows if not desk.at(50) < row[3] < desk.at(250)]
    finding = found(desk)
    assert finding.state is State.MISSING and "244 of 344 flights" in finding.what


def test_a_log_that_ended_while_the_clients_went_on_is_seen(desk):
    desk.ask(2, 710, 900, logged=False)
    finding = found(desk)
    assert finding.state is State.MISSING and "after its end" in finding.what


def test_what_was_answered_before_there_was_a_log_is_not_asked_of_it(desk):
    desk.rows = [row for row in desk.rows if row[3] > desk.at(300)]
    assert found(desk).state is State.PROVED


def test_a_flight_that_was_asked_about_twice_is_no_fault(desk):
    desk.log(690, 80800, 1, 0.9)
    assert found(desk).state is State.PROVED


# ---- forgeries


def test_the_log_of_another_model_is_seen(desk):
    for row in desk.rows:
        row[4] = 1
    finding = found(desk)
    assert finding.state is State.MISSING and "19 of 344 flights" in finding.what


def test_other_probabilities_than_the_clients_were_told_are_seen(desk):
    for row in desk.rows:
        row[6] = 0.5
    finding = found(desk)
    assert finding.state is State.MISSING
    assert "344 with another probability than they were told" in finding.what


def test_the_log_of_other_flights_is_seen(desk):
    for row in desk.rows:
        row[1] += 100_000
    finding = found(desk)
    assert finding.state is State.MISSING and "0 of 344 flights" in finding.what


def test_rounded_probabilities_are_no_fault(desk):
    desk.rows = [[*row[:6], round(row[6], 3), 0] for row in desk.rows]
    assert found(desk).state is State.PROVED


@pytest.mark.parametrize("moment", ["2062-01-01T00:00:00+00:00", "2026-11-25T00:00:00+00:00"])
def test_predictions_of_a_time_to_come_move_no_window(desk, moment):
    desk.rows.append(["x", 1, moment, moment, 2, "{}", 0.1, 0])
    finding = found(desk)
    assert finding.state is State.PROVED and "1 of a time to come" in finding.what


@pytest.mark.parametrize(
    "moment", [None, 7, b"\xff", "", "now", "soon", "12:00:00", "20xx", "z" * 99]
)
def test_what_is_no_moment_is_none(desk, moment):
    desk.rows.append(["x", 1, "", moment, 2, "{}", 0.1, 0])
    finding = found(desk)
    assert finding.state is State.PROVED and "1 without a time" in finding.what


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (1, "LH 7\n"),
        (1, None),
        (4, "two"),
        (4, None),
        (4, 2.5),
        (5, ""),
        (5, None),
        (5, b"\x00"),
        (6, None),
        (6, 7.0),
        (6, -0.1),
        (6, "high"),
    ],
)
def test_what_lacks_something_does_not_count(desk, place, value):
    for row in desk.rows[:300]:
        row[place] = value
    finding = found(desk)
    assert finding.state is State.MISSING
    assert finding.what.startswith("45 predictions")
    assert "300 of the last hour without a flight, a version, inputs or a prob" in finding.what


def test_times_of_other_zones_and_in_other_words_are_read(desk):
    for row in desk.rows:
        row[3] = row[3].replace("T11:", "T13:").replace("T10:", "T12:").replace("+00:", "+02:")
    assert found(desk).state is State.PROVED
    for row in desk.rows:
        row[3] = row[3].replace("T13:", " 11:").replace("T12:", " 10:").replace("+02:00", "Z")
    assert found(desk).state is State.PROVED


# ---- the counters


def test_counters_that_always_show_the_same_are_none(desk):
    for line in desk.traffic:
        if "scrape" in line:
            line["predictions"] = 0.0
    finding = found(desk)
    assert finding.state is State.MISSING and "kept pace 0 times" in finding.what


def test_counters_that_count_too_little_are_seen(desk):
    for line in desk.traffic:
        if "scrape" in line:
            line["predictions"] = 1000 + line["predictions"] / 2
    finding = found(desk)
    assert finding.state is State.MISSING
    assert "fell behind" in finding.what and "/metrics" in finding.mend


def test_counters_that_once_count_too_little_are_seen(desk):
    desk.traffic[-1]["predictions"] -= 3
    finding = found(desk)
    assert finding.state is State.MISSING
    assert "kept pace 2 times, fell behind 1 times" in finding.what


def test_a_restart_begins_anew(desk):
    lost = 0.0
    for line in desk.traffic:
        if "scrape" in line and line["at"] > desk.at(295):
            lost = lost or line["predictions"]
            line["predictions"] -= lost
    finding = found(desk)
    assert finding.state is State.PROVED and "began anew 1 times" in finding.what


def test_a_restart_between_two_looks_is_no_fault(desk):
    # 40 before it and 50 after it: the counter has grown, by less than was answered
    desk.ask(2, 720, 900)
    desk.traffic[-1]["predictions"] = 50.0
    assert found(desk).state is State.PROVED


@pytest.mark.parametrize("changes", [{"ok": False, "predictions": None}, {"at": "2026-11-20"}])
def test_without_a_look_at_the_counters_it_is_only_claimed(desk, changes):
    desk.traffic = [line | changes if "scrape" in line else line for line in desk.traffic]
    finding = found(desk)
    assert finding.state is State.CLAIMED and "/metrics answered 0 times" in finding.what


# ---- a database that is none, or not ours


@pytest.mark.parametrize(
    ("content", "state"),
    [
        (b"", State.MISSING),
        (b"not a database, but long " * 99, State.HIDDEN),
        (b"\0", State.MISSING),
    ],
)
def test_a_file_that_is_no_database_proves_nothing(desk, content, state):
    service = desk.service()
    desk.layout.predictions_db.write_bytes(content)
    assert look(service).state is state


def test_a_folder_in_its_place_is_told(desk):
    service = desk.service()
    desk.layout.predictions_db.unlink()
    desk.layout.predictions_db.mkdir()
    assert look(service).state is State.HIDDEN


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE predictions",
        "DELETE FROM predictions",
        "ALTER TABLE predictions DROP COLUMN version",
        "UPDATE predictions SET logged_at = 'long ago'",
    ],
)
def test_a_foreign_or_empty_database_proves_nothing(desk, statement):
    service = desk.service()
    sql(desk, statement)
    finding = look(service)
    assert finding.state is State.MISSING and "3.5" in finding.mend


def test_a_damaged_database_is_told(desk):
    service = desk.service()
    whole = desk.layout.predictions_db.read_bytes()
    desk.layout.predictions_db.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    assert look(service).state is State.HIDDEN


def test_a_view_that_never_ends_is_left_after_its_time(desk, monkeypatch):
    monkeypatch.setattr("widgets.evidence.prediction_log.IN_ALL", 0.3)
    service = desk.service()
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
    sql(
        desk,
        "DROP TABLE predictions",
        f"CREATE VIEW predictions AS {endless} SELECT i AS prediction_id, i AS flight_id, 1 AS"
        " version, '{}' AS inputs, 0.5 AS p, '2026' AS logged_at, '' AS event_time FROM n",
    )
    begun = time.perf_counter()
    finding = look(service)
    assert time.perf_counter() - begun < 30
    assert finding.state is State.HIDDEN and "seconds to read" in finding.what


def test_a_log_that_is_being_written_is_read_with_what_its_writer_holds_back(desk):
    service = desk.service()
    with closing(sqlite3.connect(desk.layout.predictions_db)) as writer:
        writer.execute("PRAGMA wal_autocheckpoint = 0")
        at = desk.at(699.5)
        writer.execute(f"INSERT INTO predictions VALUES ('x', 1, '', '{at}', 2, '{{}}', 0.1, 0)")
        writer.commit()
        writer.execute("BEGIN IMMEDIATE")
        finding = look(service)
        writer.rollback()
    assert finding.state is State.PROVED and finding.what.startswith("346 predictions")


def test_what_a_killed_server_left_is_read(desk):
    desk.service()
    folder = desk.layout.serving
    with closing(sqlite3.connect(desk.layout.predictions_db)) as writer:
        at = desk.at(699.5)
        writer.execute(f"INSERT INTO predictions VALUES ('x', 1, '', '{at}', 2, '{{}}', 0.1, 0)")
        writer.commit()
        shutil.copytree(folder, folder.parent / "killed")  # with its log, which nobody has closed
    shutil.rmtree(folder)
    (folder.parent / "killed").rename(folder)
    finding = look(desk.look())
    assert finding.state is State.PROVED and finding.what.startswith("346 predictions")


def test_the_reader_leaves_nothing_behind(desk):
    service = desk.service()
    before = {path.name: path.read_bytes() for path in desk.layout.serving.iterdir()}
    look(service)
    assert before == {path.name: path.read_bytes() for path in desk.layout.serving.iterdir()}


@pytest.mark.slow
def test_two_hundred_thousand_predictions_take_a_moment(desk):
    desk.service()
    with closing(sqlite3.connect(desk.layout.predictions_db)) as database:
        inputs = '{"temp": 44.9, "carrier": "US"}' * 8
        database.executemany(
            "INSERT INTO predictions VALUES (?, ?, '', ?, 2, ?, 0.1, 0)",
            ((f"n{n}", n, desk.at(100 + n / 500), inputs) for n in range(200_000)),
        )
        database.commit()
    begun = time.perf_counter()
    log = read_predictions(desk.layout.predictions_db, 1, desk.now)
    assert time.perf_counter() - begun < 30
    assert log.in_hour == 200_345


def test_all_four_practices_are_proved_in_a_real_workspace(whole):
    lab, desk = whole
    desk.service()
    model = load()
    result = assess(model, collect_workspace(model, lab.layout, None))
    level_3 = [each for each in result.practices if each.practice.level == 3]
    assert [each.state for each in level_3] == [State.PROVED] * 4, [each.reason for each in level_3]
    assert not any(each.with_kit for each in level_3)
