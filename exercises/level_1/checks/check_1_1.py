"""1.1 From cells to a package: the notebook's model, as functions that others can call."""

import inspect
import typing

import numpy as np
import pandas as pd
import pytest
from _expected import CATEGORICAL, KNOWN_LATER, NUMERIC, dates, differing, features, march

FEATURES_FILE = "flights/features.py"
TRAIN_FILE = "flights/train.py"
WEATHER = NUMERIC[3:]


@pytest.fixture(scope="module")
def flights(kit_flights):
    return march(kit_flights)


@pytest.fixture(scope="module")
def wanted(flights):
    return features(flights)


@pytest.fixture(scope="module")
def found(flights):
    from flights.features import build_features

    frame = build_features(flights.copy())
    assert isinstance(frame, pd.DataFrame), (
        f"build_features returned {type(frame).__name__}, not a DataFrame ({FEATURES_FILE})."
    )
    return frame


def test_rows(found, flights):
    """build_features gives every flight its features: same rows, same index."""
    from flights.features import build_features

    # Most hours of March have a temperature, so some flights are also asked for without weather.
    bare = flights.head(100).assign(**dict.fromkeys(WEATHER, float("nan")))
    for given, came in ((flights, found), (bare, build_features(bare.copy()))):
        lost = len(given) - len(came)
        assert lost <= 0, (
            f"{len(given)} flights went in, {len(came)} came out. {lost} flights would get no "
            "answer at all: is a row dropped where the weather is missing? The model fills gaps "
            f"itself (SimpleImputer). Look at build_features in {FEATURES_FILE}."
        )
    assert len(found) == len(flights), (
        f"{len(flights)} flights went in, {len(found)} rows came out: does a join repeat rows?"
    )
    assert found.index.equals(flights.index), (
        "The rows came back with another index. Callers join predictions to flights by index: "
        f"keep the one that came in ({FEATURES_FILE})."
    )


def test_columns(found):
    """The features are the columns FEATURES, in order; numbers are float64."""
    from flights.features import FEATURES

    expected = (*NUMERIC, *CATEGORICAL)
    assert tuple(FEATURES) == expected, (
        f"FEATURES is {tuple(FEATURES)}; the notebook's features are {expected}. "
        f"Leave the constants at the top of {FEATURES_FILE} as they came."
    )
    assert tuple(found.columns) == expected, (
        f"build_features returned the columns {tuple(found.columns)}; wanted are {expected}, in "
        "this order."
    )
    other = {name: str(found[name].dtype) for name in NUMERIC if found[name].dtype != "float64"}
    assert not other, f"These numbers are not float64: {other}. Use .astype('float64') once."


def test_values(found, wanted, flights):
    """Every feature has the notebook's values."""
    both = found.index.intersection(wanted.index)
    shares = {}
    for column in (*NUMERIC, *CATEGORICAL):
        assert column in found.columns, f"The feature {column!r} is missing."
        wrong = differing(found.loc[both, column], wanted.loc[both, column])
        if wrong.any():
            shares[column] = (wrong.mean(), wrong.idxmax())
    if not shares:
        return
    column, (share, row) = next(iter(shares.items()))
    advice = {
        "weekday": "Monday is 0 and Sunday is 6, and the day is New York's, not UTC's.",
        "hour": "scheduled_at is in UTC; the hour is New York's (tz_convert).",
    }
    others = f" Other columns that differ: {', '.join(list(shares)[1:])}."
    raise AssertionError(
        f"{column!r} differs in {share:.0%} of the flights. For example the flight scheduled at "
        f"{flights.loc[row, 'scheduled_at']:%Y-%m-%d %H:%M} UTC has {found.loc[row, column]!s}, "
        f"wanted is {wanted.loc[row, column]!s}. {advice.get(column, 'It is taken over as it is.')}"
        + (others if len(shares) > 1 else "")
    )


def test_no_leak(flights):
    """No feature needs what is known only after the departure."""
    from flights.features import build_features

    known = flights.drop(columns=list(KNOWN_LATER)).head(200)
    try:
        blind = build_features(known.copy())
    except KeyError as error:
        if error.args[0] not in KNOWN_LATER:
            raise
        raise AssertionError(
            f"build_features needs the column {error}, which nobody knows when the prediction is "
            f"made. Use only what stands there at the scheduled departure ({FEATURES_FILE})."
        ) from None
    changed = flights.head(200).assign(dep_delay=600.0, air_time=1.0, arr_delay=600.0)
    seen = build_features(changed)
    moved = [name for name in blind.columns if differing(seen[name], blind[name]).any()]
    assert not moved, f"These features change with the flight's delay, a leak: {moved}."


