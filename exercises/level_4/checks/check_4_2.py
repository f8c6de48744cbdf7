"""4.2 See the loss with delayed labels: the join, an alert's life, and what a rule is worth."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

LOSS = "flights/excess.py"
ALERTS = "flights/alerts.py"
RULES = "alerts.toml"
FIRST = date(2013, 1, 1)
SHUFFLED = 20  # years without drift, in years.parquet
MOST_FALSE = 10  # alarms in all of them
MOST_ALERTS = 8  # in the real year
# When the real year went wrong (from here on the excess stays above 0), and how long may pass.
INCIDENTS = {"April's storms": date(2013, 4, 18), "the summer": date(2013, 6, 14)}
DAYS = 10


# The join


@pytest.fixture(scope="module")
def asked(project):
    """Five answers of the server's."""
    return pd.DataFrame(
        {
            "flight_id": [11, 12, 13, 14, 15],
            "day": ["2013-06-01"] * 3 + ["2013-06-02"] * 2,
            "version": [1, 1, 2, 1, 1],
            "score": [0.2, 0.5, 0.9, 0.4, 0.0],
        },
        index=[7, 3, 5, 1, 9],
    )


def outcomes(*reports: tuple[int, bool]) -> pd.DataFrame:
    """Return reports of what came of flights, as they arrive."""
    return pd.DataFrame(list(reports), columns=["flight_id", "late"]).astype(
        {"flight_id": "int64", "late": "bool"}
    )


def joined(asked: pd.DataFrame, *reports: tuple[int, bool]) -> pd.DataFrame:
    from flights.excess import join

    return join(asked, outcomes(*reports))


def test_join(asked):
    """What is known is joined by the flight's id, whatever order it came in."""
    found = joined(asked, (13, True), (11, False), (99, True))
    assert list(found["flight_id"]) == [11, 13], (
        f"Outcomes of 13, 11 and a flight that nobody asked about; join returns the flights "
        f"{list(found['flight_id'])}, wanted are [11, 13], in the order of the answers ({LOSS})."
    )
    assert list(found["late"]) == [0, 1], (
        f"11 was on time, 13 was late; join says {list(found['late'])} ({LOSS})."
    )
    wanted = [-np.log(0.8), -np.log(0.9)]
    assert found["loss"].tolist() == pytest.approx(wanted), (
        f"0.2 for a flight that was on time, 0.9 for a late one: the losses are "
        f"{[round(loss, 3) for loss in wanted]}, join gives {found['loss'].round(3).tolist()} "
        f"({LOSS})."
    )
    missing = {"day", "version", "score"} - set(found.columns)
    assert not missing, f"join has lost the columns {', '.join(sorted(missing))} ({LOSS})."


def test_missing(asked):
    """A flight without an outcome is not on time: nothing is known of it."""
    found = joined(asked, (12, True))
    assert list(found["flight_id"]) == [12], (
        f"Only flight 12 has an outcome yet; join returns {list(found['flight_id'])} ({LOSS})."
    )
    assert joined(asked).empty, f"No outcome has come, and join knows some ({LOSS})."


def test_twice(asked):
    """An outcome that came twice counts once."""
    found = joined(asked, (11, True), (12, False), (11, True))
    assert list(found["flight_id"]) == [11, 12], (
        f"The outcome of 11 came twice; join returns {list(found['flight_id'])} ({LOSS})."
    )


def test_contradiction(asked):
    """Where two outcomes contradict each other nobody knows the truth."""
    found = joined(asked, (11, True), (12, False), (11, False))
    assert list(found["flight_id"]) == [12], (
        f"Flight 11 was reported late and on time; join returns {list(found['flight_id'])}, "
        f"wanted is [12]: a contradiction is no truth ({LOSS})."
    )


def test_sure_and_wrong(asked):
    """Who says 0 and is wrong loses much, and not infinitely much."""
    found = joined(asked, (15, True))["loss"].tolist()
    assert np.isfinite(found).all() and found[0] > 10, (
        f"0.0 for a flight that was late: the loss is {found}; a score nearer to 0 than LEAST "
        f"counts as LEAST ({LOSS})."
    )


# An alert's life, on days made by hand


@pytest.fixture
def live(project):
    """Let days pass; return what happened on which day, as words: "3 fired"."""
    from flights.alerts import Rule, next_alert

    def run(values, for_days=2, cooldown_days=5) -> list[str]:
        rule = Rule("loss", "loss_excess", 0.05, for_days, cooldown_days, "critical", True)
        known, latest, told = {}, None, []
        for number, value in enumerate(values):
            today = FIRST + timedelta(days=number)
            if value != "none":
                known[today] = value
            if changed := next_alert(rule, known, latest, today):
                latest = changed
                told.append(f"{number} {'resolved' if changed.resolved else 'fired'}")
        return told

    return run


