"""What the rules would have seen, night by night: the excess of the loss, as a table and a plot."""

from datetime import date, timedelta

import matplotlib.pyplot as plt
import pandas as pd

from flights.clock import midnight_after
from flights.excess import excess, join
from flights.reference import asked_about
from flights.settings import Settings
from flights.signals import WINDOW, read_outcomes

BLUE, ORANGE = "#0072B2", "#D55E00"  # of the Okabe-Ito palette


def nightly_excess(first: date, last: date, settings: Settings) -> pd.DataFrame:
    """Return the excess over seven days at the end of each day from `first` to `last`.

    Returns
    -------
    DataFrame
        One row a day with known outcomes, by its date: `value`, `low` and `high` (95 %), in nats
        a flight.
    """
    since, until = midnight_after(first) - WINDOW, midnight_after(last)
    joined = join(
        asked_about(since, until, settings, features=False), read_outcomes(settings)
    ).set_index("event_time", drop=False)
    rows = {}
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        end = midnight_after(day)
        times = joined["event_time"]
        if found := excess(joined[(times >= end - WINDOW) & (times < end)]):
            rows[pd.Timestamp(day)] = [found.value, found.low, found.high]
    return pd.DataFrame.from_dict(rows, orient="index", columns=["value", "low", "high"])


def plot_nights(nights: pd.DataFrame, threshold: float) -> None:
    """Show the excess of each night with its interval, and the threshold of a rule."""
    _, axes = plt.subplots(figsize=(8, 3.2), layout="constrained")
    axes.fill_between(
        nights.index, nights["low"], nights["high"], color=BLUE, alpha=0.25, label="95 % interval"
    )
    axes.plot(nights.index, nights["value"], color=BLUE, label="last seven days")
    axes.axhline(threshold, color=ORANGE, linestyle="--", label=f"threshold {threshold:g}")
    axes.axhline(0, color="black", linewidth=0.6)
    axes.set_ylabel("log loss above what its days\nallowed (nats a flight)")
    axes.set_xlabel("night of 2013")
    axes.legend(loc="upper left")
    plt.show()
