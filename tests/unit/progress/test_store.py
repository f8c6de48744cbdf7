"""Progress is kept, whatever happens to the process or the file."""

import multiprocessing
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from widgets.progress import Progress, ProgressError


@pytest.fixture
def progress(tmp_path: Path) -> Progress:
    return Progress(tmp_path / ".kit" / "progress.sqlite")


def test_looking_at_an_empty_workspace_makes_no_file(progress):
    assert progress.claims() == {}
    assert progress.changes() == 0
    assert not progress.path.exists()


def test_a_passed_check_is_a_claim_and_stays_one(progress):
    progress.record_check("1.1", False, 0.5, "learner")
    progress.record_check("1.1", True, 0.5, "learner")
    progress.record_check("1.1", False, 0.5, "learner")
    assert Progress(progress.path).claims() == {"1.1": "learner"}
    assert progress.attempts("1.1") == 3
    assert progress.passed("1.1")
    assert not progress.passed("1.2")


def test_what_the_kit_solved_becomes_the_learners_when_the_learner_passes_it(progress):
    progress.record_check("1.1", True, 0.5, "kit")
    assert progress.claims() == {"1.1": "kit"}
    progress.record_check("1.1", True, 0.5, "learner")
    progress.record_check("1.1", True, 0.5, "kit")
    assert progress.claims() == {"1.1": "learner"}


def test_the_checks_of_an_exercise_are_told_one_by_one(progress):
    progress.record_check("1.1", False, 0.5, "learner")
    progress.record_check("1.2", True, 0.5, "learner")
    progress.record_check("1.1", True, 0.5, "kit")
    told = [(check.passed, check.actor) for check in progress.checks("1.1")]
    assert told == [(False, "learner"), (True, "kit")]
    assert progress.checks("1.1")[0].at.tzinfo is not None


def test_a_note_that_is_kept_once_stays(progress):
    assert progress.note_once("key", "first") == "first"
    assert progress.note_once("key", "second") == "first"


def test_hints_only_grow(progress):
    progress.record_hint("0.1", 2)
    progress.record_hint("0.1", 1)
    assert progress.hints_shown("0.1") == 2
    assert progress.hints_shown("0.2") == 0


def test_solutions_shown_and_used_are_told_apart(progress):
    progress.record_solution("0.1", "shown")
    progress.record_solution("0.1", "shown")
    assert progress.solution_seen("0.1", "shown")
    assert not progress.solution_seen("0.1", "used")


def test_the_last_answer_counts_and_the_tries_are_kept(progress):
    progress.record_answer("start", "q1", ["a", "b"], False)
    progress.record_answer("start", "q1", ["a"], True)
    progress.record_answer("level_0", "q1", 3.5, True)
    answer = progress.answers("start")["q1"]
    assert (answer.answer, answer.correct, answer.tries) == (["a"], True, 2)
    progress.forget_answers("start")
    assert progress.answers("start") == {}
    assert progress.answers("level_0")["q1"].answer == 3.5


def test_notes_hold_what_json_holds(progress):
    progress.set_note("notebooks", {"a.ipynb": "digest"})
    assert progress.note("notebooks") == {"a.ipynb": "digest"}
    assert progress.note("nothing") is None


def test_a_note_that_is_no_json_is_none_and_the_rest_is_kept(progress):
    progress.record_check("0.1", True, 1.0, "learner")
    progress.set_note("a key", "first")
    with closing(sqlite3.connect(progress.path)) as database, database:
        database.execute("UPDATE notes SET value = 'half of a wo'")
    assert progress.note("a key") is None
    assert progress.passed("0.1") and progress.problem is None
    assert progress.note_once("a key", "second") == "second"
    assert progress.note_once("a key", "third") == "second"


def test_every_write_is_seen_in_the_count_of_changes(progress):
    before = progress.changes()
    progress.record_hint("0.1", 1)
    progress.set_note("a", 1)
    assert progress.changes() == before + 2


