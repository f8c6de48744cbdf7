"""Pictures of trainings; each title says what there is to see."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from flights.features import build_features, is_late, labelled
from flights.training import Training

# Colours that people with any kind of colour vision tell apart (Okabe and Ito, 2008).
BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#777777"


def plot_leaderboard(
    by_day: Mapping[str, Mapping[str, float]], present: str, errors: float = 2.0
) -> Axes:
    """Show how much worse each model is than the best, and what of that is noise.

    Parameters
    ----------
    by_day : mapping
        The log loss of each model on each judging day.
    present : str
        The model in use; it is marked.
    errors : float
        The half width of the bars, in standard errors of the mean difference.
    """
    table = pd.DataFrame(by_day)
    order = table.mean().sort_values(ascending=False).index
    worse = table[order].sub(table[order[-1]], axis=0)
    gap, margin = worse.mean(), errors * worse.std(ddof=1) / np.sqrt(len(worse))
    axes = plt.figure(figsize=(7, 0.4 * len(order) + 1.6), layout="constrained").subplots()
    colours = [ORANGE if name == present else BLUE for name in order]
    axes.errorbar(gap, order, xerr=margin, fmt="none", ecolor=GREY, capsize=3)
    axes.scatter(gap, order, c=colours, zorder=3)
    axes.axvline(0, color=GREY, linewidth=1)
    others = order[:-1]
    equal = int((gap <= margin)[others].sum())
    axes.set_title(f"{equal} of the {len(others)} other models cannot be told from the best")
    axes.set_xlabel(
        f"log loss above {order[-1]}, mean of {len(table)} days ± {errors:.0f} standard errors"
    )
    axes.annotate(
        "the present model",
        (gap[present], present),
        xytext=(6, 6),
        textcoords="offset points",
        color=ORANGE,
    )
    return axes


def plot_windows(losses: pd.DataFrame) -> Axes:
    """Show the log loss of one recipe, week after week, beside what the week itself was like.

    Parameters
    ----------
    losses : DataFrame
        A row a week, named by its last day; the columns `log_loss` and `late_share`.
    """
    axes = plt.figure(figsize=(7, 3.4), layout="constrained").subplots()
    weeks = [f"{last.day} {last:%b}" for last in losses.index]
    axes.plot(weeks, losses["log_loss"], "o-", color=BLUE, label="log loss of the model")
    axes.plot(weeks, losses["late_share"], "s--", color=ORANGE, label="share of late flights")
    low, high = losses["log_loss"].min(), losses["log_loss"].max()
    axes.set_title(f"The same recipe: {low:.2f} in one week, {high:.2f} in another")
    axes.set_xlabel("last day of the judging week")
    axes.set_ylabel("log loss, and share (0 to 1)")
    axes.set_ylim(0)
    axes.legend()
    return axes


def plot_calibration(training: Training, bins: int = 10) -> Axes:
    """Show whether 30 % means 30 of 100: predicted against observed shares."""
    known = labelled(training.last_days)
    late = is_late(known).to_numpy()
    probability = training.model.predict_proba(build_features(known))[:, 1]
    place = np.minimum((probability * bins).astype(int), bins - 1)
    groups = pd.DataFrame({"late": late, "probability": probability}).groupby(place)
    means, sizes = groups.mean(), groups.size()
    axes = plt.figure(figsize=(5, 4.4), layout="constrained").subplots()
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, label="as often as predicted")
    axes.scatter(means["probability"], means["late"], s=sizes / sizes.max() * 200, color=BLUE)
    said, came = probability.mean(), late.mean()
    axes.set_title(f"The model says {said:.0%} late; {came:.0%} were")
    axes.set_xlabel("predicted probability of being late (area: number of flights)")
    axes.set_ylabel("share that was late")
    axes.legend()
    return axes
