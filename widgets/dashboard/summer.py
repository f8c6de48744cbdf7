"""The summer as the clients lived it, beside what became of the flights: all green, and wrong."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pyarrow.parquet as pq
from matplotlib.figure import Figure

from widgets.base.paths import Layout
from widgets.base.plot import Plot
from widgets.dashboard.describe import day_name
from widgets.dashboard.feed import feed_of
from widgets.dashboard.figure import empty, name_days
from widgets.dashboard.panels import COLOURS
from widgets.dashboard.series import MONDAY, day_of
from widgets.world.landing import FLIGHTS

NOTHING = "No traffic with known outcomes yet. `course.live_until()` lets the world go on."
FEWEST = 100  # flights whose outcome is known; a week with fewer has no share worth a title
BLUE, ORANGE, GREEN, PURPLE = COLOURS


@dataclass(frozen=True)
class Week:
    """A week of the flights' days, from a Monday (`x`, its ordinal) on.

    Attributes
    ----------
    said : float or None
        The mean predicted probability of being late.
    late : float or None
        The share of flights that was late, of those days about which somebody asked.
    known : int
        Of how many flights it is known.
    failed : float
        The share of requests without a good answer.
    p99 : float or None
        99 of 100 good answers came within so many milliseconds.
    """

    x: int
    said: float | None
    late: float | None
    known: int
    failed: float
    p99: float | None


def weeks(layout: Layout) -> list[Week]:
    """Return what was said and what came of it, week by week."""
    feed = feed_of(layout)
    feed.refresh()
    known, late = outcomes(layout, set(feed.days()))
    found = []
    for x, tally in feed.weeks():
        point = tally.point(x)
        share = late[x] / known[x] if known[x] else None
        failed = tally.failed / tally.requests
        found.append(Week(x, point.said, share, known[x], failed, point.p99))
    return found


def outcomes(layout: Layout, days: Collection[int]) -> tuple[Counter[int], Counter[int]]:
    """Return by week how many flights of some days are known, and how many of them were late."""
    known: Counter[int] = Counter()
    late: Counter[int] = Counter()
    if not layout.outcomes.exists():
        return known, late
    table = pq.read_table(layout.outcomes, columns=["flight_id", "late"])
    left = departure_days()
    for flight, was_late in zip(
        table["flight_id"].to_pylist(), table["late"].to_pylist(), strict=True
    ):
        day = left.get(flight)
        if day is not None and day in days:
            week = day - (day - MONDAY) % 7
            known[week] += 1
            late[week] += was_late
    return known, late


def departure_days() -> dict[int, int]:
    """Return the ordinal of the day, New York, on which each flight from April on leaves."""
    left = {}
    for path in sorted(FLIGHTS.glob("2013-??.parquet"))[3:]:
        table = pq.read_table(path, columns=["flight_id", "scheduled_at"])
        hours = table["scheduled_at"].cast("int64").to_numpy() // 3_600_000
        for flight, hour in zip(table["flight_id"].to_pylist(), hours.tolist(), strict=True):
            left[flight] = day_of(hour).toordinal()
    return left


def summer(layout: Layout) -> Plot:
    """Return the figure: what the model said and what came, above the lights that stayed green."""
    found = weeks(layout)
    if not any(week.late is not None for week in found):
        return Plot(empty(NOTHING.replace("`", "")), NOTHING)
    title, lights = headline(found), green(found)
    drawn = Figure(figsize=(8, 6.6), layout="constrained")
    top, middle, bottom = drawn.subplots(3, 1, sharex=True, height_ratios=(2.2, 1, 1))
    xs = [week.x for week in found]
    said = [_percent(week.said) for week in found]
    late = [_percent(week.late) for week in found]
    top.plot(xs, said, "o-", color=BLUE, label="what the model said: mean predicted probability")
    top.plot(xs, late, "s--", color=ORANGE, label="what came: share of the flights really late")
    top.set_title(title, loc="left", fontsize=11)
    top.set_ylabel("late flights, %")
    top.set_ylim(0, max([10.0, *(value for value in said + late if value == value)]) * 1.25)
    top.legend(loc="upper left", fontsize=9)
    middle.plot(xs, [100 * week.failed for week in found], "o-", color=GREEN)
    middle.set_title(lights, loc="left", fontsize=11)
    middle.set_ylabel("failed\nrequests, %")
    middle.set_ylim(0, max(1.0, *(110 * week.failed for week in found)))
    slow = [_gap(week.p99) for week in found]
    bottom.plot(xs, slow, "o-", color=PURPLE)
    bottom.set_ylabel("latency\np99, ms")
    bottom.set_ylim(0, max([1.0, *(value for value in slow if value == value)]) * 1.25)
    name_days(bottom, xs)
    bottom.set_xlabel("week, by its Monday (2013), of the flights' departure")
    return Plot(drawn, f"{title}\n{lights}")


def headline(found: Sequence[Week]) -> str:
    """Return the top picture's message: the week in which the model was most wrong."""
    judged = [week for week in found if week.late is not None and week.said is not None]
    enough = [week for week in judged if week.known >= FEWEST] or judged
    if not enough:
        return "Nothing was answered"
    worst = max(enough, key=lambda week: abs((week.late or 0) - (week.said or 0)))
    return (
        f"In the week of {day_name(worst.x)} the model said {worst.said:.0%} late; "
        f"{worst.late:.0%} were"
    )


def green(found: Sequence[Week]) -> str:
    """Return the message of the pictures below: what the server's own lights showed."""
    failing = sum(week.failed > 0 for week in found)
    if not failing:
        return "All the while every light was green: no request failed"
    return f"The lights: in {failing} of {len(found)} weeks requests failed"


def _percent(share: float | None) -> float:
    return _gap(None if share is None else 100 * share)


def _gap(value: float | None) -> float:
    return float("nan") if value is None else value
