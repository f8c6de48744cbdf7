"""The contract for data: what a month must be like before a model may learn from it."""

import re
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from flights.features import NEW_YORK

AIRPORTS = ("EWR", "JFK", "LGA")
CODE = r"^[A-Z0-9]{2}\Z"  # an airline
MONTH_NAME = re.compile(r"\d{4}-(0[1-9]|1[0-2])\Z")
SHOWN = 3  # examples of a fault in its line


class ContractError(Exception):
    """Data that breaks the contract; the message names every fault."""


def _number(low: float, high: float, missing: bool = False) -> pa.Column:
    return pa.Column(float, pa.Check.in_range(low, high), nullable=missing, coerce=True)


MONTH = pa.DataFrameSchema(
    {
        "flight_id": pa.Column(int, coerce=True),  # TODO 2.2: a flight stands in a month once
        "scheduled_at": pa.Column(pd.DatetimeTZDtype("ms", "UTC"), coerce=True),
        "carrier": pa.Column(str, pa.Check.str_matches(CODE)),
        # TODO 2.2: origin (one of AIRPORTS), dest (three capital letters), distance (1 to 10,000)
        "temp": _number(-60, 130, missing=True),
        "dewp": _number(-60, 100, missing=True),
        "humid": _number(0, 100, missing=True),
        "wind_speed": _number(0, 200, missing=True),
        "wind_gust": _number(0, 250, missing=True),
        "precip": _number(0, 20, missing=True),
        "pressure": _number(870, 1085, missing=True),
        "visib": _number(0, 10, missing=True),
        "cancelled": pa.Column(bool),
        "diverted": pa.Column(bool),
        "arr_delay": _number(-300, 3_000, missing=True),
    }
)


def faults_of(flights: pd.DataFrame, month: str) -> list[str]:
    """Return everything that is wrong with one month, a line each; empty if nothing is.

    Parameters
    ----------
    flights : DataFrame
        The month as it was read.
    month : str
        The month it should be, YYYY-MM, of New York's calendar.
    """
    if flights.empty:
        return ["it has no rows"]
    faults: list[str] = []
    # TODO 2.2: hold `flights` against MONTH. pandera stops at the first fault unless it is told to
    # be lazy; then it raises SchemaErrors, and `describe` turns its failure_cases into lines.
    named = {fault.partition(":")[0] for fault in faults if "dtype" in fault}
    mistyped = [line for line in of_another_type(flights) if line.partition(":")[0] not in named]
    faults += mistyped
    sound = set(flights.columns) - named - {line.partition(":")[0] for line in mistyped}
    if "scheduled_at" in sound:
        local = flights["scheduled_at"].dt.tz_convert(NEW_YORK).dt.tz_localize(None)
        found = local.dt.to_period("M")
        others = [each for each in found.unique() if str(each) != month]
        strays = found.isin(others).sum()
        # TODO 2.2: if there are any, one line that says how many, and what month they should be of
    if {"arr_delay", "cancelled", "diverted"} <= sound:
        never = flights["cancelled"] | flights["diverted"]
        if lost := (flights["arr_delay"].isna() != never).sum():
            faults.append(f"arr_delay: {lost} flights arrived and did not, or neither")
    return faults


def of_another_type(flights: pd.DataFrame) -> list[str]:
    """Return a line for each column of another type than MONTH's.

    pandera holds a converted copy against the contract, and says nothing if it can convert; but
    the training meets the values as they are.
    """
    lines = []
    for name, column in MONTH.columns.items():
        wanted = pd.api.types.pandas_dtype(column.dtype.type)
        if name in flights and wanted.kind in "bifM":
            found = flights[name].dtype
            zones = {str(getattr(each, "tz", None)) for each in (found, wanted)}
            if found.kind != wanted.kind or len(zones) == 2:
                lines.append(f"{name}: is {found}, not {wanted}")
    return lines


def describe(cases: pd.DataFrame) -> list[str]:
    """Return one line for each kind of fault in pandera's table of failures.

    A column of the wrong type breaks its other checks too: only the type is told.
    """
    cases = cases.assign(check=cases["check"].astype(str), column=cases["column"].fillna(""))
    mistyped = set(cases.loc[cases["check"].str.startswith(("coerce_dtype", "dtype")), "column"])
    lines = []
    for names, rows in cases.groupby(["column", "check"], sort=False):
        column, check = map(str, names)
        examples = ", ".join(map(str, rows["failure_case"].drop_duplicates()[:SHOWN]))
        if check == "column_in_dataframe":
            lines += [f"{name}: the column is missing" for name in rows["failure_case"]]
        elif column in mistyped and not check.startswith("coerce_dtype"):
            if check.startswith("dtype") and rows["index"].isna().all():
                lines.append(f"{column}: is {examples}, not {check}")
        else:
            places = rows["index"].drop_duplicates()
            lines.append(
                f"{column}: breaks {check}: {examples} "
                f"(row {', '.join(map(str, places[:SHOWN]))}; {len(places)} in all)"
            )
    return sorted(lines)


def read_month(path: Path) -> pd.DataFrame:
    """Return one month's file.

    Raises
    ------
    ContractError
        If the file is empty, truncated or not Parquet.
    """
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as error:  # pyarrow's errors are ValueErrors
        raise ContractError(f"{path.name}: cannot be read as Parquet: {error}") from error


def gaps_between(months: list[str]) -> list[str]:
    """Return what is wrong with a list of months (YYYY-MM): gaps, and months to come."""
    faults = [f"{name}: there is no such month" for name in months if not MONTH_NAME.match(name)]
    there = pd.PeriodIndex([name for name in months if MONTH_NAME.match(name)], freq="M")
    there = there.sort_values()
    now = pd.Period(datetime.now(UTC).strftime("%Y-%m"), freq="M")
    faults += [f"{month}: the month is in the future" for month in there[there > now]]
    for before, after in pairwise(there[there <= now]):
        missing = (after - before).n - 1
        if missing:
            faults.append(f"{missing} months are missing between {before} and {after}")
    return faults


def check_months(months: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return all months as one table, in order, if every one of them keeps the contract.

    Raises
    ------
    ContractError
        If one does not; the message names every fault of every month.
    """
    faults = gaps_between(sorted(months))
    # TODO 2.2: add the faults of every month, each line with the month in front
    together = pd.concat([months[month] for month in sorted(months)], ignore_index=True)
    if not faults and together["flight_id"].duplicated().any():
        faults.append("flight_id: some flights stand in two months")
    if faults:
        raise ContractError("\n".join(faults))
    return together
