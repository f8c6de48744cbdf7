"""3.1 A gate: real candidates in a registry of the check's own, and facts made by hand."""

import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from _bench import client
from _registry import MODEL, begin, files_of, log_leaky, point_to, register, tags_of, train

RULES, GATE = "flights/rules.py", "flights/gate.py"


@pytest.fixture(scope="module")
def settings(project, workspace, kit_flights):
    return begin(project, workspace / "bench", kit_flights)


@pytest.fixture(scope="module")
def training(kit_flights):
    return train(kit_flights)


def ask(version, settings):
    """Let the learner's gate judge a version; return the tags that it leaves."""
    from flights.gate import judge

    judge(client().get_model_version(MODEL, str(version)), settings)
    return tags_of(version)


@pytest.fixture(scope="module")
def champion(training, settings, say):
    """The first candidate: the project's own model, with no champion before it."""
    say("the first candidate: nobody to be compared with")
    version = register(training, settings)
    tags = ask(version, settings)
    point_to(version)
    return version, tags


def test_first(champion):
    """A sound candidate passes where there is no champion, and each reason is written down."""
    _, tags = champion
    no = {name: text for name, text in tags.items() if text.startswith("no")}
    assert tags.get("gate.decision") == "yes", (
        f"The project's own model, the first of all, got {tags.get('gate.decision')!r}; the "
        f"reasons: {no or 'none'} ({GATE})."
    )
    reasons = [name for name in tags if name.startswith("gate.reason.")]
    assert len(reasons) >= 8, (
        f"The version has {len(reasons)} tags gate.reason.<name>: each reason of decide() becomes "
        f"one, with str(reason) as its text ({GATE})."
    )
    wrong = [name for name in reasons if not tags[name].startswith("yes: ")]
    assert not wrong, f"The decision is yes, but {wrong[0]} says {tags[wrong[0]]!r} ({GATE})."


def test_equal(champion, training, settings, say):
    """The same model once more is no proof of gain: a no."""
    say("the same model once more")
    tags = ask(register(training, settings), settings)
    assert tags.get("gate.decision") == "no", (
        "The same model was registered a second time, and the gate said yes: it is not better. "
        f"Equal is a no; check_gain looks at the upper bound ({RULES})."
    )
    assert tags.get("gate.reason.gain", "").startswith("no: "), (
        f"Refused, but gate.reason.gain says {tags.get('gate.reason.gain')!r} ({RULES})."
    )


def test_leaky(champion, training, settings, say):
    """A candidate that asks for the departure delay is refused, and the leak is named."""
    say("a candidate that has learned from the departure delay")
    tags = ask(register(training, settings, log_leaky), settings)
    assert tags.get("gate.decision") == "no", (
        f"The candidate asks for dep_delay, which is not known yet, and got "
        f"{tags.get('gate.decision')!r} ({RULES})."
    )
    leak = tags.get("gate.reason.leak", "nothing")
    assert leak.startswith("no: ") and "dep_delay" in leak, (
        f"gate.reason.leak says {leak!r}. Wanted is a no that names dep_delay: it is one of "
        f"facts.inputs and KNOWN_LATER (check_leak, {RULES})."
    )


def test_crash(champion, training, settings, say):
    """A gate that crashes says no, and why."""
    say("a candidate whose files are gone")
    version = register(training, settings)
    shutil.rmtree(files_of(version))
    try:
        tags = ask(version, settings)
    except Exception as error:
        raise AssertionError(
            f"The candidate's files are gone, and the gate fell over: {type(error).__name__}. Who "
            "comes next finds no decision at all. Catch it in judge: the only reason is then a no "
            f'named "crash" ({GATE}).'
        ) from None
    assert tags.get("gate.decision") == "no", (
        f"The candidate's files are gone; the decision is {tags.get('gate.decision')!r} ({GATE})."
    )
    assert tags.get("gate.reason.crash", "").startswith("no: "), (
        f"gate.reason.crash says {tags.get('gate.reason.crash')!r}: name the reason "
        f'"crash", with the error as its text ({GATE}).'
    )


def test_kill(champion, training, settings, monkeypatch):
    """A kill while the reasons are written leaves no decision, and the gate can be asked again."""
    from mlflow import MlflowClient

    version = register(training, settings)
    written = []
    real = MlflowClient.set_model_version_tag

    class Killed(BaseException):
        pass

    def note(self, name, number, key=None, value=None, **more):
        written.append(key)
        if len(written) == 4:
            raise Killed
        return real(self, name, number, key, value, **more)

    monkeypatch.setattr(MlflowClient, "set_model_version_tag", note)
    with pytest.raises(Killed):
        ask(version, settings)
    assert "gate.decision" not in tags_of(version), (
        "Killed after the third tag, the version has a decision already, but not all reasons: "
        f"gate.decision must be the last tag that is written ({GATE})."
    )
    ask(version, settings)
    assert written[-1] == "gate.decision", f"The last tag was {written[-1]}: see above ({GATE})."
    assert tags_of(version).get("gate.decision") == "no"


