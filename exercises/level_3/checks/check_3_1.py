"""3.1 A gate: real candidates in a registry of the check's own, and facts made by hand."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from _bench import client, commit, few, make_bench

RULES, GATE = "flights/rules.py", "flights/gate.py"
MODEL = "late-flights"


@pytest.fixture(scope="module")
def settings(project, workspace, kit_flights):
    from flights.settings import read_settings
    from flights.store import connect

    make_bench(workspace / "bench", kit_flights)
    commit(project)
    settings = read_settings(project)
    connect(settings)
    client().create_registered_model(MODEL)
    return settings


@pytest.fixture(scope="module")
def training(kit_flights):
    from flights.training import train_and_measure

    return train_and_measure(few(kit_flights))


@pytest.fixture(scope="module")
def register(settings, project, training):
    """A function that tracks and registers a training, and returns the version."""
    import mlflow

    from flights.code import code_version
    from flights.tracking import data_digest, log_training, tags

    labels = tags(settings, code_version(project), data_digest(training.past), "manual")

    def do(made=training, log=log_training):
        run_id = log(made, labels, settings)
        (model,) = mlflow.search_logged_models(
            filter_string=f"source_run_id = '{run_id}'", output_format="list"
        )
        return client().create_model_version(MODEL, model.model_uri, run_id, tags=labels)

    return do


def tags_of(version) -> dict[str, str]:
    return dict(client().get_model_version(MODEL, str(version.version)).tags)


def ask(version, settings):
    """Let the learner's gate judge a version; return the tags that it leaves."""
    from flights.gate import judge

    judge(client().get_model_version(MODEL, str(version.version)), settings)
    return tags_of(version)


@pytest.fixture(scope="module")
def champion(register, settings, say):
    """The first candidate: the project's own model, with no champion before it."""
    say("the first candidate: nobody to be compared with")
    version = register()
    tags = ask(version, settings)
    client().set_registered_model_alias(MODEL, "champion", version.version)
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


def test_equal(champion, register, settings, say):
    """The same model once more is no proof of gain: a no."""
    say("the same model once more")
    tags = ask(register(), settings)
    assert tags.get("gate.decision") == "no", (
        "The same model was registered a second time, and the gate said yes: it is not better. "
        f"Equal is a no; check_gain looks at the upper bound ({RULES})."
    )
    assert tags.get("gate.reason.gain", "").startswith("no: "), (
        f"Refused, but gate.reason.gain says {tags.get('gate.reason.gain')!r} ({RULES})."
    )


def log_leaky(made, labels, settings):
    """Track a model that asks for the departure delay, as somebody in a hurry would."""
    import mlflow
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    from flights.tracking import INPUTS, OUTPUTS, TRUSTED
    from flights.training import parameters

    known = made.past.dropna(subset=["arr_delay"])
    from flights.features import build_features, is_late
    from flights.train import build_pipeline

    model = build_pipeline()
    (name, numbers, columns), rest = model[0].transformers
    model[0].transformers = [(name, numbers, [*columns, "dep_delay"]), rest]
    model.fit(build_features(known).assign(dep_delay=known["dep_delay"]), is_late(known))
    asked = Schema([*INPUTS.inputs, ColSpec("double", "dep_delay", required=False)])
    with mlflow.start_run(tags=labels) as run:
        mlflow.log_params(parameters(made))
        mlflow.sklearn.log_model(
            model,
            name="model",
            serialization_format="skops",
            skops_trusted_types=TRUSTED,
            pip_requirements=[],
            signature=ModelSignature(inputs=asked, outputs=OUTPUTS),
        )
        return run.info.run_id


def test_leaky(champion, register, settings, say):
    """A candidate that asks for the departure delay is refused, and the leak is named."""
    say("a candidate that has learned from the departure delay")
    tags = ask(register(log=log_leaky), settings)
    assert tags.get("gate.decision") == "no", (
        f"The candidate asks for dep_delay, which is not known yet, and got "
        f"{tags.get('gate.decision')!r} ({RULES})."
    )
    leak = tags.get("gate.reason.leak", "nothing")
    assert leak.startswith("no: ") and "dep_delay" in leak, (
        f"gate.reason.leak says {leak!r}. Wanted is a no that names dep_delay: it is one of "
        f"facts.inputs and KNOWN_LATER (check_leak, {RULES})."
    )


def test_crash(champion, register, settings, say):
    """A gate that crashes says no, and why."""
    import mlflow

    say("a candidate whose files are gone")
    version = register()
    folder = Path(mlflow.artifacts.download_artifacts(f"models:/{MODEL}/{version.version}"))
    shutil.rmtree(folder)
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


def test_kill(champion, register, settings, monkeypatch):
    """A kill while the reasons are written leaves no decision, and the gate can be asked again."""
    from mlflow import MlflowClient

    version = register()
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
