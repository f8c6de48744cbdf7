"""Drift without labels: how far flights, and the model's own scores, are from what it learned.

Three statistics a column, each with a weakness that another one makes good. None of them has a
threshold that holds everywhere: what is usual, the reference's own weeks say.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

SCORE = "score"  # the model's own probability, watched as one column more
BINS = 10
EMPTY = 1e-4  # the share that an empty bin counts as: the logarithm of 0 is infinite
RANGE = (0.005, 0.995)  # quantiles of the reference between which a value is nothing new
MARGIN = 1.25  # twelve weeks have not shown everything that is usual
ALARM = 5  # columns; of 15 some are odd in any week


def population_stability(reference: pd.Series, window: pd.Series) -> float:
    """Return the population stability index: 0 if both are spread alike, without an upper end.

    The sum over the bins of (w - r) ln(w / r), with the bins' shares r and w.
    Source: Siddiqi, "Credit Risk Scorecards", 2006 (chapter 10).
    """
    r, w = shares(reference, window)
    # TODO 4.1: a bin that is empty in one of them counts as EMPTY there. Then the sum over the bins
    # as it stands above.
    raise NotImplementedError("population_stability is still to be written")


def shares(reference: pd.Series, window: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return how both spread over the same bins: the share of each bin in each of them.

    Numbers are cut at the reference's deciles, texts are their own bins; a missing value has a
    bin for itself. A bin that is empty in both is none.
    """
    together = pd.concat([reference, window], ignore_index=True)
    if is_text(reference):
        bins = 1 + pd.factorize(together)[0]  # a missing value has -1
    else:
        values = together.to_numpy("float64", na_value=np.nan)
        places = np.searchsorted(inner_deciles(reference.dropna()), values, side="right")
        bins = np.where(np.isnan(values), 0, 1 + places)
    number = int(bins.max()) + 1
    r = np.bincount(bins[: len(reference)], minlength=number) / len(reference)
    w = np.bincount(bins[len(reference) :], minlength=number) / len(window)
    there = (r > 0) | (w > 0)
    return r[there], w[there]


def inner_deciles(known: pd.Series) -> np.ndarray:
    """Return the values that cut a column into ten equal parts, each once; none of no values."""
    if known.empty:
        return np.array([])
    return np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)))[1:-1]


def distance(reference: pd.Series, window: pd.Series) -> float:
    """Return the largest difference that any set of values can show: 0 alike, 1 nothing in common.

    For numbers the Kolmogorov-Smirnov statistic: of all sets "at most x" (a missing value is
    smaller than all). For texts the total variation distance: of all sets. The statistic alone;
    its p-value takes flights for independent, and calls every week significant.
    """
    if is_text(reference):
        before = reference.value_counts(normalize=True, dropna=False)
        after = window.value_counts(normalize=True, dropna=False)
        return float(before.sub(after, fill_value=0).abs().sum() / 2)
    # TODO 4.1: at every value x of either column: which share of the reference is at most x, and
    # which of the window? The largest difference of the two. A missing value counts as -infinity.
    # (Sort both; np.searchsorted(…, x, side="right") counts how many are at most x.)
    raise NotImplementedError("distance is still to be written")


def outside(reference: pd.Series, window: pd.Series) -> float:
    """Return the share of the window's known values that are new to the reference.

    New is a number outside RANGE, or a text that never occurred.
    """
    known = window.dropna()
    if known.empty or reference.isna().all():
        return float(not known.empty)
    if is_text(reference):
        return float((~known.isin(reference.unique())).mean())
    low, high = np.quantile(reference.dropna(), RANGE)
    return float(((known < low) | (known > high)).mean())


STATISTICS = {"psi": population_stability, "distance": distance, "outside": outside}


def is_text(column: pd.Series) -> bool:
    """Return whether a column holds categories, not numbers."""
    return not pd.api.types.is_numeric_dtype(column)


def compare(reference: pd.DataFrame, window: pd.DataFrame) -> pd.DataFrame:
    """Return all statistics of all columns.

    Parameters
    ----------
    reference, window : DataFrame
        The same columns; one row a flight. Neither is empty.

    Returns
    -------
    DataFrame
        One row a column, by its name; the columns `psi`, `distance` and `outside`.

    Raises
    ------
    ValueError
        If one of them is empty: nothing can be said of no flights.
    """
    if reference.empty or window.empty:
        raise ValueError("no flights to compare")
    rows = {
        name: [statistic(reference[name], window[name]) for statistic in STATISTICS.values()]
        for name in reference.columns
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(STATISTICS))


def own_weeks(reference: pd.DataFrame, week: pd.Series) -> pd.DataFrame:
    """Return the statistics of each of the reference's own weeks against all its other weeks.

    Parameters
    ----------
    reference : DataFrame
        One row a flight.
    week : Series
        Each flight's week.

    Returns
    -------
    DataFrame
        One row a week and column, by both; the columns as `compare` gives them.
    """
    each = {
        number: compare(reference[week != number], reference[week == number])
        for number in sorted(week.unique())
    }
    return pd.concat(each, names=["week", "column"])


def calibrate(weeks: pd.DataFrame) -> pd.DataFrame:
    """Return each column's thresholds: the highest of any own week, and a quarter more.

    Parameters
    ----------
    weeks : DataFrame
        As `own_weeks` gives it.
    """
    # TODO 4.1: of each column and statistic the highest of all weeks, times MARGIN. `weeks` has an
    # index with the levels "week" and "column".
    raise NotImplementedError("calibrate is still to be written")


def drifted(found: pd.DataFrame, thresholds: pd.DataFrame) -> list[str]:
    """Return the columns of which some statistic is above its threshold, the farthest first."""
    times = found / thresholds.loc[found.index].clip(lower=EMPTY)
    above = (found > thresholds.loc[found.index]).any(axis=1)
    order = times.max(axis=1)[above].sort_values(ascending=False)
    return [str(name) for name in order.index]


def alarms(columns: list[str]) -> bool:
    """Return whether so many columns have drifted that it is no longer the luck of a week."""
    return len(columns) >= ALARM


def leave_one_out(weeks: pd.DataFrame) -> Iterator[tuple[int, list[str]]]:
    """Yield each own week with what would have drifted in it, judged by the other weeks alone."""
    for number in weeks.index.unique(level="week"):
        others = calibrate(weeks.drop(index=number, level="week"))
        yield int(number), drifted(weeks.loc[number], others)
