"""Draws the plots of the quizzes from the kit's flights; the figures in the banks come from here.

Run it with ``python widgets/quiz/banks/images/make_images.py [FOLDER]``: it prints what it
measured and writes the SVG files beside itself or into FOLDER, with the same bytes each time
on the same versions.
"""

import argparse
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from widgets.base.paths import KIT_ROOT

HERE = Path(__file__).parent
FLIGHTS = KIT_ROOT / "widgets" / "world" / "flights"
WEATHER = ["temp", "dewp", "humid", "wind_speed", "wind_gust", "precip", "pressure", "visib"]
NUMBERS = ["hour", "weekday", "distance", *WEATHER]
CATEGORIES = ["carrier", "origin", "dest"]
FEATURES = NUMBERS + CATEGORIES
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
SEEDS = 30
BLUE, ORANGE, GREY = "#1f5fa8", "#c2570c", "#8a8a8a"


def read_flights() -> pd.DataFrame:
    """Return the flights of 2013 whose arrival delay is known, with hour, weekday and target."""
    frame = pd.concat(
        [pd.read_parquet(path) for path in sorted(FLIGHTS.glob("2013-*.parquet"))],
        ignore_index=True,
    )
    local = frame["scheduled_at"].dt.tz_convert("America/New_York")
    frame["hour"] = local.dt.hour.astype("float64")
    frame["weekday"] = local.dt.day_of_week.astype("float64")
    frame["day"] = local.dt.tz_localize(None).dt.normalize()
    frame["late"] = (frame["arr_delay"] > 15).astype(int)
    return frame[frame["arr_delay"].notna()]


def pipeline() -> Pipeline:
    """Return the course's pipeline."""
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    categories = OneHotEncoder(handle_unknown="ignore")
    columns = ColumnTransformer(
        [("numbers", numbers, NUMBERS), ("categories", categories, CATEGORIES)]
    )
    return make_pipeline(columns, LogisticRegression(C=0.1, max_iter=1000))


def save(figure: Figure, path: Path) -> None:
    """Write one figure without a date, so that its bytes depend on the data alone."""
    figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)


def draw_months(flights: pd.DataFrame, folder: Path) -> None:
    """Draw each month's share of late flights beside what the model of 24 March expects."""
    past = flights[flights["day"] <= "2013-03-24"]
    model = pipeline().fit(past[FEATURES], past["late"])
    expected = model.predict_proba(flights[FEATURES])[:, 1]
    months = flights.assign(expected=expected).groupby(flights["day"].dt.month)
    table = months[["late", "expected"]].mean() * 100
    print("months, %\n", table.round(1))
    figure, axes = plt.subplots(figsize=(7.4, 3.6), layout="constrained")
    axes.bar(table.index, table["late"], color=BLUE, width=0.6, label="really late")
    axes.plot(table.index, table["expected"], color=ORANGE, marker="o", label="model expects")
    axes.set_xticks(table.index, MONTHS)
    axes.set_ylabel("flights late, %")
    axes.set_title("One model, trained on 1 January to 24 March, never touched again")
    axes.set_ylim(0, 42)
    axes.legend(ncols=2, frameon=False)
    save(figure, folder / "start_months.svg")


def draw_seeds(flights: pd.DataFrame, folder: Path) -> None:
    """Draw the score of one notebook on January and February, with a new split each time."""
    winter = flights[flights["day"] < "2013-03-01"]
    scores = []
    for seed in range(SEEDS):
        train, test = train_test_split(winter, test_size=0.2, random_state=seed)
        model = pipeline().fit(train[FEATURES], train["late"])
        scores.append(roc_auc_score(test["late"], model.predict_proba(test[FEATURES])[:, 1]))
    print(f"seeds, ROC AUC: {min(scores):.4f} to {max(scores):.4f}")
    figure, axes = plt.subplots(figsize=(7.4, 3.2), layout="constrained")
    axes.plot(range(1, SEEDS + 1), scores, "o", color=BLUE)
    axes.set_xlabel("execution of the same notebook on the same file")
    axes.set_ylabel("ROC AUC")
    axes.set_ylim(0.67, 0.71)
    axes.set_title("30 executions: same code, same data, split with no seed")
    axes.grid(axis="y", color="#dddddd")
    save(figure, folder / "level_0_seeds.svg")


