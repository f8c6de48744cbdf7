"""What the model sees of a flight: built from what is known at the scheduled departure."""

import pandas as pd

LATE_MINUTES = 15
NEW_YORK = "America/New_York"

NUMERIC = (
    "hour",
    "weekday",
    "distance",
    "temp",
    "dewp",
    "humid",
    "wind_speed",
    "wind_gust",
    "precip",
    "pressure",
    "visib",
)
CATEGORICAL = ("carrier", "origin", "dest")
FEATURES = NUMERIC + CATEGORICAL


def build_features(flights: pd.DataFrame) -> pd.DataFrame:
    """Return the model's view of `flights`.

    Parameters
    ----------
    flights : DataFrame
        One row a flight; `scheduled_at` is in UTC. Weather may be missing.

    Returns
    -------
    DataFrame
        The columns FEATURES, in this order; the rows and the index of `flights`. Numbers are
        float64. `hour` (0 to 23) and `weekday` (Monday is 0) are New York's.
    """
    # TODO 1.1: take over the notebook's cells. The caller's frame stays as it is. (The names above
    # are tuples, so that nobody changes them; pandas picks columns by a list: list(FEATURES).)
    raise NotImplementedError("build_features is still to be written")


def labelled(flights: pd.DataFrame) -> pd.DataFrame:
    """Return the flights that reached their destination: only they were late or not."""
    # TODO 1.1
    raise NotImplementedError("labelled is still to be written")


def is_late(flights: pd.DataFrame) -> pd.Series:
    """Return 1 for each flight that arrived more than LATE_MINUTES late, else 0.

    Raises
    ------
    ValueError
        If a flight has no arrival: it was neither late nor on time.
    """
    # TODO 1.1
    raise NotImplementedError("is_late is still to be written")