def test_forgetting_an_exercise_leaves_the_others(progress):
    progress.record_check("1.1", True, 1, "learner")
    progress.record_check("1.2", True, 1, "learner")
    progress.record_hint("1.1", 3)
    progress.forget_exercise("1.1")
    assert progress.claims() == {"1.2": "learner"}
    assert progress.hints_shown("1.1") == 0


def cut_short(whole: bytes) -> bytes:
    return whole[: len(whole) // 3]


def other_bytes(whole: bytes) -> bytes:
    return b"not a database at all" * 100


def first_page_lost(whole: bytes) -> bytes:
    return bytes(4096) + whole[4096:]


def other_pages_lost(whole: bytes) -> bytes:
    return whole[:4096] + bytes(len(whole) - 4096)


def date_garbled(whole: bytes) -> bytes:
    year = str(datetime.now(UTC).year).encode()
    return whole.replace(year + b"-", b"\xff\x01:0-")


@pytest.mark.parametrize(
    "damage", [cut_short, other_bytes, first_page_lost, other_pages_lost, date_garbled]
)
def test_a_damaged_file_is_kept_aside_and_said(progress, damage):
    progress.record_check("1.1", True, 1, "learner")
    progress.record_answer("start", "q1", 1, True)
    damaged = damage(progress.path.read_bytes())
    progress.path.write_bytes(damaged)
    again = Progress(progress.path)
    assert again.answers("start") == {}
    again.record_check("1.2", True, 1, "learner")
    assert again.claims() == {"1.2": "learner"}
    assert again.problem is not None
    kept = list(progress.path.parent.glob("progress.damaged-*.sqlite"))
    assert len(kept) == 1 and kept[0].read_bytes() == damaged
    assert kept[0].name in again.problem


def test_a_damage_is_found_when_somebody_asks_before_the_place_is_needed(progress):
    progress.record_answer("start", "q1", 1, True)
    progress.path.write_bytes(other_pages_lost(progress.path.read_bytes()))
    assert "was damaged" in (Progress(progress.path).problem or "")
    assert Progress(progress.path).problem is None


def test_a_file_that_is_damaged_under_a_long_lived_kernel_is_noticed_too(progress):
    progress.record_check("1.1", True, 1, "learner")
    assert progress.problem is None
    for _ in range(2):  # the second time within the same second
        progress.path.write_bytes(b"something else")
        progress.record_check("1.1", True, 1, "learner")
        assert progress.problem is not None
    assert len(list(progress.path.parent.glob("progress.damaged-*.sqlite"))) == 2


def note_own_name(path: str, name: str) -> None:
    Progress(Path(path)).set_note(name, True)


def test_two_processes_that_find_the_same_damage_begin_one_new_file(progress):
    progress.path.parent.mkdir()
    progress.path.write_bytes(b"damaged" * 1000)
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=note_own_name, args=(str(progress.path), name)) for name in "abc"
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(list(progress.path.parent.glob("progress.damaged-*.sqlite"))) == 1
    assert [progress.note(name) for name in "abc"] == [True, True, True]


