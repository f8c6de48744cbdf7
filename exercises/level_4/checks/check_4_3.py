"""4.3 Close the loop: an alert starts the pipeline once, and what does not help is given up."""

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta

import pytest
from _bench import client, commit, make_bench
from _registry import SINCE_4_4, take_back

FILE = "flights/loop.py"
FIRST = date(2013, 6, 1)
RULES = """
[rules.loss]
signal = "loss_excess"
threshold = 0.05
for_days = 2
cooldown_days = 5
severity = "critical"
retrain = true

[rules.drift]
signal = "drifted_columns"
threshold = 4
for_days = 1
cooldown_days = 28
severity = "warning"
retrain = false
"""


# What an alert asks for, on days made by hand


@pytest.fixture(scope="module")
def ask(project):
    """What answer() says of an alert that fired on 1 June, `days` later."""
    from flights.alerts import Alert, Rule
    from flights.loop import Try, answer

    rule = Rule("loss", "loss_excess", 0.05, 2, 5, "critical", True)
    watching = Rule("drift", "drifted_columns", 4, 1, 28, "warning", False)

    def said(days: int, *tries, bad=True, busy=False, retrain=True) -> str:
        had = [Try(FIRST + timedelta(days=day), ended) for day, ended in tries]
        alert = Alert(f"loss-{FIRST}", "loss", FIRST)
        today = FIRST + timedelta(days=days)
        return answer(rule if retrain else watching, alert, had, today, bad, busy)

    return said


