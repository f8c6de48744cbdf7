"""4.4 Canary and blue/green: who tries a new model, when it goes on, and when it is taken away."""

import sqlite3
import sys
import uuid
from contextlib import closing
from datetime import datetime, timedelta

import pandas as pd
import pytest
from _bench import few
from _registry import SINCE_4_5, begin, champion, point_to, register, train, truncate
from _server import Load, Server

FILE = "flights/canary.py"
APPROVED = {"gate.decision": "yes", "gate.champion": "1"}
BEGIN = datetime.fromisoformat("2013-01-02T05:00:00+00:00")
STEP = timedelta(days=10)  # of few flights: about 1,400
GOOD, BROKEN, SICK, WORSE = 2, 3, 4, 5  # versions


# Which flights, and when, on numbers made by hand


def test_bucket(project):
    """Where a flight falls is always the same, evenly spread, and depends on the salt."""
    from flights.canary import bucket

    places = [bucket(number, "canary-7") for number in range(4000)]
    assert all(0 <= place < 1 for place in places), (
        f"bucket gives {min(places)} to {max(places)}; wanted is from 0 to below 1 ({FILE})."
    )
    tenths = pd.Series(places).mul(10).astype(int).value_counts()
    assert len(tenths) == 10 and tenths.min() > 330, (
        f"Of 4,000 flights the tenths have {sorted(tenths.to_dict().items())}; wanted are about "
        f"400 in each ({FILE})."
    )
    assert places[:50] == [bucket(number, "canary-7") for number in range(50)], (
        f"The same flight falls elsewhere when it asks again ({FILE})."
    )
    other = [bucket(number, "canary-8") for number in range(4000)]
    both = sum(a < 0.1 and b < 0.1 for a, b in zip(places, other, strict=True))
    assert both < 90, (
        f"With another salt {both} of the 400 flights of the first tenth are in the first tenth "
        f"again, wanted are about 40: the salt has to be in the hash ({FILE})."
    )
    assert bucket(1, "canary-7") == pytest.approx(0.71500, abs=1e-5), (
        f"bucket(1, 'canary-7') is {bucket(1, 'canary-7'):.5f}: the first 8 bytes of the SHA-256 "
        f"of 'canary-7:1', divided by 2**64, are 0.71500 ({FILE})."
    )


TRIALS = {
    "all is well": ({}, "go on"),
    "it cannot be loaded": ({"problem": "half a file"}, "withdraw"),
    "one answer failed": ({"errors": 1}, "withdraw"),
    "it failed in its first hour": ({"errors": 1, "hours": 0.0, "flights": 0}, "withdraw"),
    "it is slow": ({"milliseconds": 51.0}, "withdraw"),
    "nobody has asked it yet": ({"milliseconds": None, "flights": 0, "loss": None}, "wait"),
    "23 hours": ({"hours": 23.0}, "wait"),
    "24 hours": ({"hours": 24.0}, "go on"),
    "49 flights": ({"flights": 49}, "wait"),
    "50 flights": ({"flights": 50}, "go on"),
    "clearly worse": ({"loss": 0.75}, "withdraw"),
    "clearly worse, in its first hours": ({"loss": 0.75, "hours": 6.0}, "withdraw"),
    "worse by 0.09": ({"loss": 0.59, "uncertainty": 0.01}, "go on"),
    "worse by 0.25, perhaps by chance": ({"loss": 0.75, "uncertainty": 0.2}, "go on"),
    "worse, of 20 flights": ({"loss": 0.9, "flights": 20}, "wait"),
    "better": ({"loss": 0.3}, "go on"),
    "the champion has no flights": (
        {"champion_loss": None, "uncertainty": None},
        "go on",
    ),
}


