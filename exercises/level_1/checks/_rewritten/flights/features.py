"""The features again, with other internals: plain lists, no joins, other integer types."""

from zoneinfo import ZoneInfo

import pandas as pd

LATE_MINUTES = 15
_CALENDAR = ("hour", "weekday")
_WEATHER = ("temp", "dewp", "humid", "wind_speed", "wind_gust", "precip", "pressure", "visib")
NUMERIC = (*_CALENDAR, "distance", *_WEATHER)
CATEGORICAL = ("carrier", "origin", "dest")
FEATURES = (*NUMERIC, *CATEGORICAL)

_ZONE = ZoneInfo("America/New_York")


def build_features(flights):
    moments = [moment.to_pydatetime().astimezone(_ZONE) for moment in flights["scheduled_at"]]
    columns = {
        "hour": [float(moment.hour) for moment in moments],
        "weekday": [float(moment.weekday()) for moment in moments],
    }
    for name in FEATURES[2:]:
        kind = "float64" if name in NUMERIC else flights[name].dtype
        columns[name] = flights[name].astype(kind).array
    return pd.DataFrame(columns, index=flights.index, columns=list(FEATURES))


def labelled(flights):
    return flights.dropna(subset=["arr_delay"])


def is_late(flights):
    if not flights["arr_delay"].notna().all():
        raise ValueError("a flight without an arrival has no label")
    late = [int(minutes > LATE_MINUTES) for minutes in flights["arr_delay"]]
    return pd.Series(late, index=flights.index, dtype="int8")
