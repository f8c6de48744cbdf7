"""Small frames for the tests: flights that you can read, with every column that a month has."""

from collections.abc import Callable

import pandas as pd
import pytest

A_FLIGHT = {
    "flight_id": 1,
    "scheduled_at": "2013-01-07T17:30Z",  # a Monday, 12:30 in New York
    "carrier": "UA",
    "flight": 1545,
    "tailnum": "N14228",
    "origin": "EWR",
    "dest": "IAH",
    "distance": 1400.0,
    "temp": 39.0,
    "dewp": 28.0,
    "humid": 64.4,
    "wind_dir": 260.0,
    "wind_speed": 12.7,
    "wind_gust": 20.0,
    "precip": 0.0,
    "pressure": 1011.9,
    "visib": 10.0,
    "cancelled": False,
    "diverted": False,
    "dep_delay": 0.0,
    "air_time": 227.0,
    "arr_delay": 0.0,
    "landed_at": "2013-01-07T21:30Z",
}


@pytest.fixture
def make_flights() -> Callable[..., pd.DataFrame]:
    """Return a function that makes one flight a dictionary: what it names differs from A_FLIGHT.

    For example ``make_flights({}, {"arr_delay": 16.0})``: two flights, the second late.
    """

    def make(*changes: dict[str, object]) -> pd.DataFrame:
        frame = pd.DataFrame([A_FLIGHT | change for change in changes])
        for column in ("scheduled_at", "landed_at"):
            frame[column] = pd.to_datetime(frame[column], utc=True)
        numbers = ["distance", "temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust"]
        numbers += ["precip", "pressure", "visib", "dep_delay", "air_time", "arr_delay"]
        return frame.astype(dict.fromkeys(numbers, "float64"))

    return make


@pytest.fixture
def many_flights(make_flights: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    """Return 400 flights over 20 days: from the origin JFK late, from EWR on time."""
    changes = []
    for number in range(400):
        late = number % 2 == 1
        scheduled = pd.Timestamp("2013-01-01T13:00Z") + pd.Timedelta(hours=number * 1.2)
        changes.append(
            {
                "flight_id": number,
                "scheduled_at": scheduled,
                "origin": "JFK" if late else "EWR",
                "temp": 30.0 + number % 20,
                "arr_delay": 60.0 if late else -5.0,
            }
        )
    return make_flights(*changes)