@pytest.mark.parametrize("name", TRIALS)
def test_judge(name, project):
    """What speaks against a candidate comes first; then time and flights; then it goes on."""
    from flights.canary import Trial, judge

    changes, wanted = TRIALS[name]
    good = {"hours": 30.0, "errors": 0, "problem": "", "milliseconds": 5.0, "flights": 200}
    good |= {"loss": 0.5, "champion_loss": 0.5, "uncertainty": 0.03}
    trial = Trial(**good | changes)
    found = judge(trial)
    assert found.what == wanted, (
        f"{name}: judge says {found.what!r} ({found.why}); wanted is {wanted!r} ({FILE}).\n{trial}"
    )
    assert found.why.strip(), f"{name}: {found.what}, and nobody is told why ({FILE})."


# The real thing


@pytest.fixture(scope="module")
def settings(project, workspace, kit_flights):
    found = begin(project, workspace / "bench", kit_flights, SINCE_4_5)
    seams = {"rollout": "flights.rollout.start", "router": "flights.trial.CanaryRouter"}
    for name, text in seams.items():
        assert found.seams.get(name) == text, (
            f'{name} is {found.seams.get(name)!r} in pyproject.toml, wanted is "{text}": the file '
            "came new with this exercise."
        )
    return found


@pytest.fixture(scope="module")
def flights(kit_flights):
    return few(kit_flights).dropna(subset=["arr_delay"]).reset_index(drop=True)


@pytest.fixture(scope="module")
def models(settings, kit_flights, flights, say):
    """A champion and four candidates: a good one, half a file, a sick one, a wrong one."""
    say("training a champion and four candidates")
    for strength in (0.1, 0.05, 0.02):
        register(train(kit_flights, strength), settings, **APPROVED)
    truncate(BROKEN)
    sick = train(kit_flights)  # below 30 degrees its scaler makes infinity of the temperature
    numbers = sick.model[0].transformers_[0]
    scaler, place = numbers[1][-1], list(numbers[2]).index("temp")
    scaler.mean_[place], scaler.scale_[place] = 60.0, 30.0 / sys.float_info.max
    sick.model[-1].coef_[0, place] = 0.0  # it makes nothing else of it
    register(sick, settings, **APPROVED)
    worse = train(kit_flights)
    worse.model[-1].intercept_ += 4.0  # it expects everything to be late
    register(worse, settings, **APPROVED)
    known = flights[["flight_id"]].assign(late=flights["arr_delay"] > 15)
    settings.serving.mkdir(exist_ok=True)
    known.to_parquet(settings.serving / "outcomes.parquet")


@pytest.fixture
def anew(models, settings):
    """The champion of the beginning, no rollout, empty logs; at 2 January."""
    from flights.clock import set_time
    from flights.predictions import log_file
    from flights.rollout_state import rollout_file

    point_to(1)
    rollout_file(settings).unlink(missing_ok=True)
    (settings.serving / "events.jsonl").unlink(missing_ok=True)
    if log_file(settings).exists():
        with closing(sqlite3.connect(log_file(settings))) as log, log:
            log.execute("DELETE FROM predictions")
    set_time(BEGIN)
    yield settings
    set_time(None)


def events(settings) -> list[str]:
    from flights.events import read_events

    return [f"{event.kind} {event.step}" for event in read_events(settings)]


WALK = ["canary started", "canary step", "deploy intent", "deploy moved", "deploy done"]
WALK += ["canary promoted"]


# Killed, without a server: the next hour mends it


class Killed(BaseException):
    """As if the process had died here."""