def draw_rows(flights: pd.DataFrame, folder: Path) -> None:
    """Draw how many flights a week in March keeps when rows with a gap in the weather go."""
    week = flights[flights["day"].between("2013-03-25", "2013-03-31")]
    asked = week.groupby("day").size()
    answered = week.dropna(subset=WEATHER).groupby("day").size()
    print("rows\n", pd.DataFrame({"asked": asked, "answered": answered}))
    print(f"rows: {answered.sum()} of {asked.sum()}")
    past = flights[flights["day"] <= "2013-03-24"]
    for name, subset in (("all rows", []), ("rows without a gap", WEATHER)):
        train, judge = past.dropna(subset=subset), week.dropna(subset=subset)
        expected = pipeline().fit(train[FEATURES], train["late"]).predict_proba(judge[FEATURES])
        print(f"rows: log loss on {name}: {log_loss(judge['late'], expected[:, 1]):.4f}")
    figure, axes = plt.subplots(figsize=(7.4, 3.4), layout="constrained")
    places = range(len(asked))
    axes.bar(places, asked, color="white", edgecolor=GREY, hatch="//", label="landed flights")
    axes.bar(places, answered, color=BLUE, width=0.5, label="of these, answered")
    axes.set_xticks(places, [f"{day:%d} March" for day in asked.index])
    axes.set_ylabel("flights a day")
    axes.set_ylim(0, 1250)
    axes.set_title("After the clean-up: 25 to 31 March, the build is green")
    axes.legend(ncols=2, frameon=False)
    save(figure, folder / "level_1_rows.svg")


def draw_weeks(flights: pd.DataFrame, folder: Path) -> None:
    """Draw one recipe, trained anew each week, on the seven days that follow."""
    rows = {}
    for last in pd.date_range("2013-01-27", "2013-03-24", freq="7D"):
        past = flights[flights["day"] <= last]
        week = flights[flights["day"].between(last, last + pd.Timedelta("7D"), inclusive="right")]
        model = pipeline().fit(past[FEATURES], past["late"])
        expected = model.predict_proba(week[FEATURES])[:, 1]
        end = f"{last + pd.Timedelta('7D'):%d %b}"
        rows[end] = (log_loss(week["late"], expected), week["late"].mean())
    table = pd.DataFrame(rows, index=["log loss", "late"]).T
    print("weeks\n", table.round(3))
    figure, axes = plt.subplots(figsize=(7.4, 3.4), layout="constrained")
    axes.plot(table.index, table["log loss"], "o-", color=BLUE)
    axes.set_ylabel("log loss")
    axes.set_xlabel("last day of the judging week, 2013")
    axes.set_ylim(0, 0.7)
    axes.set_title("One recipe, trained anew each week on all days before")
    axes.grid(axis="y", color="#dddddd")
    save(figure, folder / "level_2_weeks.svg")


def draw_gain(flights: pd.DataFrame, folder: Path) -> None:
    """Draw how much a candidate gains on each judging day, and how sure its mean is."""
    landed = flights["landed_at"] < pd.Timestamp("2013-04-21", tz="America/New_York")
    judged = flights[flights["day"].between("2013-04-14", "2013-04-20") & landed]
    losses = {}
    for name, last in (("champion", "2013-03-24"), ("candidate", "2013-04-13")):
        past = flights[flights["day"] <= last]
        model = pipeline().fit(past[FEATURES], past["late"])
        expected = model.predict_proba(judged[FEATURES])[:, 1]
        losses[name] = -np.log(np.where(judged["late"] == 1, expected, 1 - expected))
        print(f"gain: log loss of the {name}: {losses[name].mean():.4f}")
    difference = pd.Series(losses["candidate"] - losses["champion"])
    mean, by_day = difference.mean(), difference.groupby(judged["day"].to_numpy())
    print(f"gain: {mean:.4f} on {len(difference)} flights\n", by_day.mean().round(4))
    figure, axes = plt.subplots(figsize=(7.4, 3.8), layout="constrained")
    axes.axhline(0, color=GREY, linewidth=0.8)
    axes.plot(range(7), by_day.mean(), "o", color=BLUE)
    for place, groups in ((8, by_day), (9.5, difference.groupby(level=0))):
        low, high = interval(groups.agg(["sum", "size"]).to_numpy())
        print(f"gain: all, by {'days' if place == 8 else 'flights'}: {low:.4f} to {high:.4f}")
        ends = [[mean - low], [high - mean]]
        axes.errorbar([place], [mean], yerr=ends, fmt="s", color=ORANGE, capsize=6)
    names = [f"{day:%d}\nApril" for day in by_day.groups]
    axes.set_xticks([*range(7), 8, 9.5], [*names, "all,\nby days", "all,\nby flights"])
    axes.set_xlim(-0.6, 10.2)
    axes.set_ylabel("log loss,\ncandidate minus champion")
    axes.set_title("Each day's mean; and the mean of all, with its 95 % interval twice")
    save(figure, folder / "level_3_gain.svg")


def interval(groups: np.ndarray) -> tuple[float, float]:
    """Return the 95 % interval of a mean from 2,000 resamples of groups (rows: sum and size)."""
    random = np.random.default_rng(0)
    totals = [
        groups[random.integers(len(groups), size=len(groups))].sum(axis=0) for _ in range(2000)
    ]
    low, high = np.quantile([total / size for total, size in totals], [0.025, 0.975])
    return float(low), float(high)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=HERE)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "maturity kit", "svg.fonttype": "none", "font.size": 10})
    mpl.rcParams.update({"axes.spines.top": False, "axes.spines.right": False})
    flights = read_flights()
    draw_months(flights, folder)
    draw_rows(flights, folder)
    draw_seeds(flights, folder)
    draw_weeks(flights, folder)
    draw_gain(flights, folder)


if __name__ == "__main__":
    main()
