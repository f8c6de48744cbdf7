"""Compares what could have been done all year: nothing, the calendar, another model, the loop.

All are asked about the same flights, of 1 April to 31 December. The first three are trained here;
the loop's answers are those that it gave, out of the prediction log.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from flights import clock
from flights.contract import check_months
from flights.events import read_events
from flights.excess import join
from flights.facts import losses
from flights.features import build_features, is_late, labelled
from flights.pipeline import ingest
from flights.reference import asked_about, local_day
from flights.router import write_whole
from flights.settings import Settings, read_settings
from flights.signals import read_outcomes
from flights.store import connect
from flights.sweep import build_boosting
from flights.train import build_pipeline

FIRST, LAST = "2013-04-01", "2013-12-31"
LEARNED_TO = "2013-03-24"  # what the year's first champion has learned from ends here
BOOSTING = {"trees": 100, "leaves": 15}  # the best boosting of exercise 2.6


@dataclass(frozen=True)
class Policy:
    """How a year went.

    Attributes
    ----------
    loss : list of float
        The mean log loss of each month's flights.
    all : float
        That of all flights.
    trainings : int
        How often a model was trained after the first.
    """

    loss: list[float]
    all: float
    trainings: int


def compare_policies(settings: Settings) -> dict[str, object]:
    """Return every policy's year, month by month.

    Returns
    -------
    dict
        `months` (YYYY-MM), `flights` and `late` (how many each had, and the share that was late),
        and `policies`: untouched, monthly, boosting, loop.
    """
    flights = labelled(check_months(ingest(settings)))
    day = local_day(flights["scheduled_at"])
    said = answered(settings)
    judged = flights["flight_id"].isin(said.index) & (day >= FIRST) & (day <= LAST)
    year = flights[judged]
    month = day[judged].str[:7]

    def policy(loss: np.ndarray, trainings: int) -> dict[str, object]:
        by_month = pd.Series(loss, index=year.index).groupby(month).mean().round(6)
        return asdict(Policy(by_month.tolist(), round(float(loss.mean()), 6), trainings))

    past = flights[day <= LEARNED_TO]
    champion = fit(build_pipeline(), past)
    calendar = losses(champion, year)
    for start in sorted(month.unique())[1:]:
        model = fit(build_pipeline(), flights[day < f"{start}-01"])
        calendar[month == start] = losses(model, year[month == start])
    late = is_late(year).groupby(month)
    return {
        "months": sorted(month.unique()),
        "flights": late.size().tolist(),
        "late": late.mean().round(6).tolist(),
        "policies": {
            "untouched": policy(losses(champion, year), 0),
            "monthly": policy(calendar, month.nunique() - 1),
            "boosting": policy(losses(fit(build_boosting(**BOOSTING), past), year), 0),
            "loop": policy(said[year["flight_id"]].to_numpy(), retrainings(settings)),
        },
    }


def answered(settings: Settings) -> pd.Series:
    """Return the loss of each flight that the server was asked about, by flight."""
    since, until = (clock.midnight_after(date.fromisoformat(day)) for day in (FIRST, LAST))
    since -= pd.Timedelta(days=1)
    asked = asked_about(since, until, settings, features=False)
    return join(asked, read_outcomes(settings)).set_index("flight_id")["loss"]


def retrainings(settings: Settings) -> int:
    """Return how often the loop has trained."""
    kinds = {"done", "failed"}
    return sum(e.kind == "retraining" and e.step in kinds for e in read_events(settings))


def fit(model: Pipeline, flights: pd.DataFrame) -> Pipeline:
    """Return a model, fitted on all flights that arrived."""
    return model.fit(build_features(flights), is_late(flights))


def main(argv: Sequence[str] | None = None) -> int:
    """Write `policies.json` into the workspace, and print the year's figures; return 0."""
    argparse.ArgumentParser(description=__doc__.split("\n")[0]).parse_args(argv)
    settings = read_settings(Path.cwd())
    connect(settings)
    found = compare_policies(settings)
    write_whole(settings.serving.parent / "policies.json", json.dumps(found, indent=1))
    for name, policy in found["policies"].items():  # type: ignore[attr-defined]
        print(f"{name:10} log loss {policy['all']:.4f}, {policy['trainings']} trainings")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