ANSWERS = {
    "a first bad day": ((0,), {}, "retrain", "an alert is open, and nothing was tried yet"),
    "a rule that only watches": ((0,), {"retrain": False}, "nothing", "retrain is false"),
    "a candidate is being tried": ((0,), {"busy": True}, "nothing", "one change at a time"),
    "the day is good again": ((1,), {"bad": False}, "nothing", "it may be over by itself"),
    "a kill in the middle": ((0, (0, False)), {}, "retrain", "the same try again"),
    "a kill, and a good day": ((1, (0, False)), {"bad": False}, "retrain", "the same try again"),
    "a kill, and something goes on": (
        (0, (0, False)),
        {"busy": True},
        "nothing",
        "one change at a time",
    ),
    "four days after a try": ((4, (0, True)), {}, "nothing", "the cooldown is five days"),
    "five days after a try": ((5, (0, True)), {}, "retrain", "the cooldown is over"),
    "after a try and a later one": (
        (8, (0, True), (5, True)),
        {},
        "nothing",
        "the last try counts",
    ),
    "three tries did not help": (
        (15, (0, True), (5, True), (10, True)),
        {},
        "give up",
        "after three tries a person has to look",
    ),
    "the third try's cooldown": (
        (12, (0, True), (5, True), (10, True)),
        {},
        "nothing",
        "the last one may still help",
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_answer(name, ask):
    """Each state of an alert has its answer: retrain, nothing, or give up."""
    days, words, wanted, why = ANSWERS[name]
    found = ask(*days, **words)
    assert found == wanted, (
        f"{name}: answer() says {found!r}; wanted is {wanted!r}: {why} ({FILE})."
    )


@pytest.fixture
def tries(project):
    """What tries_of() finds for the alert loss-2013-06-01; lines are (day, id, step)."""
    from flights.alerts import Alert
    from flights.events import Event
    from flights.loop import tries_of

    def found(*lines):
        events = [
            Event(
                at="2026-01-01T00:00:00+00:00",
                kind=kind,
                step=step,
                id=id,
                version=None,
                previous=None,
                run_id=None,
                actor="loop",
                cause="written by the check",
                event_time=f"2013-06-{day:02d}T04:00:00+00:00",
            )
            for day, kind, id, step in lines
        ]
        alert = Alert(f"loss-{FIRST}", "loss", FIRST)
        return [(each.day.day, each.ended) for each in tries_of(alert, events)]

    return found


TRY = f"loss-{FIRST}"


def test_tries(tries):
    """One try has several lines; it began with its first one."""
    assert tries() == [], f"No line, and tries_of() finds tries ({FILE})."
    found = tries((2, "retraining", f"{TRY}-1", "started"))
    assert found == [(1, False)], (
        f"A try that was only started has not ended, and belongs to the day that just ended, "
        f"1 June: found (day, ended) {found} ({FILE})."
    )
    found = tries(
        (2, "retraining", f"{TRY}-1", "started"),
        (4, "retraining", f"{TRY}-1", "failed"),
        (9, "retraining", f"{TRY}-2", "started"),
    )
    assert found == [(1, True), (8, False)], (
        f"Begun at the end of 1 June, failed after a kill two days later; a second one at the end "
        f"of 8 June. A try's day is the day on which it began, and failed is an end too. Found "
        f"(day, ended): {found} ({FILE})."
    )


def test_others(tries):
    """Another alert's try, or a line of another kind, is none of this alert's."""
    found = tries(
        (2, "retraining", "loss-2013-04-23-1", "done"),
        (2, "alert", TRY, "fired"),
        (2, "canary", f"{TRY}-1", "started"),
    )
    assert found == [], (
        f"There is another alert's try, a line of the alert and one of a canary; found {found}: "
        f"another alert's try does not count ({FILE})."
    )


# The loop itself, on nights whose signals are written down already


class Nights:
    """A loop in a workspace of its own, to which nights happen."""

    def __init__(self, project, folder, kit_flights, monkeypatch) -> None:
        from flights.settings import read_settings
        from flights.store import connect

        take_back(project, SINCE_4_4)
        make_bench(folder, kit_flights)
        commit(project)
        (project / "alerts.toml").write_text(RULES, encoding="utf-8")
        self.settings = read_settings(project)
        connect(self.settings)
        self.settings.serving.mkdir()
        self.tries: list[str] = []
        self._signals = self.settings.serving / "signals.jsonl"
        self.today = FIRST - timedelta(days=1)
        monkeypatch.setattr("flights.loop.retrain", self._retrain)
        self.anew()

    def anew(self) -> None:
        """As if the process had been started anew: what is not in a file is forgotten."""
        from flights.loop import Loop

        self.loop = Loop(self.settings)

    def pass_by(self, *excesses: float | None, drifted: int | None = None) -> list[str]:
        """Let days end with these excesses of the loss; return what was written down."""
        found = []
        for excess in excesses:
            self.today += timedelta(days=1)
            night = {"day": str(self.today), "loss_excess": excess, "drifted_columns": drifted}
            with self._signals.open("a", encoding="utf-8") as log:
                log.write(json.dumps(night) + "\n")
            found += self.end_day()
        return found

    def end_day(self) -> list[str]:
        """Say that today has ended; return what was written down because of it."""
        from flights.clock import midnight_after

        events = self.loop.tick(midnight_after(self.today))
        return [f"{event.kind} {event.step}" for event in events]

    def _retrain(self, alert: str, number: int, settings) -> None:
        """Write down a retraining that changes nothing, in place of training all data."""
        from flights.journal import record

        self.tries.append(f"{alert}-{number}")
        name = f"{alert}-{number}"
        record("retraining", "started", name, settings, actor="loop", cause="a try of the check's")
        record("retraining", "done", name, settings, actor="loop", cause="it did not help")


@pytest.fixture
def nights(project, tmp_path, kit_flights, monkeypatch):
    return Nights(project, tmp_path / "bench", kit_flights, monkeypatch)


def test_one_incident(nights):
    """One incident: one alert, one retraining, and its end."""
    found = nights.pass_by(0.0, 0.2, 0.2, 0.2, 0.0, 0.0, 0.0)
    wanted = ["alert fired", "retraining started", "retraining done", "alert resolved"]
    assert found == wanted, (
        f"Two good days after three bad ones; the log says {found}, wanted is {wanted} ({FILE})."
    )


def test_no_storm(nights):
    """A month that no retraining helps: three tries, five days apart, then a person is told."""
    found = Counter(nights.pass_by(*[0.3] * 30))
    assert found["alert fired"] == 1, f"One incident made {found['alert fired']} alerts ({FILE})."
    assert len(nights.tries) == 3, (
        f"Thirty bad nights started {len(nights.tries)} retrainings: {', '.join(nights.tries)}. "
        f"Wanted are three, with the cooldown between them ({FILE})."
    )
    assert found["loop gave-up"] == 1, (
        f"That it gives up was written down {found['loop gave-up']} times; wanted is once ({FILE})."
    )


def test_drift_alone(nights):
    """Drift is no loss: an alert, and nothing is trained."""
    nights.pass_by(0.0, 0.0, drifted=8)
    assert not nights.tries, f"The rule drift has retrain = false, and it trained ({FILE})."


def test_busy(nights):
    """While a candidate is being tried no second retraining starts; afterwards it may."""
    told = {"id": "1", "kind": "canary", "version": 2, "previous": 1, "salt": "s", "shares": [0.1]}
    told |= {"step": 0, "since": "2013-06-01", "step_since": "2013-06-01", "share": 0.1}
    place = nights.settings.serving / "rollout.json"
    place.write_text(json.dumps(told), encoding="utf-8")
    nights.pass_by(0.2, 0.2, 0.2)
    assert not nights.tries, f"A canary goes on, and a retraining was started beside it ({FILE})."
    place.unlink()
    nights.pass_by(0.2)
    assert len(nights.tries) == 1, f"The canary is over, the night is bad; no retraining ({FILE})."


def test_pause(nights):
    """A person can pause the loop: it goes on telling, and starts nothing."""
    from flights.control import go_on, pause

    pause("I want to look myself", nights.settings)
    found = nights.pass_by(0.2, 0.2, 0.2)
    assert "alert fired" in found, f"A paused loop has to go on telling: {found} ({FILE})."
    assert not nights.tries, f"It was paused, and started a retraining ({FILE})."
    go_on("I have looked", nights.settings)
    nights.pass_by(0.2)
    assert len(nights.tries) == 1, f"It may go on, the night is bad; no retraining ({FILE})."


def test_kill(nights, monkeypatch):
    """Killed while it trains, it begins the same try again, and tells the alert once."""

    class Killed(BaseException):
        """As if the process had died here."""

    def dying(alert, number, settings):
        from flights.journal import record

        name = f"{alert}-{number}"
        record("retraining", "started", name, settings, actor="loop", cause="a try of the check's")
        raise Killed

    monkeypatch.setattr("flights.loop.retrain", dying)
    nights.pass_by(0.2)
    with pytest.raises(Killed):
        nights.pass_by(0.2)
    monkeypatch.setattr("flights.loop.retrain", nights._retrain)
    nights.anew()
    found = nights.end_day()
    assert nights.tries == [f"loss-{nights.today}-1"], (
        f"Killed in its first try and started anew, it made {nights.tries or 'none'}; wanted is "
        f"the same try again: loss-{nights.today}-1. A try that was only started has not ended "
        f"({FILE})."
    )
    assert "alert fired" not in found, f"The alert was told twice ({FILE})."


def test_clock(nights):
    """The same moment twice, or an earlier one: nothing happens."""
    nights.pass_by(0.2, 0.2)
    again = nights.end_day()
    assert again == [], f"The same midnight once more, and it wrote down {again} ({FILE})."
    nights.today -= timedelta(days=1)
    assert nights.end_day() == [], f"A clock that was set back, and something was done ({FILE})."


# The real thing


def test_process(project, tmp_path, kit_flights, say):
    """An alert trains for real: the run says which alert, and the gate has judged the version."""
    say("your loop trains for real, and the gate judges")
    take_back(project, SINCE_4_4)
    bench = make_bench(tmp_path / "bench", kit_flights)
    commit(project)
    (project / "alerts.toml").write_text(RULES, encoding="utf-8")
    (bench / "serving").mkdir()
    days = [FIRST + timedelta(days=number) for number in range(2)]
    nights = [{"day": str(day), "loss_excess": 0.2, "drifted_columns": None} for day in days]
    lines = "".join(json.dumps(night) + "\n" for night in nights)
    (bench / "serving" / "signals.jsonl").write_text(lines, encoding="utf-8")
    told = [{"now": f"{day + timedelta(days=1)}T04:00:00+00:00"} for day in days]
    done = subprocess.run(
        [sys.executable, "-m", "flights.loop"],
        input="".join(json.dumps(line) + "\n" for line in told) + "no JSON\n",
        cwd=project,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 0, f"python -m flights.loop failed:\n{done.stderr[-600:]}"
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == 3 and "error" in answers[-1], (
        f"Three lines went in, the last one is no JSON; it answered: {done.stdout[-600:]}"
    )
    wrong = [answer["error"] for answer in answers[:2] if "error" in answer]
    assert not wrong, f"The loop answers with an error: {wrong[0]} ({FILE})."
    runs = client().search_runs([each.experiment_id for each in client().search_experiments()])
    triggers = [run.data.tags.get("trigger") for run in runs]
    wanted = f"alert:loss-{days[-1]}"
    assert triggers == [wanted], (
        f"Two bad nights; the runs' triggers are {triggers}, wanted is one run with {wanted} "
        f"({FILE})."
    )
    versions = client().search_model_versions("name = 'late-flights'")
    assert versions, "The retraining has registered no version."
    (version,) = versions
    decided = client().get_model_version("late-flights", version.version).tags
    assert "gate.decision" in decided, (
        "The version has no decision: the loop's candidates go through the same gate "
        "(after_register in pyproject.toml)."
    )
