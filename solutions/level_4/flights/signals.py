"""What the rules look at: each night's values, computed once and kept in `signals.jsonl`."""

import json
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.entities.model_registry import ModelVersion

from flights.clock import midnight_after
from flights.deploy import champion
from flights.drift import calibrate, compare, drifted, own_weeks
from flights.events import append_line
from flights.excess import excess, join
from flights.reference import asked_about, learned_from, week_of
from flights.settings import Settings

WINDOW = timedelta(days=7)
SUNDAY = 6


@dataclass(frozen=True)
class Night:
    """The signals at the end of one day (New York's).

    Attributes
    ----------
    day : str
        YYYY-MM-DD.
    loss_excess : float or None
        Of the last seven days; None if no outcome of them is known.
    late, predicted : float or None
        The share that was late in them, and the mean predicted probability.
    drifted_columns : int or None
        How many columns of the week have drifted; counted on Sundays alone.
    drifted : list of str
        Which.
    """

    day: str
    loss_excess: float | None
    late: float | None
    predicted: float | None
    drifted_columns: int | None
    drifted: list[str]


class Watch:
    """Computes the signals of one project.

    Parameters
    ----------
    settings : Settings
        Where the prediction log, the outcomes and the registry are.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._expected: Expected | None = None
        self._file = settings.serving / "signals.jsonl"

    def values(self, signal: str) -> dict[date, float | None]:
        """Return a signal's value at the end of each day that was looked at."""
        return {date.fromisoformat(night["day"]): night[signal] for night in self._nights()}

    def look(self, day: date) -> None:
        """Compute the signals at the end of a day, unless that was done before."""
        if str(day) in {night["day"] for night in self._nights()}:
            return
        until = midnight_after(day)
        weekly = day.weekday() == SUNDAY
        asked = asked_about(until - WINDOW, until, self._settings, features=weekly)
        joined = join(asked, read_outcomes(self._settings))
        found = excess(joined)
        columns = self._drifted(asked) if weekly and len(asked) else None
        night = Night(
            day=str(day),
            loss_excess=round(found.value, 6) if found else None,
            late=round(found.late, 6) if found else None,
            predicted=round(float(asked["score"].mean()), 6) if len(asked) else None,
            drifted_columns=None if columns is None else len(columns),
            drifted=columns or [],
        )
        append_line(self._file, json.dumps(asdict(night)))

    def _nights(self) -> list[dict[str, Any]]:
        return read_lines(self._file)

    def _drifted(self, asked: pd.DataFrame) -> list[str]:
        number = champion(self._settings)
        if number is None:
            return []
        if self._expected is None or self._expected.version != number:
            self._expected = Expected(number, self._settings)
        reference = self._expected.reference
        return drifted(compare(reference, asked[reference.columns]), self._expected.thresholds)


class Expected:
    """What is usual for a version: the flights that it learned from, and their own weeks."""

    def __init__(self, version: int, settings: Settings) -> None:
        found: ModelVersion = mlflow.MlflowClient().get_model_version(settings.model, str(version))
        known = learned_from(found, settings)
        self.version = version
        self.reference = known.drop(columns=["day", "late"])
        self._week = week_of(known["day"])

    @cached_property
    def weeks(self) -> pd.DataFrame:
        """The statistics of each of its own weeks."""
        return own_weeks(self.reference, self._week)

    @property
    def thresholds(self) -> pd.DataFrame:
        """What a week may be like before it has drifted."""
        return calibrate(self.weeks)


def read_outcomes(settings: Settings) -> pd.DataFrame:
    """Return the outcomes that have arrived so far; none if there is no file yet."""
    file = settings.serving / "outcomes.parquet"
    if not file.exists():
        return pd.DataFrame({"flight_id": [], "late": []})
    return pd.read_parquet(file, columns=["flight_id", "late"])


def read_lines(file: Path) -> list[dict[str, Any]]:
    """Return a file's JSON lines; one that a kill left half written is none."""
    if not file.exists():
        return []
    found = []
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found
