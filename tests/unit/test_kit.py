"""The rooms together: what a workspace's assessment rests on."""

import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from widgets.base.memory import HUB
from widgets.base.paths import Layout
from widgets.evidence import Finding
from widgets.forge.training import FOLDER
from widgets.kit import Kit
from widgets.maturity import State


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return Kit(Layout(tmp_path / "a workspace é"))


def test_looking_at_a_workspace_that_is_not_there_makes_nothing(kit):
    assert kit.assess().proved_level == 0
    assert not kit.layout.root.exists()


def test_a_passed_check_claims_and_proves_nothing_by_itself(kit):
    kit.progress.record_check("1.2", True, 1.0, "learner")
    result = kit.assess().of("automated-tests")
    assert result.state is State.CLAIMED
    assert "the check of 1.2 passed" in result.reason


def test_tests_that_never_caught_a_planted_bug_are_not_proved(kit):
    kit.progress.record_check("1.1", True, 1.0, "learner")
    result = kit.assess().of("automated-tests")
    assert result.state is State.MISSING
    assert "no planted bug caught yet" in result.reason


def test_what_the_kit_solved_is_claimed_with_the_kit(kit):
    kit.progress.record_check("1.4", True, 1.0, "kit")
    assert kit.assess().of("ci-for-code").with_kit


def test_a_reset_does_not_make_the_kits_evidence_ones_own(kit, monkeypatch):
    proved = Finding("ci-for-code", State.PROVED, "main moved after green runs", "origin.git/ci")
    monkeypatch.setattr("widgets.kit.collect_workspace", lambda *asked: [proved])
    kit.progress.record_solution("1.4", "used")
    kit.progress.record_check("1.4", True, 1.0, "kit")
    kit.progress.forget_exercise("1.4")
    assert kit.assess().of("ci-for-code").with_kit
    kit.progress.record_check("1.4", True, 1.0, "learner")
    assert not kit.assess().of("ci-for-code").with_kit


@pytest.fixture
def training(kit):
    """A process that counts as a training of the workspace, as long as it runs."""
    folder = kit.layout.origin / FOLDER
    folder.mkdir(parents=True)
    said = ["widgets.forge.training", str(kit.layout.origin), "a" * 40]
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", *said])
    (folder / f"{'a' * 40}.pid").write_text(str(process.pid))
    yield process
    process.kill()
    process.wait()


def check_of_0_3(kit, training, cancelled=None):
    """Check an exercise; return its events, each with whether the training ran at that moment."""
    kit.start()
    events = []

    def follow(event):
        events.append((event.kind, training.poll() is None))
        if len(events) == 1 and event.kind == "say" and cancelled is None:
            training.kill()
            training.wait()

    result = kit.verbs.check(kit.exercise("0.3"), follow, cancelled)
    kit.checker.close()
    return result, events


def test_where_memory_is_short_a_check_waits_for_a_training(kit, training, monkeypatch):
    monkeypatch.setenv(HUB, str(2**31))
    result, events = check_of_0_3(kit, training)
    assert events[0] == ("say", True), "it says why nothing happens"
    assert result.items and not any(beside for kind, beside in events if kind != "say")


def test_whoever_stops_a_check_waits_for_no_training(kit, training, monkeypatch):
    monkeypatch.setenv(HUB, str(2**31))
    cancelled = threading.Event()
    cancelled.set()
    result, _ = check_of_0_3(kit, training, cancelled)
    assert result.stopped and training.poll() is None


def test_where_there_is_memory_nobody_waits(kit, training, monkeypatch):
    monkeypatch.setattr("widgets.kit.is_small", lambda: False)
    result, events = check_of_0_3(kit, training)
    assert result.items and training.poll() is None
    assert ("collected", True) in events


def test_a_training_that_does_not_end_is_not_waited_for_for_ever(kit, training, monkeypatch):
    monkeypatch.setenv(HUB, str(2**31))
    monkeypatch.setattr("widgets.kit.PATIENCE", 0.2)
    result, events = check_of_0_3(kit, training, threading.Event())
    assert result.items and training.poll() is None
    assert [kind for kind, _ in events[:2]] == ["say", "say"]


@pytest.mark.parametrize(("limit", "stopped"), [(2**31, True), (2**34, False)])
def test_where_memory_is_short_the_year_has_it_to_itself(kit, monkeypatch, limit, stopped):
    monkeypatch.setenv(HUB, str(limit))
    monkeypatch.setattr("widgets.base.memory.CONTAINER", Path("nowhere"))
    calls, lines = [], []
    answers = SimpleNamespace(answers=True)
    kit.server = SimpleNamespace(
        status=lambda: answers,
        stop=lambda: calls.append("stop"),
        start=lambda: calls.append("start"),
    )

    class Year:
        def __init__(self, *words):
            calls.append("year")

        def run(self, again):
            return again

    monkeypatch.setattr("widgets.kit.Year", Year)
    kit.year(lambda far: lines.append(far.line))
    assert calls == (["stop", "year", "start"] if stopped else ["year"])
    assert len(lines) == stopped
