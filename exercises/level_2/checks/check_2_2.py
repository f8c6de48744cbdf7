"""2.2 A contract for data: good months pass, bad ones are named with all their faults."""

from collections.abc import Callable

import pandas as pd
import pytest
from _bench import january

FILE = "flights/contract.py"
IMPOSSIBLE = {
    **{"temp": 300.0, "dewp": -200.0, "humid": 140.0, "wind_speed": 900.0, "wind_gust": -1.0},
    **{"precip": 90.0, "pressure": 10.0, "visib": 50.0, "arr_delay": 90_000.0},
}
MONTHS = [f"2013-{number:02d}" for number in range(1, 13)]


@pytest.fixture(scope="module")
def month(kit_flights):
    return january(kit_flights)


def faults(flights: pd.DataFrame, name: str = "2013-01") -> list[str]:
    """Return what the learner's contract says; it must be a list of lines."""
    from flights.contract import faults_of

    found = faults_of(flights, name)
    assert isinstance(found, list) and all(isinstance(line, str) for line in found), (
        f"faults_of returned {type(found).__name__}: it returns a list of lines ({FILE})."
    )
    return found


def refused(flights: pd.DataFrame, what: str, *names: str) -> None:
    """Assert that a month with one fault is refused, and that a line names it."""
    found = faults(flights)
    assert found, f"A month with {what} goes through. Which clause of MONTH forbids it ({FILE})?"
    for name in names:
        assert any(name in line for line in found), (
            f"A month with {what} is refused, but no line names {name!r}. It says: {found[:3]}"
        )


def with_value(flights: pd.DataFrame, column: str, value: object) -> pd.DataFrame:
    """Return the flights with one value exchanged, in row 5."""
    kind: Callable[[pd.Series], pd.Series] = (
        (lambda values: values) if not isinstance(value, str) else (lambda v: v.astype("object"))
    )
    changed = flights.copy()
    changed[column] = kind(changed[column])
    changed.loc[5, column] = value
    return changed


def test_good(kit_flights, say):
    """All twelve months of the year go through, and so does a month that is not over yet."""
    say("holding the twelve months against your contract")
    for name in MONTHS:
        found = faults(pd.read_parquet(kit_flights / f"{name}.parquet"), name)
        assert not found, (
            f"{name} is a good month, but it is refused: {found[0]}. Is a clause too strict? "
            f"Weather may be missing ({FILE})."
        )
    half = pd.read_parquet(kit_flights / "2013-04.parquet").head(9_000)
    found = faults(half, "2013-04")
    assert not found, f"The first ten days of April are refused: {found[0]}"


def test_values(month):
    """Values that cannot be are refused, with the column and the value."""
    refused(with_value(month, "distance", -5.0), "a distance of -5 miles", "distance", "-5")
    refused(with_value(month, "distance", 0.0), "a distance of 0 miles", "distance")
    refused(with_value(month, "origin", "XXX"), "the airport XXX as origin", "origin", "XXX")
    refused(with_value(month, "dest", "Houston"), "the destination 'Houston'", "dest", "Houston")
    refused(with_value(month, "dest", "JFKXX"), "the destination 'JFKXX'", "dest", "JFKXX")
    refused(with_value(month, "carrier", "ua"), "the airline 'ua'", "carrier", "ua")
    for column, value in IMPOSSIBLE.items():
        refused(with_value(month, column, value), f"{column} = {value}", column)


def test_missing_values(month):
    """A value that must be known may not be missing; weather may."""
    refused(with_value(month, "distance", None), "a missing distance", "distance")
    gone = month.assign(carrier=month["carrier"].where(month.index != 5))
    refused(gone, "a missing carrier", "carrier")
    found = faults(month.assign(temp=float("nan"), pressure=float("nan")))
    assert not found, f"A month without weather is refused: {found[0]}. Weather may be missing."


def test_duplicates(month):
    """A flight that stands there twice is refused."""
    twice = pd.concat([month, month.iloc[:2]], ignore_index=True)
    refused(twice, "two flights that stand there twice", "flight_id")


def test_columns(month):
    """A missing, a renamed and a mistyped column are refused."""
    refused(month.drop(columns="temp"), "no column temp", "temp")
    refused(month.rename(columns={"origin": "from"}), "origin renamed to from", "origin")
    refused(with_value(month, "distance", "far"), "the text 'far' as a distance", "distance", "far")
    refused(month.assign(scheduled_at="soon"), "a text as time", "scheduled_at")
    naive = month["scheduled_at"].dt.tz_localize(None)
    refused(month.assign(scheduled_at=naive), "times without a zone", "scheduled_at")
    refused(month.assign(arr_delay=month["arr_delay"].astype(str)), "delays as text", "arr_delay")
    refused(month.assign(cancelled="no"), "the text 'no' as cancelled", "cancelled")


def test_empty(month):
    """An empty month is refused."""
    assert faults(month.iloc[:0]), f"A month without a row goes through ({FILE})."


def test_other_month(month):
    """Flights of another month are refused, with their number."""
    found = faults(month, "2013-02")
    assert any(f"{len(month)}" in line and "2013-02" in line for line in found), (
        f"January's {len(month)} flights came as 2013-02. Wanted is a line with that number and "
        f"the month that was expected; said was: {found[:2]} (strays in faults_of, {FILE})."
    )


def test_all_at_once(month):
    """Every fault is named at once, not only the first."""
    bad = with_value(with_value(month, "distance", -5.0), "origin", "XXX").drop(columns="temp")
    bad = pd.concat([bad, bad.iloc[:1]], ignore_index=True)
    bad.loc[9, "arr_delay"] = None
    found = faults(bad)
    missing = [
        name
        for name in ("distance", "origin", "temp", "flight_id", "arr_delay")
        if not any(line.startswith(name) for line in found)
    ]
    assert not missing, (
        f"A month with five faults: {', '.join(missing)} was not named. Whoever mends one fault at "
        f"a time waits for the pipeline five times: validate(…, lazy=True) ({FILE}). Said: {found}"
    )


def test_months(month, kit_flights):
    """check_months names the faults of every month, and hands good ones on unchanged."""
    from flights.contract import ContractError, check_months

    february = pd.read_parquet(kit_flights / "2013-02.parquet")
    bad = {
        "2013-01": with_value(month, "distance", -5.0),
        "2013-02": with_value(february, "origin", "XXX"),
    }
    try:
        check_months(bad)
    except ContractError as error:
        said = str(error)
    else:
        raise AssertionError(
            f"Two bad months go through check_months: raise ContractError ({FILE})."
        )
    for name, column in (("2013-01", "distance"), ("2013-02", "origin")):
        assert any(line.startswith(name) and column in line for line in said.splitlines()), (
            f"The message does not name {column} of {name}, each fault on a line with its month in "
            f"front. It says:\n{said}"
        )
    together = check_months({"2013-02": february, "2013-01": month})
    wanted = pd.concat([month, february], ignore_index=True)
    assert together.equals(wanted), (
        "check_months returned other flights than it was given: the contract refuses, it never "
        "repairs, and it keeps the order of the calendar."
    )


def test_gap(month, kit_flights):
    """A month that is missing between two others, or that lies in the future, is refused."""
    from flights.contract import ContractError, check_months

    march = pd.read_parquet(kit_flights / "2013-03.parquet")
    for months, said in (
        ({"2013-01": month, "2013-03": march}, "missing"),
        ({"2013-01": month, "2999-01": month}, "future"),
    ):
        with pytest.raises(ContractError) as refusal:
            check_months(months)
        assert said in str(refusal.value), f"{list(months)}: {refusal.value}"