def test_input_is_left_alone(flights):
    """A function does not change the frame it is given."""
    from flights.features import build_features, is_late, labelled

    mine = flights.head(500).copy()
    before = mine.copy()
    build_features(mine)
    is_late(labelled(mine))
    assert list(mine.columns) == list(before.columns) and mine.equals(before), (
        "The caller's frame was changed. Work on a new one: flights.assign(…) instead of "
        f"flights['…'] = … ({FEATURES_FILE})."
    )


def test_labels(flights):
    """Late is more than 15 minutes at the arrival; a flight that never arrived has no label."""
    from flights.features import is_late, labelled

    known = labelled(flights)
    arrived = flights[flights["arr_delay"].notna()]
    assert len(known) == len(arrived), (
        f"labelled kept {len(known)} of {len(flights)} flights; {len(arrived)} have an arr_delay. "
        "Cancelled and diverted flights never arrived: they are neither late nor on time."
    )
    late = pd.Series(is_late(arrived))
    border = arrived["arr_delay"] == 15
    assert not late[border].any(), "A flight exactly 15 minutes late counts as late; wanted: more."
    off = (late.astype("int64") != (arrived["arr_delay"] > 15).astype("int64")).sum()
    assert off == 0, f"is_late is wrong for {off} of {len(arrived)} flights: it is arr_delay > 15."
    try:
        is_late(flights)
    except ValueError:
        return
    raise AssertionError(
        "is_late answered for flights that never arrived. Comparing a gap with 15 gives False, so "
        "a cancelled flight silently becomes 'on time'. Raise a ValueError (see the docstring)."
    )


def test_split(flights):
    """The last seven days judge, all days before them train."""
    from flights.train import split_by_date

    past, last_days = split_by_date(flights)
    day = dates(flights)
    for name, part, wanted in (
        ("trains", past, day <= "2013-03-24"),
        ("judges", last_days, day > "2013-03-24"),
    ):
        days = dates(part)
        assert len(part), f"The part that {name} is empty ({TRAIN_FILE}, split_by_date)."
        assert set(part.index) == set(flights.index[wanted]), (
            f"With all of March, the part that {name} has {len(part)} flights from {days.min()} to "
            f"{days.max()}; wanted are {wanted.sum()} from {day[wanted].min()} to "
            f"{day[wanted].max()}, by New York's date ({TRAIN_FILE}, split_by_date)."
        )


def test_same_score(flights, wanted):
    """train and evaluate come to the notebook's score, and to the same one twice."""
    from flights.train import build_pipeline, evaluate, train

    day = dates(flights)
    past, last_days = flights[day <= "2013-03-24"], flights[day > "2013-03-24"]
    model = train(past)
    scores = evaluate(model, last_days)
    again = evaluate(train(past), last_days)
    assert scores == again, (
        f"Two trainings on the same flights scored {scores} and {again}. Something is drawn at "
        f"random: fix the seed, or do without it ({TRAIN_FILE})."
    )
    known, judged = past[past["arr_delay"].notna()], last_days[last_days["arr_delay"].notna()]
    reference = build_pipeline().fit(wanted.loc[known.index], (known["arr_delay"] > 15).astype(int))
    late = (judged["arr_delay"] > 15).to_numpy()
    right = reference.predict_proba(wanted.loc[judged.index])[:, 1]
    loss = float(-np.mean(np.where(late, np.log(right), np.log(1 - right))))
    assert abs(scores.get("log_loss", np.inf) - loss) < 5e-4, (
        f"Trained on 1 to 24 March, your log loss on 25 to 31 March is {scores.get('log_loss')}; "
        f"the notebook's way comes to {loss:.4f}. Does train use every labelled flight, and "
        f"evaluate the probability of being late (the second column)? ({TRAIN_FILE})"
    )
    numbers = {"rows": len(judged), "late_share": float(late.mean())}
    for name, value in numbers.items():
        assert abs(scores.get(name, np.inf) - value) < 1e-9, (
            f"evaluate says {name} = {scores.get(name)}; it is {value:.4f} ({TRAIN_FILE})."
        )
    missing = {"roc_auc", "brier"} - set(scores)
    assert not missing, f"evaluate leaves out {sorted(missing)} (see its docstring)."


def test_typed():
    """Every public function says what goes in and what comes out."""
    from flights import features as features_module
    from flights import train as train_module

    for module in (features_module, train_module):
        for name, function in vars(module).items():
            if not inspect.isfunction(function) or function.__module__ != module.__name__:
                continue
            if name.startswith("_"):
                continue
            hints = typing.get_type_hints(function)
            parameters = [*inspect.signature(function).parameters, "return"]
            untyped = [parameter for parameter in parameters if parameter not in hints]
            assert not untyped, f"{module.__name__}.{name} has no type for {', '.join(untyped)}."
