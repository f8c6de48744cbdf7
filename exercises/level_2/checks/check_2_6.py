"""2.6 Compare: a sweep on the same days, and a choice by the rule."""

import numpy as np
import pytest
from _bench import few, use_bench

FILE = "flights/sweep.py"
DAYS = tuple(f"2013-03-{day}" for day in range(25, 32))
PRESENT = (0.40, 0.30, 0.50, 0.45, 0.35, 0.40, 0.30)


def scores(**losses):
    """Return losses by day, as choose takes them."""
    return {name: dict(zip(DAYS, values, strict=False)) for name, values in losses.items()}


def minus(*amounts):
    """Return the present model's losses, less something on each day."""
    return tuple(loss - amount for loss, amount in zip(PRESENT, amounts, strict=True))


@pytest.fixture(scope="module")
def sweep(workspace, kit_flights, say):
    """The learner's sweep of January, by one worker."""
    use_bench(workspace / "bench")
    from flights.sweep import run_sweep

    say("the sweep of January, one training after the other")
    return run_sweep(few(kit_flights), 1)


def test_all_models(sweep):
    """Every model of the grid is trained, and comes back under its own name."""
    from flights.sweep import grid

    models = grid()
    assert set(sweep) == set(models), (
        f"The grid has {len(models)} models, the sweep returned {sorted(map(str, sweep))} ({FILE})."
    )
    for name, model in models.items():
        trained = sweep[name].model[-1]
        assert trained.get_params() == model[-1].get_params(), (
            f"Under the name {name!r} came a {type(trained).__name__} with other parameters: "
            f"Parallel keeps the order; zip(models, trainings) ({FILE})."
        )


def test_same_days(sweep):
    """All models are judged on the same seven days, which none of them has seen."""
    days = {tuple(training.measures.by_day) for training in sweep.values()}
    assert len(days) == 1, f"The models were judged on {len(days)} different sets of days ({FILE})."
    (judged,) = days
    assert judged == tuple(f"2013-01-{day}" for day in range(25, 32)), (
        f"Judged were {judged[0]} to {judged[-1]}; the last seven days of January are 25 to 31."
    )


def test_workers(sweep, kit_flights, monkeypatch, say):
    """Two workers come to the same figures as one, and joblib shares the work out."""
    import joblib

    from flights import sweep as module

    say("the same sweep with two workers")
    asked = []
    parallel = joblib.Parallel

    def counted(*args, **kwargs):
        asked.append(kwargs.get("n_jobs", args[0] if args else None))
        return parallel(*args, **kwargs)

    monkeypatch.setattr(joblib, "Parallel", counted)
    monkeypatch.setattr(module, "Parallel", counted)
    three = dict(list(module.grid().items())[:3])
    monkeypatch.setattr(module, "grid", lambda: three)
    again = module.run_sweep(few(kit_flights), 2)
    assert asked == [2], (
        f"Asked for two jobs, joblib's Parallel was called with n_jobs={asked or 'nothing'}: hand "
        f"`jobs` on, so that the same lines run on one core, on all, and on a cluster ({FILE})."
    )
    for name, training in again.items():
        assert training.measures.overall["log_loss"] == pytest.approx(
            sweep[name].measures.overall["log_loss"], abs=1e-9
        ), f"{name} has another log loss with two workers than with one."


def chosen(by_day, present="now"):
    """Return the learner's choice."""
    from flights.sweep import choose

    return choose(by_day, present)


def test_real_gain():
    """A gain that shows on every day is taken."""
    better = minus(0.05, 0.05, 0.06, 0.05, 0.04, 0.05, 0.05)
    found = chosen(scores(now=PRESENT, new=better))
    assert found.name == "new", (
        "A model that is better by 0.05 on each of seven days was not taken. Its gain is 0.05, two "
        f"standard errors are 0.005 (choose in {FILE}). It said: {found.reason}"
    )


def test_noise():
    """A gain that one lucky day makes is noise: the present model stays."""
    lucky = minus(0.00, 0.01, -0.01, 0.16, 0.00, -0.01, 0.01)
    found = chosen(scores(now=PRESENT, new=lucky))
    assert found.name == "now", (
        "A model that is better on one day of seven was taken. Its mean gain is 0.023, two "
        "standard errors of the seven differences are 0.046: that is noise. Is it the difference, "
        f"day by day, whose standard error you take (choose in {FILE})?"
    )


def test_paired():
    """Days differ from each other: it is the difference on the same day that counts."""
    hard = (0.10, 0.90, 0.20, 0.80, 0.15, 0.85, 0.30)
    better = tuple(loss - 0.02 - 0.001 * (day % 3) for day, loss in enumerate(hard))
    found = chosen(scores(now=hard, new=better))
    assert found.name == "new", (
        "Days from easy (0.10) to hard (0.90), and on each of them the new model is better by "
        "0.02: that is proved. Two means, each with its own spread, cannot show it. "
        f"Take the difference of each day first (choose in {FILE})."
    )


def test_border():
    """Two standard errors, not one, and of the mean, not of a single day."""
    amounts = np.array([0.07, -0.03, 0.05, -0.01, 0.06, -0.02, 0.03])
    standard_error = amounts.std(ddof=1) / np.sqrt(len(amounts))
    assert 1 < amounts.mean() / standard_error < 2
    found = chosen(scores(now=PRESENT, new=minus(*amounts)))
    assert found.name == "now", (
        "The gain is between one and two standard errors: the rule, written before the runs, asks "
        f"for two (STANDARD_ERRORS in {FILE})."
    )
    clear = amounts * 0.8 + 0.012
    assert 2 / np.sqrt(len(clear)) < clear.mean() / clear.std(ddof=1) < 1
    found = chosen(scores(now=PRESENT, new=minus(*clear)))
    assert found.name == "new", (
        "The gain is more than two standard errors of the mean, but not of a single day: divide "
        f"the standard deviation by the square root of the number of days ({FILE})."
    )


def test_present_is_best():
    """Where the present model is the best, it stays, and of several the best is taken."""
    worse = minus(*[-0.05] * 7)
    assert chosen(scores(now=PRESENT, new=worse)).name == "now"
    good, best = minus(*[0.05] * 7), minus(*[0.08] * 7)
    found = chosen(scores(now=PRESENT, good=good, best=best))
    assert found.name == "best", f"'best' is better each day; taken was {found.name!r}."


def test_reason():
    """The choice says why, with its figures."""
    found = chosen(scores(now=PRESENT, new=minus(0.06, 0.05, 0.06, 0.05, 0.04, 0.05, 0.05)))
    assert any(letter.isdigit() for letter in found.reason), (
        f"The reason is {found.reason!r}: it needs the gain and what is noise, so that somebody "
        "can check it next month."
    )


def test_other_days():
    """Models of other days are not compared."""
    short = dict(list(scores(new=PRESENT)["new"].items())[:3])
    with pytest.raises(ValueError, match="same days"):
        chosen({**scores(now=PRESENT), "new": short})