@pytest.fixture(scope="module")
def facts():
    """A candidate that is better by 0.02 on each of seven days, at each airport."""
    from flights.facts import Facts
    from flights.features import FEATURES

    rows = [
        {"champion": 0.42, "candidate": 0.40, "day": f"2013-03-{day}", "origin": airport}
        for day in range(25, 32)
        for airport in ("EWR", "JFK", "LGA")
    ]
    return Facts(
        inputs=tuple(FEATURES),
        signature="",
        trained_to="2013-03-24",
        judged_from="2013-03-25",
        judged_to="2013-03-31",
        measures={"log_loss": 0.4, "roc_auc": 0.7, "calibration_error": 0.05},
        champion=1,
        losses=pd.DataFrame(rows),
        latency=5.0,
        size=0.02,
    )


def reasons_for(facts) -> dict[str, object]:
    from flights.rules import decide

    return {reason.name: reason for reason in decide(facts)}


def refuses(facts, name: str, what: str) -> str:
    """Return the text of a no; complain if the rule says yes, or another one says no."""
    found = reasons_for(facts)
    assert name in found, f"decide() returns no reason named {name!r} ({RULES})."
    assert not found[name].passed, (
        f"{what}, and check_{name} says yes: {found[name].text!r} ({RULES})."
    )
    others = [each for each, reason in found.items() if not reason.passed and each != name]
    assert not others, f"{what}: that is no reason for {others[0]} to say no ({RULES})."
    return str(found[name].text)


def test_better(facts):
    """A candidate that is better on each day and at each airport passes every rule."""
    no = [str(reason.text) for reason in reasons_for(facts).values() if not reason.passed]
    assert not no, f"Better by 0.02 on each of seven days, and refused: {no} ({RULES})."


def test_too_good(facts):
    """A score that is too good to be true is taken for a leak."""
    great = replace(facts, measures=dict(facts.measures) | {"roc_auc": 0.96})
    refuses(great, "leak", "ROC AUC is 0.96, and nobody foresees delays that well")


def test_unseen(facts):
    """Who has learned from a judging day is refused."""
    refuses(replace(facts, trained_to="2013-03-25"), "unseen", "It learned from the 25th, a judge")
    refuses(replace(facts, trained_to="2013-04-13"), "unseen", "It learned from all judging days")


def test_luck(facts):
    """A mean that is better by luck is no proof of gain."""
    losses = facts.losses.copy()
    losses["candidate"] = losses["champion"] + 0.004
    losses.loc[losses["day"] == "2013-03-28", "candidate"] -= 0.09
    text = "It is better by 0.09 on one day and worse on six"
    refuses(replace(facts, losses=losses), "gain", text)


def test_airport(facts):
    """A mean does not hide an airport: better in all but LaGuardia is a no that names it."""
    worse = facts.losses["origin"] == "LGA"
    losses = facts.losses.assign(candidate=np.where(worse, 0.45, 0.30))
    text = refuses(replace(facts, losses=losses), "airports", "LaGuardia is worse by 0.03")
    assert "LGA" in text, f"The reason does not name LaGuardia (LGA): {text!r} ({RULES})."
    slightly = facts.losses.assign(candidate=np.where(worse, 0.43, 0.30))
    found = reasons_for(replace(facts, losses=slightly))["airports"]
    assert found.passed, f"LaGuardia is worse by 0.01, which is allowed: {found.text!r} ({RULES})."


def test_bound():
    """The bound comes from 2,000 draws of whole days, each flight with the same weight."""
    from flights.rules import upper_bound

    rng = np.random.default_rng(5)
    sizes = np.array([60, 900, 120, 700, 90, 500, 200])
    effect = np.array([-0.15, 0.04, -0.10, 0.02, -0.08, -0.04, 0.01])
    day = pd.Series(np.repeat([f"2013-03-{d}" for d in range(25, 32)], sizes))
    difference = pd.Series(np.repeat(effect, sizes) + rng.normal(0, 0.2, sizes.sum()))
    sums = difference.groupby(day).sum().to_numpy()
    drawn = np.random.default_rng(1).integers(7, size=(50_000, 7))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    wanted, spread = float(np.quantile(means, 0.975)), float(means.std())
    found = upper_bound(difference, day)
    assert isinstance(found, float), f"upper_bound returns {type(found).__name__}, not a float."
    flights = float(difference.mean() + 1.96 * difference.std() / np.sqrt(len(difference)))
    hint = "Draw days, with all their flights, and take the quantile 0.975 of the draws' means."
    if abs(found - flights) < 0.15 * spread:
        hint = "That is the bound of single flights: those of one day are not independent."
    elif abs(found - np.quantile(means, 0.95)) < 0.15 * spread:
        hint = "That is the quantile 0.95: of a 95 % interval 2.5 % lie above its upper end."
    elif abs(found - difference.mean()) < 0.15 * spread:
        hint = "That is the mean itself."
    assert abs(found - wanted) < 0.15 * spread, (
        f"For seven days the bound is {found:+.4f}, wanted {wanted:+.4f}. {hint} ({RULES})"
    )