LIVES = {
    "one bad day is none": ([0, 0.2, 0, 0.2, 0], {}, []),
    "two bad days": ([0, 0.2, 0.2], {}, ["2 fired"]),
    "just at the threshold": ([0.05, 0.05, 0.05], {}, []),
    "a day without traffic": ([0.2, None, 0.2, "none", 0.2], {}, []),
    "one incident, one alert": ([0.2] * 12, {}, ["1 fired"]),
    "its end": ([0.2, 0.2, 0, 0, 0], {}, ["1 fired", "3 resolved"]),
    "one good day is no end": ([0.2, 0.2, 0, 0.2, 0, 0.2], {}, ["1 fired"]),
    "nobody knows whether it is over": ([0.2, 0.2, None, None, "none"], {}, ["1 fired"]),
    "no second one within the cooldown": (
        [0.2, 0.2, 0, 0, 0.2, 0.2, 0.2],
        {"cooldown_days": 20},
        ["1 fired", "3 resolved"],
    ),
    "a second one after the cooldown": (
        [0.2, 0.2, 0, 0, 0.2, 0.2, 0.2],
        {},
        ["1 fired", "3 resolved", "6 fired"],
    ),
    "a rule for one day": ([0.2, 0], {"for_days": 1}, ["0 fired", "1 resolved"]),
}


@pytest.mark.parametrize("name", LIVES)
def test_life(name, live):
    """An alert fires after its duration, once, and is resolved when the trouble is over."""
    values, words, wanted = LIVES[name]
    found = live(values, **words)
    assert found == wanted, (
        f"{name}: on the days 0 to {len(values) - 1} the signal is {values} (threshold 0.05). "
        f"It happened: {', '.join(found) or 'nothing'}; wanted is {', '.join(wanted) or 'nothing'} "
        f"({ALERTS})."
    )


def test_same_alert(project):
    """What is resolved is the alert that fired: the same id, and the same day on which it fired."""
    from flights.alerts import Alert, Rule, next_alert

    rule = Rule("loss", "loss_excess", 0.05, 1, 5, "critical", True)
    values = {FIRST: 0.2, FIRST + timedelta(days=1): 0.0}
    fired = next_alert(rule, values, None, FIRST)
    assert fired and (fired.id, fired.fired) == (f"loss-{FIRST}", FIRST), f"{fired} ({ALERTS})."
    seen = Alert(fired.id, "loss", FIRST, acknowledged=FIRST)
    over = next_alert(rule, values, seen, FIRST + timedelta(days=1))
    assert over == Alert(fired.id, "loss", FIRST, FIRST + timedelta(days=1), FIRST), (
        f"{seen} is over on the next day; next_alert returns {over} ({ALERTS})."
    )


# What the rule in alerts.toml is worth


def signal(year: pd.DataFrame) -> dict[date, float | None]:
    """Return the excess over seven days at the end of each day, from the sums of each day."""
    days = year.set_index("day")[["flights", "late", "loss"]].reindex(range(90, 365), fill_value=0)
    week = days.rolling(7).sum()
    share = (week["late"] / week["flights"]).clip(1e-6, 1 - 1e-6)
    allowed = -(share * np.log(share) + (1 - share) * np.log(1 - share))
    excess = week["loss"] / week["flights"] - allowed
    return {
        FIRST + timedelta(days=int(day)): None if np.isnan(value) else float(value)
        for day, value in excess.items()
    }


@pytest.fixture(scope="module")
def alerts(project, level, say):
    """The days on which the rule fires in each year: in the real one (0), and in shuffled ones."""
    from flights.alerts import next_alert, read_rules

    rules = {rule.name: rule for rule in read_rules(project / "alerts.toml").rules}
    assert "loss" in rules, f"There is no [rules.loss] in {RULES}: the file came with one."
    found: dict[int, list[date]] = {}
    for number, year in pd.read_parquet(level / "checks" / "years.parquet").groupby("year"):
        values, latest, fired = signal(year), None, []
        for today in values:
            if changed := next_alert(rules["loss"], values, latest, today):
                latest = changed
                fired += [today] if changed.resolved is None else []
        found[int(number)] = fired
    real = ", ".join(f"{day:%d %B}" for day in found[0])
    false = sum(map(len, list(found.values())[1:]))
    say(
        f"your rule in the real year: {real or 'never'}; false alarms in 20 shuffled years: {false}"
    )
    return found


@pytest.mark.parametrize("name", INCIDENTS)
def test_found(name, alerts):
    """The real year's two incidents are found within ten days."""
    begin = INCIDENTS[name]
    end = begin + timedelta(days=DAYS)
    seen = [day for day in alerts[0] if begin <= day <= end]
    days = ", ".join(f"{day:%d %B}" for day in alerts[0])
    assert seen, (
        f"{name}: wrong from {begin:%d %B} on, and no alert by {end:%d %B}. Your rule fires on "
        f"{days or 'no day at all'}: a lower threshold or fewer days ({RULES})."
    )


def test_false_alarms(alerts):
    """In twenty years in which nothing drifts it is quiet, but for a few false alarms."""
    false = {year: len(days) for year, days in alerts.items() if year}
    assert len(false) == SHUFFLED
    total = sum(false.values())
    assert total <= MOST_FALSE, (
        f"{total} false alarms in {SHUFFLED} years in which nothing drifts (at most {MOST_FALSE}): "
        f"who is woken up for nothing stops listening. A higher threshold, or more days ({RULES})."
    )


def test_no_storm(alerts):
    """One incident makes one alert, not one a night."""
    days = ", ".join(f"{day:%d %B}" for day in alerts[0])
    assert len(alerts[0]) <= MOST_ALERTS, (
        f"{len(alerts[0])} alerts in the real year (at most {MOST_ALERTS}): {days}. A cooldown "
        f"keeps a rule quiet after it has fired ({RULES})."
    )
