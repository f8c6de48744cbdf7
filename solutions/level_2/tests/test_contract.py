"""The contract: each clause is broken once, and named."""

import pandas as pd
import pytest

from flights.contract import ContractError, check_months, faults_of, read_month


def month_of(make_flights, *changes):
    flights = make_flights(*({"flight_id": number} | change for number, change in changes))
    return flights.astype({"flight_id": "int32"})


@pytest.fixture
def month(make_flights):
    """Three good flights of January."""
    return month_of(make_flights, *((number, {}) for number in (1, 2, 3)))


def test_a_good_month_has_no_faults(month):
    assert faults_of(month, "2013-01") == []


@pytest.mark.parametrize(
    ("column", "value"), [("distance", -5.0), ("origin", "XXX"), ("humid", 140.0)]
)
def test_a_value_that_cannot_be_is_named(month, column, value):
    month.loc[1, column] = value
    (fault,) = faults_of(month, "2013-01")
    assert column in fault
    assert str(value) in fault


def test_a_flight_that_stands_there_twice_is_named(month):
    twice = pd.concat([month, month.iloc[:1]], ignore_index=True)
    assert any("flight_id" in fault for fault in faults_of(twice, "2013-01"))


def test_a_missing_column_is_named(month):
    assert faults_of(month.drop(columns="temp"), "2013-01") == ["temp: the column is missing"]


def test_all_faults_are_named_at_once(month):
    month.loc[0, "distance"] = -5.0
    month.loc[1, "origin"] = "XXX"
    assert len(faults_of(month.drop(columns="temp"), "2013-01")) == 3


def test_a_flight_of_another_month_is_named(month):
    (fault,) = faults_of(month, "2013-02")
    assert "3 flights" in fault


def test_months_with_faults_train_nothing_and_each_is_told(month):
    with pytest.raises(ContractError, match="2013-02: it has no rows"):
        check_months({"2013-01": month, "2013-02": month.iloc[:0]})


def test_a_file_that_is_not_whole_is_refused(tmp_path):
    file = tmp_path / "2013-01.parquet"
    file.write_bytes(b"PAR1")
    with pytest.raises(ContractError, match="2013-01"):
        read_month(file)
