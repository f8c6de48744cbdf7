"""4.1 See drift without labels: the measures by hand, then the real year's weeks and months."""

import numpy as np
import pandas as pd
import pytest

FILE = "flights/drift.py"
LEARNED_TO = "2013-03-24"
SUMMER = {"2013-05": "May", "2013-06": "June", "2013-07": "July"}


# The measures, on columns made by hand


def texts(a: int, b: int, c: int = 0) -> pd.Series:
    """Return a column with so many a, b and c."""
    return pd.Series(["a"] * a + ["b"] * b + ["c"] * c, dtype="str")


def numbers(*values: float) -> pd.Series:
    """Return a column of numbers."""
    return pd.Series(values, dtype="float64")


PSI = {
    "alike": (texts(5, 5), texts(50, 50), 0.0),
    "half and half, then three quarters": (texts(2, 2), texts(3, 1), 0.274653),
    "the other way round": (texts(3, 1), texts(2, 2), 0.274653),
    "a text that is new": (texts(5, 5), texts(4, 4, 2), 1.563993),
    "a text that is gone": (texts(4, 4, 2), texts(5, 5), 1.563993),
    "missing, where nothing was missing": (numbers(*range(100)), numbers(*range(99), np.nan), None),
}


@pytest.mark.parametrize("name", PSI)
def test_psi(name, project):
    """The population stability index is the sum of (w - r) ln(w / r), and always finite."""
    from flights.drift import population_stability

    reference, window, wanted = PSI[name]
    with np.errstate(all="ignore"):
        found = population_stability(reference, window)
    assert np.isfinite(found), (
        f"{name}: the index is {found}. The logarithm of 0 is infinite: an empty bin counts as "
        f"EMPTY ({FILE})."
    )
    if wanted is None:
        assert 0.03 < found < 0.12, f"{name}: {found:.4f} is not what one new bin makes ({FILE})."
        return
    assert found == pytest.approx(wanted, abs=1e-4), (
        f"{name}: population_stability gives {found:.4f}, by hand it is {wanted:.4f} ({FILE})."
    )


KS = {
    "alike": (numbers(1, 2, 3), numbers(3, 2, 1), 0.0),
    "nothing in common": (numbers(1, 2), numbers(5, 6, 7), 1.0),
    "half of it moved": (numbers(1, 2, 3, 4), numbers(3, 4, 5, 6), 0.5),
    "many of the same value": (numbers(*[0] * 9, 1), numbers(0, *[1] * 9), 0.8),
    "of other lengths": (numbers(*range(10)), numbers(0, 1, 2, 3, 4), 0.5),
    "one flight": (numbers(1, 2, 3, 4), numbers(2), 0.5),
    "half is missing": (numbers(1, 2, 3, 4), numbers(1, 4, np.nan, np.nan), 0.5),
    "all is missing": (numbers(1, 2), numbers(np.nan, np.nan), 1.0),
    "missing in both": (numbers(1, np.nan), numbers(np.nan, 1), 0.0),
}


@pytest.mark.parametrize("name", KS)
def test_distance(name, project):
    """The Kolmogorov-Smirnov statistic: the largest difference of the shares at most x."""
    from flights.drift import distance

    reference, window, wanted = KS[name]
    found = distance(reference, window)
    assert found == pytest.approx(wanted, abs=1e-9), (
        f"{name}: {reference.tolist()} and {window.tolist()} are {found:.3f} apart, by hand it is "
        f"{wanted} ({FILE})."
    )


def test_as_scipy(project):
    """On random numbers with ties it is SciPy's ks_2samp."""
    from scipy.stats import ks_2samp

    from flights.drift import distance

    draw = np.random.default_rng(4)
    for _ in range(20):
        r = pd.Series(draw.normal(0, 3, draw.integers(1, 80)).round())
        w = pd.Series(draw.normal(1, 2, draw.integers(1, 80)).round())
        found, wanted = distance(r, w), ks_2samp(r, w, method="asymp").statistic
        assert found == pytest.approx(wanted, abs=1e-9), (
            f"SciPy's ks_2samp gives {wanted:.4f}, distance {found:.4f}, for {r.tolist()} and "
            f"{w.tolist()} ({FILE})."
        )


