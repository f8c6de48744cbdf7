"""Compares models on the same days, and chooses by a rule that was written before the runs."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import mlflow
import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OrdinalEncoder

from flights.code import code_version
from flights.contract import check_months
from flights.features import CATEGORICAL, NUMERIC
from flights.pipeline import ingest
from flights.settings import Settings, read_settings
from flights.store import connect, one_at_a_time
from flights.tracking import data_digest, log_training, tags
from flights.train import build_pipeline
from flights.training import Training, train_and_measure

STANDARD_ERRORS = 2.0


@dataclass(frozen=True)
class Choice:
    """Which model the rule chose, and why."""

    name: str
    reason: str


def grid() -> dict[str, Pipeline]:
    """Return the models that are compared, by name: two families, not yet fitted."""
    models = {
        f"regression C={strength}": build_pipeline().set_params(model__C=strength)
        for strength in (0.01, 0.1, 1.0)
    }
    for trees in (50, 100):
        for leaves in (15, 31):
            models[f"boosting {trees} x {leaves}"] = build_boosting(trees, leaves)
    return models


def build_boosting(trees: int, leaves: int) -> Pipeline:
    """Return gradient boosting, not yet fitted: it takes gaps as they are, categories as codes."""
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    columns = ColumnTransformer(
        [("numbers", "passthrough", list(NUMERIC)), ("categories", codes, list(CATEGORICAL))]
    )
    boosting = HistGradientBoostingClassifier(
        max_iter=trees, max_leaf_nodes=leaves, early_stopping=False, random_state=0
    )
    return Pipeline([("columns", columns), ("model", boosting)])


def present_model() -> str:
    """Return the name in the grid of the model that the pipeline trains today."""
    today = build_pipeline()[-1].get_params()
    return next(name for name, model in grid().items() if model[-1].get_params() == today)


def run_sweep(flights: pd.DataFrame, jobs: int = 1) -> dict[str, Training]:
    """Train each model of the grid on the same days, and judge it on the same seven.

    Parameters
    ----------
    flights : DataFrame
        All that has landed.
    jobs : int
        How many trainings go on at once; -1: one on each core. joblib shares them out: on this
        machine, or on a cluster, if a backend for one is chosen around this call.
    """
    models = grid()
    trainings = Parallel(n_jobs=jobs)(
        delayed(train_and_measure)(flights, model) for model in models.values()
    )
    return dict(zip(models, trainings, strict=True))


def choose(by_day: Mapping[str, Mapping[str, float]], present: str) -> Choice:
    """Return the model that the rule takes.

    The rule: the best mean log loss wins. But every model that is worse by less than two standard
    errors of the difference, day by day, is equal to it; and if the present model is among the
    equals, it stays. A change costs work and risk: without proof of a gain there is none.

    Parameters
    ----------
    by_day : mapping
        The log loss of each model on each judging day; the same days for all.
    present : str
        The model that is in use.

    Raises
    ------
    ValueError
        If the models were not judged on the same days: such figures cannot be compared.
    """
    table = pd.DataFrame(by_day)
    if table.isna().any(axis=None) or present not in table:
        raise ValueError("each model, the present one too, must be judged on the same days")
    best = str(table.mean().idxmin())
    difference = table[present] - table[best]
    margin = STANDARD_ERRORS * difference.std(ddof=1) / np.sqrt(len(difference))
    gain = difference.mean()
    found = f"{gain:.4f} between them, {margin:.4f} is noise"
    if gain <= margin:
        return Choice(present, f"{best} has the best score, but is not proved better: {found}")
    return Choice(best, f"better than {present}: {found}")


def log_sweep(trainings: Mapping[str, Training], flights: pd.DataFrame, settings: Settings) -> None:
    """Write each training of a sweep into MLflow, with its name and `trigger=sweep`."""
    labels = tags(settings, code_version(settings.root), data_digest(flights), "sweep")
    for name, training in trainings.items():
        log_training(training, labels | {"mlflow.runName": name}, settings)


def tracked(settings: Settings) -> dict[str, dict[str, float]]:
    """Return the log loss by day of each model's newest run in a sweep, as MLflow has it."""
    experiment = connect(settings)
    client = mlflow.MlflowClient()
    found: dict[str, dict[str, float]] = {}
    for run in client.search_runs(
        [experiment], "tags.trigger = 'sweep'", order_by=["attributes.start_time DESC"]
    ):
        name = run.data.tags["mlflow.runName"]
        if name not in found:
            first = pd.Timestamp(run.data.params["judge_from"])
            found[name] = {
                str((first + pd.Timedelta(days=each.step)).date()): each.value
                for each in client.get_metric_history(run.info.run_id, "log_loss_by_day")
            }
    return found


def leaderboard(trainings: Mapping[str, Training]) -> pd.DataFrame:
    """Return one row a model, the best first: its measures and what the fit took."""
    rows = {
        name: training.measures.overall | {"fit_seconds": training.fit_seconds}
        for name, training in trainings.items()
    }
    columns = ["log_loss", "roc_auc", "brier", "calibration_error", "fit_seconds"]
    return pd.DataFrame(rows).T[columns].sort_values("log_loss")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the sweep, track all of it, print the leaderboard and the choice; return 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=1, help="trainings at once; -1: all cores")
    words = parser.parse_args(argv)
    settings = read_settings()
    flights = check_months(ingest(settings))
    trainings = run_sweep(flights, words.jobs)
    with one_at_a_time(settings):
        log_sweep(trainings, flights, settings)
    print(leaderboard(trainings).round(4).to_string())
    choice = choose({n: t.measures.by_day for n, t in trainings.items()}, present_model())
    print(f"chosen: {choice.name}. {choice.reason}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
