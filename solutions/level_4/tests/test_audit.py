"""The chain of the log, and the policy's rule of kinds."""

from dataclasses import replace
from pathlib import Path

import pytest

from flights import audit
from flights.events import Event, now
from flights.policy import Kind, Papers, check_kind
from flights.settings import Settings, read_settings

SAME = Kind(1, "LogisticRegression", ("hour: double",))
PAPERS = Papers(SAME, SAME, "", {}, {}, {}, {}, {}, "")


@pytest.fixture
def log(tmp_path: Path) -> Settings:
    """Return settings with a log of four lines."""
    settings = replace(read_settings(Path(__file__).parents[1]), serving=tmp_path / "serving")
    for number in range(4):
        event = Event(now(), "deploy", "done", f"d-{number}", 1, None, None, "gate", "a test")
        audit.append(event, settings)
    return settings


def spoil(log: Settings, old: str, new: str) -> str:
    file = log.serving / "events.jsonl"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    return audit.verify(log).problem


def test_an_untouched_log_is_whole(log):
    assert audit.verify(log) == audit.Audit(4, "")


def test_an_edited_line_is_named(log):
    assert spoil(log, "d-2", "d-9").startswith("line 3:")


def test_a_log_that_was_cut_at_its_end_is_missed(log):
    last = (log.serving / "events.jsonl").read_text(encoding="utf-8").splitlines()[-1]
    assert "cut" in spoil(log, last + "\n", "")


def test_a_lost_key_stops_no_line_and_is_told(log, capsys):
    (log.serving.parent / "keys" / "signing.key").unlink()
    audit.append(Event(now(), "deploy", "done", "x", 1, None, None, "gate", "a test"), log)
    assert "is lost" in capsys.readouterr().err
    assert "younger than the signed head" in audit.verify(log).problem


def test_routine_is_approved_beforehand_and_what_is_new_is_not():
    new = replace(PAPERS, kind=replace(SAME, family="Boosting"))
    assert check_kind(PAPERS).passed and check_kind(replace(new, champion=None)).passed
    assert not check_kind(new).passed
    assert check_kind(replace(new, approved_by="bea")).passed
