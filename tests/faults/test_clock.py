"""The machine's clock is set back or ahead between two events: neither order nor counts follow."""

import json
import os
from datetime import UTC, datetime, timedelta

import pytest

from tests.faults.kernel import BANK, QUESTION
from widgets.base.files import keep_copy, set_aside
from widgets.progress import Progress
from widgets.quiz.session import QuizSession
from widgets.services.status import changed_since, read_told

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
JUMPS = {
    "a day back": timedelta(days=-1),
    "a year ahead": timedelta(days=365),
    "to the beginning of time": datetime(1970, 1, 1, tzinfo=UTC) - NOW,
}
every_jump = pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS)


@pytest.fixture
def at(monkeypatch):
    """Return a function that sets the clock by which the progress dates what it keeps."""

    def set_clock(moment):
        text = moment.isoformat(timespec="seconds")
        monkeypatch.setattr("widgets.progress.store._now", lambda: text)

    return set_clock


@every_jump
def test_the_last_answer_is_the_one_that_was_given_last(layout, at, jump):
    progress = Progress(layout.progress)
    session = QuizSession(BANK, progress, seed=1)
    keys = [option.key for option in session.options(QUESTION.id)]
    at(NOW)
    session.answer(QUESTION.id, keys[0])
    at(NOW + jump)
    session.answer(QUESTION.id, keys[1])
    found = progress.answers(BANK.bank)[QUESTION.id]
    assert found.answer["value"] == keys[1] and found.tries == 2
    assert found.at == NOW + jump
    assert QuizSession(BANK, progress).feedback(QUESTION.id).tries == 2


@every_jump
def test_checks_are_counted_and_a_pass_stays_a_pass(layout, at, jump):
    progress = Progress(layout.progress)
    at(NOW)
    progress.record_check("1.1", True, 1, "kit")
    at(NOW + jump)
    progress.record_check("1.1", False, 1, "learner")
    progress.record_check("1.1", True, 1, "learner")
    assert progress.attempts("1.1") == 3
    assert progress.claims() == {"1.1": "learner"}
    assert progress.changes() == 3
    assert progress.problem is None


@every_jump
def test_copies_of_one_moment_do_not_replace_each_other(layout, monkeypatch, jump):
    """After a jump back the same second comes again."""
    file = layout.project / "flights" / "features.py"
    file.parent.mkdir(parents=True)
    kept = []
    for moment, text in ((NOW, "first"), (NOW + jump, "second"), (NOW, "third")):

        class Clock(datetime):
            @classmethod
            def now(cls, tz=None, moment=moment):
                return moment

        monkeypatch.setattr("widgets.base.files.datetime", Clock)
        file.write_text(text)
        kept.append(keep_copy(file, layout.copies, layout.root))
    assert [path.read_text() for path in kept] == ["first", "second", "third"]


@every_jump
def test_a_file_with_a_date_of_another_time_is_set_aside_all_the_same(tmp_path, jump):
    file = tmp_path / "report.html"
    for _ in range(2):
        file.write_text("a report")
        moment = (NOW + jump).timestamp()
        os.utime(file, (moment, moment))
        assert set_aside(file).read_text() == "a report"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_server_that_began_in_the_future_is_no_fault(layout):
    """Set back after the server had started: it is found, and not called outdated for it."""
    package = layout.project / "flights"
    package.mkdir(parents=True)
    layout.serving.mkdir()
    (package / "serve.py").write_text("")
    later = datetime.now(UTC) + timedelta(days=365)
    told = {"url": "http://127.0.0.1:1", "pid": os.getpid(), "started_at": later.isoformat()}
    layout.server_file.write_text(json.dumps(told))
    found = read_told(layout)
    assert found.pid == os.getpid()
    assert not changed_since(layout, found.started)
