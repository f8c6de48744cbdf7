"""What exercise 1.1 must come to: computed here, on its own, from the same flights."""

from pathlib import Path

import numpy as np
import pandas as pd

NEW_YORK = "America/New_York"
KNOWN_LATER = ("cancelled", "diverted", "dep_delay", "air_time", "arr_delay", "landed_at")
NUMERIC = (
    *("hour", "weekday", "distance"),
    *("temp", "dewp", "humid", "wind_speed", "wind_gust", "precip", "pressure", "visib"),
)
CATEGORICAL = ("carrier", "origin", "dest")


def march(folder: Path) -> pd.DataFrame:
    """Return all flights of March 2013."""
    return pd.read_parquet(folder / "2013-03.parquet")


def features(flights: pd.DataFrame) -> pd.DataFrame:
    """Return the features as they should be."""
    local = flights["scheduled_at"].dt.tz_convert(NEW_YORK)
    frame = pd.DataFrame({"hour": local.dt.hour, "weekday": local.dt.day_of_week})
    frame = frame.join(flights[list(NUMERIC[2:])]).astype("float64")
    return frame.join(flights[list(CATEGORICAL)])


def dates(flights: pd.DataFrame) -> pd.Series:
    """Return New York's date of each flight as text, for example 2013-03-24."""
    return flights["scheduled_at"].dt.tz_convert(NEW_YORK).dt.strftime("%Y-%m-%d")


def differing(found: pd.Series, wanted: pd.Series) -> pd.Series:
    """Return which rows differ; two missing values are equal, numbers to 1e-9."""
    if pd.api.types.is_numeric_dtype(wanted):
        if not pd.api.types.is_numeric_dtype(found):
            return pd.Series(True, index=wanted.index)
        return ~pd.Series(
            np.isclose(found.astype("float64"), wanted.astype("float64"), 1e-9, equal_nan=True),
            index=wanted.index,
        )
    return found.astype("str") != wanted.astype("str")
