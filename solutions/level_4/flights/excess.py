"""The loss with labels that come late: how much worse the model was than its days allowed."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

LEAST = 1e-6  # a probability nearer to 0 or 1 counts as this: the logarithm of 0 is infinite
RESAMPLES = 1000
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Excess:
    """The loss of a window, held against what its own share of late flights allowed.

    Attributes
    ----------
    value : float
        `loss` minus `allowed`. Above 0: who knew only the window's share would have done better.
    low, high : float
        Where it lies with 95 %, by resampling whole days.
    loss : float
        The mean log loss of the predictions.
    allowed : float
        The log loss of somebody who says the window's own share of late flights, always.
    late : float
        That share.
    flights, days : int
        How many it rests on.
    """

    value: float
    low: float
    high: float
    loss: float
    allowed: float
    late: float
    flights: int
    days: int


def join(asked: pd.DataFrame, outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return the predictions whose truth is known, with it.

    Labels come late, or never (a cancelled flight has none); some come twice. Twice the same is
    one. Where they contradict each other nobody knows the truth: such a flight is left out.

    Parameters
    ----------
    asked : DataFrame
        One row a flight: `flight_id`, `day`, `version`, `score` and what else there is.
    outcomes : DataFrame
        One row a report: `flight_id`, `late` (bool).

    Returns
    -------
    DataFrame
        The rows of `asked` with a known outcome, in their order; `late` (0 or 1) and `loss`
        (the log loss of that flight) besides.
    """
    about = outcomes["flight_id"].isin(asked["flight_id"])
    reports = outcomes.loc[about, ["flight_id", "late"]].drop_duplicates()
    truth = reports.drop_duplicates("flight_id", keep=False).set_index("flight_id")["late"]
    known = asked[asked["flight_id"].isin(truth.index)]
    late = known["flight_id"].map(truth).astype("int64")
    score = known["score"].clip(LEAST, 1 - LEAST)
    return known.assign(late=late, loss=-np.log(np.where(late == 1, score, 1 - score)))


def entropy(share: "float | np.ndarray") -> np.ndarray:
    """Return the log loss of saying a share of late flights where it is just that share."""
    q = np.clip(share, LEAST, 1 - LEAST)
    return -(q * np.log(q) + (1 - q) * np.log(1 - q))


def excess(joined: pd.DataFrame) -> Excess | None:
    """Return the excess of a window, or None if no flight of it is known yet.

    The interval draws whole days, as the gate does: the flights of one day share its storms.

    Parameters
    ----------
    joined : DataFrame
        As `join` returns it.
    """
    if joined.empty:
        return None
    days = joined.groupby("day")[["loss", "late"]].agg(["sum", "size"]).to_numpy()[:, :3]
    drawn = np.random.default_rng(0).integers(len(days), size=(RESAMPLES, len(days)))
    loss, flights, late = days[drawn].sum(axis=1).T
    values = loss / flights - entropy(late / flights)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    share = float(joined["late"].mean())
    mean, allowed = float(joined["loss"].mean()), float(entropy(share))
    return Excess(
        value=mean - allowed,
        low=float(low),
        high=float(high),
        loss=mean,
        allowed=allowed,
        late=share,
        flights=len(joined),
        days=len(days),
    )


def vouched_for(score: pd.Series) -> float:
    """Return the loss that the model expects of itself: the mean entropy of its own answers.

    No label is needed, and that is its weakness: who is sure and wrong expects no loss. The idea
    is that of confidence-based performance estimation (NannyML's documentation, "CBPE").
    """
    return float(entropy(score.to_numpy()).mean())