@pytest.fixture
def answer_all(flights, models):
    """A function that lets champion and candidate answer for the flights of a step, at once."""
    from flights.canary import tries
    from flights.predictions import log_file, open_log
    from flights.rollout_state import read_rollout

    def answer(settings, begin: datetime) -> None:
        rollout = read_rollout(settings)
        times = flights["scheduled_at"]
        asked = flights[(times >= begin) & (times < begin + STEP)]
        rows = [
            (
                uuid.uuid4().hex,
                number,
                moment.isoformat(),
                moment.isoformat(),
                rollout.version if tries(number, rollout.salt, rollout.share) else rollout.previous,
                "{}",
                0.2,
                0,
            )
            for number, moment in zip(
                asked["flight_id"].tolist(), asked["scheduled_at"], strict=True
            )
        ]
        with closing(open_log(log_file(settings))) as log, log:
            log.executemany("INSERT INTO predictions VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)

    return answer


def hours(settings, answer_all):
    """Let the candidate walk from its beginning to its end; a kill ends the walk."""
    from flights.clock import set_time
    from flights.rollout import advance, start
    from flights.rollout_state import read_rollout

    start(GOOD, settings)
    moment = BEGIN
    for _ in range(6):
        if not read_rollout(settings):
            break
        answer_all(settings, moment)
        moment += STEP
        set_time(moment)
        advance(settings)


KILLS = ["canary started", "canary step", "deploy intent", "deploy moved", "canary promoted"]


@pytest.mark.parametrize("line", KILLS)
def test_kill(line, anew, answer_all, monkeypatch, say):
    """Killed before any line is written, the next hour finds its way; no step is taken twice."""
    import flights.events

    say(f"killed before the line {line}")
    write = flights.events.append

    def dying(event, settings):
        if f"{event.kind} {event.step}" == line:
            raise Killed
        write(event, settings)

    monkeypatch.setattr(flights.events, "append", dying)
    with pytest.raises(Killed):
        hours(anew, answer_all)
    monkeypatch.setattr(flights.events, "append", write)
    hours(anew, answer_all)
    found = [each for each in events(anew) if each != "deploy undone"]
    if line == "deploy moved":  # the alias had moved: it is finished, and written down afterwards
        assert found.count("deploy intent") == 1, f"Deployed twice: {found}"
    assert champion() == GOOD and sorted(set(found)) == sorted(WALK), (
        f"Killed before the line {line}, and started again: the champion is {champion()}, the log "
        f"says {found}; wanted is {WALK} ({FILE})."
    )
    for step in ("canary started", "canary step", "canary promoted"):
        assert found.count(step) == 1, (
            f"{step} stands {found.count(step)} times in the log: {found}"
        )


# With a server, under traffic


@pytest.fixture(scope="module")
def server(models, settings, project, program, workspace, say):
    import flights.canary

    say("starting your server")
    point_to(1)
    server = Server(program, project, workspace / "bench")
    with pytest.MonkeyPatch.context() as patience:  # on a busy machine any model is slow
        patience.setattr(flights.canary, "SLOWEST", 1000.0)
        yield server
    server.stop()


@pytest.fixture
def traffic(server, flights):
    return Load(server, flights[(flights["scheduled_at"] < BEGIN) & (flights["temp"] > 31)])


def ask(server, flights, begin: datetime, end: datetime, warm: bool = False) -> dict[int, int]:
    """Ask about the flights of a time, 200 at once; return who answered for each."""
    asked = flights[(flights["scheduled_at"] >= begin) & (flights["scheduled_at"] < end)]
    if warm:
        asked = asked[asked["temp"] > 31]
    found = {}
    for first in range(0, len(asked), 200):
        some = asked.iloc[first : first + 200]
        answers = server.predict(some)
        versions = [answer["version"] for answer in answers]
        found |= dict(zip(some["flight_id"].tolist(), versions, strict=True))
    return found


def share(answers: dict[int, int], version: int) -> float:
    return sum(each == version for each in answers.values()) / len(answers)


def test_walk(anew, server, traffic, flights, say):
    """A good candidate: 10 %, 50 %, all; the same flight always meets the same model."""
    from flights.clock import set_time
    from flights.rollout import advance, start

    say("a good candidate walks from 10 % to all, under traffic")
    assert server.wait_for(1)
    with traffic as load:
        start(GOOD, anew)
        first = ask(server, flights, BEGIN, BEGIN + STEP)
        some = flights[flights["flight_id"].isin(list(first)[:12])]
        alone = {
            int(n): server.predict(some[some["flight_id"] == n])[0]["version"]
            for n in some["flight_id"]
        }
        set_time(BEGIN + STEP)
        advance(anew)
        second = ask(server, flights, BEGIN, BEGIN + 2 * STEP)
        set_time(BEGIN + 2 * STEP)
        advance(anew)
        third = ask(server, flights, BEGIN + 2 * STEP, BEGIN + 2 * STEP + timedelta(days=2))
    assert not load.failures, f"{len(load.failures)} requests failed: {load.failures[0][:300]}"
    assert 0.06 < share(first, GOOD) < 0.14, (
        f"At 10 % the candidate answered for {share(first, GOOD):.0%} of the flights ({FILE})."
    )
    other = {n: (v, first[n]) for n, v in alone.items() if v != first[n]}
    assert not other, f"Alone and in a batch, a flight met two models: {other} ({FILE})."
    assert 0.43 < share(second, GOOD) < 0.57, (
        f"At 50 % the candidate answered for {share(second, GOOD):.0%} of the flights ({FILE})."
    )
    lost = [n for n, version in first.items() if version == GOOD and second[n] != GOOD]
    assert not lost, f"Flights {lost[:5]} tried it at 10 %, and not at 50 % ({FILE})."
    assert share(third, GOOD) == 1, (
        f"After two steps it answers for {share(third, GOOD):.0%} of the flights: {events(anew)}"
    )
    assert events(anew) == WALK, f"The log says {events(anew)}; wanted is {WALK} ({FILE})."


BAD = {
    "half a file": (BROKEN, 0, "it cannot serve"),
    "it fails on cold days, at 10 %": (SICK, 0, "answers failed"),
    "it fails on cold days, at 50 %": (SICK, 1, "answers failed"),
    "it expects everything to be late": (WORSE, 0, "worse"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad(name, anew, server, traffic, flights, say):
    """A bad candidate is taken away by itself; nobody waits in vain, and it keeps to its share."""
    from flights.clock import set_time
    from flights.events import read_events
    from flights.rollout import advance, start

    version, steps, word = BAD[name]
    say(f"a bad candidate: {name}")
    assert server.wait_for(1)
    with traffic as load:
        start(version, anew)
        for step in range(steps):
            warm = ask(server, flights, BEGIN + step * STEP, BEGIN + (step + 1) * STEP, warm=True)
            assert version in warm.values()
            set_time(BEGIN + (step + 1) * STEP)
            advance(anew)
        begin = BEGIN + steps * STEP
        answers = ask(server, flights, begin, begin + STEP)
        set_time(begin + STEP)
        verdict = advance(anew)
        after = ask(server, flights, begin + STEP, begin + STEP + timedelta(days=1))
    assert not load.failures, f"{len(load.failures)} requests failed: {load.failures[0][:300]}"
    assert verdict is not None and verdict.what == "withdraw", f"{name}: {verdict} ({FILE})."
    last = read_events(anew)[-1]
    assert f"{last.kind} {last.step}" == "canary withdrawn" and word in last.cause, (
        f"{name}: the log ends with {last.kind} {last.step}: {last.cause} ({FILE})."
    )
    limit = (0.14, 0.57)[steps]
    assert share(answers, version) <= limit, (
        f"{name}: it answered for {share(answers, version):.0%} of the flights, not its share."
    )
    assert set(after.values()) == {1} and champion() == 1, (
        f"{name}: taken away, and answers come from versions {set(after.values())}."
    )


def test_blue_green(anew, server, traffic, flights, say):
    """Blue and green: both ready, one switch, one switch back, no request fails."""
    from flights.blue_green import BLUE, GREEN, finish, ready, switch

    say("blue, green, blue, green, under traffic")
    assert server.wait_for(1)
    end = BEGIN + timedelta(days=1)
    found = []
    with traffic as load:
        ready(str(GOOD), "a new partner", anew)
        found.append(set(ask(server, flights, BEGIN, end).values()))
        for to in (GREEN, BLUE, GREEN):
            switch(to, "the check's", anew)
            found.append(set(ask(server, flights, BEGIN, end).values()))
        finish("it is good", anew)
        found.append(set(ask(server, flights, BEGIN, end).values()))
    assert not load.failures, f"{len(load.failures)} requests failed: {load.failures[0][:300]}"
    wanted = [{1}, {GOOD}, {1}, {GOOD}, {GOOD}]
    assert found == wanted and champion() == GOOD, f"Who answered: {found}, wanted is {wanted}."