def test_a_lock_that_somebody_holds_is_no_damage(progress, monkeypatch):
    monkeypatch.setattr("widgets.progress.database.WAIT_SECONDS", 0.05)
    progress.record_hint("0.1", 1)
    holder = sqlite3.connect(progress.path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(ProgressError, match="locked"):
        progress.record_hint("0.1", 2)
    holder.close()
    assert progress.hints_shown("0.1") == 1
    assert progress.problem is None


def test_a_file_of_a_newer_kit_is_refused_and_left_alone(progress):
    progress.record_check("1.1", True, 1, "learner")
    db = sqlite3.connect(progress.path)
    db.execute("PRAGMA user_version = 99")
    db.commit()
    db.close()
    before = progress.path.read_bytes()
    with pytest.raises(ProgressError, match="newer kit"):
        Progress(progress.path).record_check("1.2", True, 1, "learner")
    assert progress.path.read_bytes() == before


def schema(progress):
    with closing(sqlite3.connect(progress.path)) as db:
        return db.execute("PRAGMA user_version").fetchone()[0]


@pytest.fixture
def newer_kit(monkeypatch):
    """The kit of some later day: it keeps the place of each check."""
    steps = (
        ("ALTER TABLE checks ADD COLUMN place TEXT NOT NULL DEFAULT 'here'",),
        ("CREATE TABLE marks (exercise TEXT)", "INSERT INTO marks SELECT exercise FROM checks"),
    )
    return lambda: monkeypatch.setattr("widgets.progress.database.MIGRATIONS", steps)


def test_a_file_of_an_older_kit_is_brought_up_to_date_and_a_copy_is_kept(progress, newer_kit):
    progress.record_check("1.1", True, 1, "learner")
    progress.record_answer("start", "q1", 1, True)
    before = schema(progress)
    newer_kit()
    again = Progress(progress.path)
    assert again.claims() == {"1.1": "learner"} and again.answers("start")["q1"].correct
    assert schema(again) == before + 2 and again.problem is None
    with closing(sqlite3.connect(progress.path)) as db:
        assert db.execute("SELECT place FROM checks").fetchall() == [("here",)]
        assert db.execute("SELECT exercise FROM marks").fetchall() == [("1.1",)]
    kept = Progress(progress.path.with_name(f"progress.version-{before}.sqlite"))
    assert schema(kept) == before
    assert len(list(progress.path.parent.iterdir())) == 2, "the file and its copy"


@pytest.mark.parametrize("newer", [False, True])
def test_what_the_first_kit_wrote_is_read_by_this_one_and_by_a_newer(progress, newer_kit, newer):
    progress.path.parent.mkdir()
    with closing(sqlite3.connect(progress.path)) as db:
        db.executescript(Path(__file__).with_name("version_1.sql").read_text(encoding="utf-8"))
    if newer:
        newer_kit()
    assert progress.claims() == {"1.1": "learner", "1.2": "kit"}
    assert progress.attempts("1.1") == 2 and progress.hints_shown("1.1") == 2
    assert progress.solution_seen("1.2", "used")
    answer = progress.answers("start")["q1"]
    assert (answer.answer["value"], answer.correct, answer.tries) == ("b", True, 2)
    assert progress.note("passed files 1.2") == {"tests/test_features.py": "abc"}
    assert progress.changes() == 8 and progress.problem is None
    progress.record_check("1.3", True, 1, "learner")
    assert progress.passed("1.3")


def test_a_new_file_and_a_migrated_one_are_the_same(progress, newer_kit, tmp_path):
    progress.record_hint("1.1", 1)
    newer_kit()
    fresh = Progress(tmp_path / "fresh.sqlite")
    tables = []
    for each in (progress, fresh):
        each.record_hint("1.1", 2)
        with closing(sqlite3.connect(each.path)) as db:
            tables.append(db.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall())
    assert tables[0] == tables[1]


def test_a_step_that_fails_leaves_the_old_file_as_it_was(progress, monkeypatch):
    progress.record_check("1.1", True, 1, "learner")
    before = schema(progress)
    steps = (("CREATE TABLE extra (x TEXT)", "INSERT INTO nowhere VALUES (1)"),)
    with monkeypatch.context() as patch:
        patch.setattr("widgets.progress.database.MIGRATIONS", steps)
        with pytest.raises(ProgressError, match="Nothing was changed"):
            Progress(progress.path).claims()
    assert schema(progress) == before and progress.claims() == {"1.1": "learner"}


def migrate(path: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("widgets.progress.database.MIGRATIONS", (("CREATE TABLE extra (x TEXT)",),))
        Progress(Path(path)).claims()


def test_two_processes_that_find_an_older_file_change_it_once(progress):
    progress.record_check("1.1", True, 1, "learner")
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=migrate, args=(str(progress.path),)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert schema(progress) == 2


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ProgressError, match="file"):
        Progress(tmp_path / "file" / "progress.sqlite").record_hint("0.1", 1)