def test_calibrate(project):
    """A threshold is the highest of all own weeks, and a quarter more; for each column its own."""
    from flights.drift import MARGIN, calibrate

    index = pd.MultiIndex.from_product([[0, 1], ["temp", "dest"]], names=["week", "column"])
    rows = [[1.0, 0.2, 0.0], [0.5, 0.3, 0.4], [3.0, 0.1, 0.2], [0.1, 0.6, 0.0]]
    found = calibrate(pd.DataFrame(rows, index=index, columns=["psi", "distance", "outside"]))
    wanted = {"temp": [3.0, 0.2, 0.2], "dest": [0.5, 0.6, 0.4]}
    assert sorted(found.index) == sorted(wanted), (
        f"calibrate gives a row for each of {list(found.index)}; wanted is one for each column of "
        f"the flights: {list(wanted)} ({FILE})."
    )
    for column, highest in wanted.items():
        told = found.loc[column].tolist()
        assert told == pytest.approx([MARGIN * value for value in highest]), (
            f"The highest of {column} in two weeks are {highest}; thresholds with the margin are "
            f"{[MARGIN * value for value in highest]}, calibrate gives {told} ({FILE})."
        )


def test_strange(project):
    """A constant column, an empty one and no flights at all: an answer, or a clear error."""
    from flights.drift import compare

    reference = pd.DataFrame({"flat": numbers(1, 1, 1), "empty": numbers(*[np.nan] * 3)})
    found = compare(reference, reference)
    assert (found.to_numpy() == 0).all(), (
        f"A constant and an empty column, held against themselves, have drifted:\n{found} ({FILE})."
    )
    moved = compare(reference, pd.DataFrame({"flat": numbers(2, 2), "empty": numbers(2, 2)}))
    assert np.isfinite(moved.to_numpy()).all() and (moved["distance"] == 1).all(), (
        f"Both columns have no value in common with the reference:\n{moved} ({FILE})."
    )
    with pytest.raises(ValueError, match="no flights"):
        compare(reference, reference.head(0))


# The real year


@pytest.fixture(scope="module")
def flights(project, kit_flights, say):
    """Every flight of January to July, with the score of a model that learned up to 24 March."""
    from flights.contract import check_months
    from flights.features import labelled
    from flights.reference import local_day, scored
    from flights.train import train

    say("training on January to March, asking about April to July")
    months = [f"2013-{month:02d}" for month in range(1, 8)]
    tables = {month: pd.read_parquet(kit_flights / f"{month}.parquet") for month in months}
    known = labelled(check_months(tables))
    return scored(train(known[local_day(known["scheduled_at"]) <= LEARNED_TO]), known)


@pytest.fixture(scope="module")
def reference(flights):
    return flights[flights["day"] <= LEARNED_TO]


@pytest.fixture(scope="module")
def weeks(reference, say):
    from flights.drift import own_weeks
    from flights.reference import week_of

    say("holding each of the reference's twelve weeks against the others")
    return own_weeks(reference.drop(columns=["day", "late"]), week_of(reference["day"]))


def test_own_weeks(weeks):
    """Of the reference's own weeks, each left out in turn, at most one alarms."""
    from flights.drift import alarms, leave_one_out

    found = {number: columns for number, columns in leave_one_out(weeks) if alarms(columns)}
    told = "; ".join(f"week {number}: {', '.join(columns)}" for number, columns in found.items())
    assert len(found) <= 1, (
        f"Nothing has drifted in January to March, and {len(found)} of its 12 weeks alarm: {told} "
        f"({FILE})."
    )


@pytest.mark.parametrize("month", SUMMER)
def test_summer(month, flights, reference, weeks):
    """May, June and July alarm, and say that it is the temperature, the dew point and the score."""
    from flights.drift import alarms, calibrate, compare, drifted

    known = reference.drop(columns=["day", "late"])
    asked = flights[flights["day"].str.startswith(month)][known.columns]
    found = drifted(compare(known, asked), calibrate(weeks))
    assert alarms(found), (
        f"{SUMMER[month]} does not alarm: only {', '.join(found) or 'nothing'} has drifted "
        f"({FILE})."
    )
    missed = [name for name in ("temp", "dewp", "score") if name not in found]
    assert not missed, (
        f"{SUMMER[month]} was warmer than anything in the reference; {', '.join(missed)} is not "
        f"among what has drifted: {', '.join(found)} ({FILE})."
    )
