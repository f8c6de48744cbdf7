"""2.1 Track every run: what stands in MLflow after a training."""

import importlib

import mlflow
import numpy as np
import pandas as pd
import pytest
from _bench import all_runs, changed, client, commit, few, january, make_bench

FILE = "flights/tracking.py"
CONTEXTS = ("training", "judging")


@pytest.fixture(scope="module")
def bench(project, workspace, kit_flights):
    return make_bench(workspace / "bench", kit_flights)


@pytest.fixture(scope="module")
def training(kit_flights):
    from flights.training import train_and_measure

    return train_and_measure(few(kit_flights))


@pytest.fixture(scope="module")
def commits(project):
    return commit(project)


@pytest.fixture(scope="module")
def run(bench, commits, training, project, kit_flights, say):
    """One training, tracked by the learner's code."""
    from flights.code import code_version
    from flights.settings import read_settings
    from flights.tracking import data_digest, log_training, tags

    say("tracking one training of January in a store of the check's own")
    settings = read_settings(project)
    digest = data_digest(few(kit_flights))
    labels = tags(settings, code_version(project), digest, "manual")
    log_training(training, labels, settings)
    runs = all_runs()
    assert len(runs) == 1, f"One training made {len(runs)} runs: start one run, and only one."
    return runs[0]


def test_digest(kit_flights):
    """data_digest changes when any value of any row changes, and only then."""
    from flights.tracking import data_digest

    flights = january(kit_flights).head(15_000)
    digest = data_digest(flights)
    assert isinstance(digest, str) and 16 <= len(digest) <= 36, (
        f"data_digest returned {digest!r}: MLflow takes a text of up to 36 characters ({FILE})."
    )
    assert data_digest(flights.copy()) == digest, "The same flights have two digests."
    assert data_digest(flights.set_axis(range(7, 15_007))) == digest, (
        "The digest depends on the index, which says nothing about the flights: "
        "reset_index(drop=True) first."
    )
    late = flights.copy()
    late.loc[12_345, "temp"] += 0.5
    assert data_digest(late) != digest, (
        "The temperature of row 12,345 was changed, and the digest is the same. MLflow's own "
        f"digest looks at 10,000 rows only; yours must look at all of them (data_digest in {FILE})."
    )
    assert data_digest(flights.iloc[:-1]) != digest, "The last flight was left out: same digest."
    doubled = pd.concat([flights, flights.iloc[:1], flights.iloc[:1]])
    assert data_digest(doubled) != digest, "A flight was added twice, and the digest is the same."
    other = flights.copy()
    other.loc[[0, 1], "carrier"] = other.loc[[1, 0], "carrier"].to_numpy()
    assert data_digest(other) != digest or flights.carrier[0] == flights.carrier[1], (
        "Two flights exchanged their carriers, and the digest is the same."
    )


def test_parameters(run, training):
    """The run carries the parameters: the model's, and from when to when it learned."""
    from flights.training import parameters

    wanted = {name: str(value) for name, value in parameters(training).items()}
    missing = sorted(set(wanted) - set(run.data.params))
    assert not missing, (
        f"{len(missing)} parameters are missing in the run, for example {missing[0]!r}: log what "
        f"parameters(training) returns (log_training in {FILE})."
    )
    wrong = {name for name in wanted if run.data.params[name] != wanted[name]}
    assert not wrong, f"These parameters have another value than the model has: {sorted(wrong)}."


def test_trigger(project):
    """A run says what started it: what `tags` was given, not always the same."""
    from flights.code import CodeVersion
    from flights.settings import read_settings
    from flights.tracking import tags

    code = CodeVersion("0" * 40, dirty=True)
    said = tags(read_settings(project), code, "d" * 32, "push")
    assert said.get("trigger") == "push" and said.get("dirty") == "true", (
        f"tags was given trigger='push' and a dirty tree, and returned {said} ({FILE})."
    )


def test_measures(run, training):
    """The run carries every measure, each airport's too, and the log loss of each day."""
    wanted = training.measures.overall | {"fit_seconds": training.fit_seconds}
    missing = sorted(set(wanted) - set(run.data.metrics))
    assert not missing, (
        f"{len(missing)} measures are missing in the run, for example {missing[0]!r}: log all of "
        f"training.measures.overall (log_training in {FILE})."
    )
    for name, value in wanted.items():
        assert run.data.metrics[name] == pytest.approx(value, abs=1e-9), (
            f"{name} is {run.data.metrics[name]} in the run, but the training has {value}: a "
            "figure goes in whole, neither rounded nor another one."
        )
    days = client().get_metric_history(run.info.run_id, "log_loss_by_day")
    found = [each.value for each in sorted(days, key=lambda each: each.step)]
    assert found == pytest.approx(list(training.measures.by_day.values())), (
        f"log_loss_by_day has {len(found)} values; there are {len(training.measures.by_day)} "
        "judging days. Log one value a day, with step=0, 1, 2, … (mlflow.log_metric)."
    )


def test_data(run, training):
    """The run names both data sets, each with its own digest."""
    from flights.tracking import data_digest

    found = {
        tag.value: each.dataset.digest
        for each in run.inputs.dataset_inputs
        for tag in each.tags
        if tag.key == "mlflow.data.context"
    }
    missing = [name for name in CONTEXTS if name not in found]
    assert not missing, (
        f"No data set with the context {missing[0]!r} stands in the run: nobody can say which "
        f"flights it was. log_data does it, once for each of {CONTEXTS} (log_training in {FILE})."
    )
    wanted = {"training": training.past, "judging": training.last_days}
    for name, flights in wanted.items():
        assert found[name] == data_digest(flights), (
            f"The data set {name!r} has the digest of other flights: training is the past, judging "
            "are the last seven days."
        )


def test_code(run, commits, project):
    """The run says which commit it was, and whether something was changed since."""
    from flights.code import code_version
    from flights.settings import read_settings
    from flights.tracking import tags

    found = run.data.tags
    assert found.get("commit") == commits, (
        f"The run says commit {found.get('commit')!r}, but {commits} is checked out "
        f"(tags in {FILE})."
    )
    assert found.get("mlflow.source.git.commit") == commits, (
        "The tag mlflow.source.git.commit is missing: MLflow's pages look for the commit there."
    )
    assert found.get("dirty") == "false", (
        f"Everything is committed, but the tag dirty is {found.get('dirty')!r}, not 'false'. A tag "
        "is a text: str(code.dirty).lower()."
    )
    with changed(project / "flights" / "__init__.py", "# an experiment\n"):
        labels = tags(read_settings(project), code_version(project), "0" * 32, "manual")
    assert labels.get("dirty") == "true", (
        f"A file was changed after the commit, and the tag dirty says {labels.get('dirty')!r}: "
        "then the commit is not what ran, and the run must say so ('true')."
    )


def test_origin(run, kit_flights):
    """The run says what started it, who, and the digest of all that had landed."""
    from flights.tracking import data_digest

    found = run.data.tags
    assert found.get("trigger") == "manual", f"The tag trigger is {found.get('trigger')!r}."
    assert found.get("actor"), "The tag actor is missing: who trained?"
    assert found.get("data_digest") == data_digest(few(kit_flights)), (
        "The tag data_digest is not the digest that was handed to tags()."
    )


def test_model(run, training, kit_flights):
    """The run holds the model: as skops, with signature and example, answering probabilities."""
    from flights.features import build_features

    models = client().search_logged_models([run.info.experiment_id])
    own = [model for model in models if model.source_run_id == run.info.run_id]
    assert len(own) == 1, f"{len(own)} models stand in the run: log_model it once ({FILE})."
    info = mlflow.models.get_model_info(own[0].model_uri)
    flavour = info.flavors.get("sklearn", {})
    assert flavour.get("serialization_format") == "skops", (
        f"The model is saved as {flavour.get('serialization_format')!r}: a pickle runs whatever "
        "stands in it when it is loaded. Leave serialization_format='skops'."
    )
    assert info.signature is not None and info.signature.outputs is not None, (
        f"The model has no signature: it takes anything, and says nothing about its answer. "
        f"ModelSignature(inputs=INPUTS, outputs=OUTPUTS) in log_model ({FILE})."
    )
    needed = [column.name for column in info.signature.inputs if column.required]
    assert "temp" not in needed and "carrier" in needed, (
        f"The signature asks for {', '.join(needed)}. MLflow has guessed it from two rows without "
        "a gap: weather may be missing. Give it yourself, ModelSignature(inputs=INPUTS, "
        f"outputs=OUTPUTS) ({FILE})."
    )
    assert info.saved_input_example_info, (
        "The model has no input_example: whoever finds it cannot try it. Two rows "
        f"are enough ({FILE})."
    )
    features = build_features(january(kit_flights).head(50))
    model = mlflow.pyfunc.load_model(own[0].model_uri)
    try:
        model.predict(model.input_example)
    except mlflow.MlflowException as error:
        raise AssertionError(
            "The model refuses its own input_example: it shows two rows of what the model takes, "
            f"the features, not the flights ({FILE}). MLflow says: {str(error)[:200]}"
        ) from None
    answer = np.asarray(model.predict(features))
    assert answer.shape == (50, 2), (
        "The model answers yes or no, not how probable it is (pyfunc_predict_fn='predict_proba' in "
        f"log_model, {FILE})."
    )
    assert np.allclose(answer, training.model.predict_proba(features)), (
        "The model in the run gives other answers than the one that was trained."
    )


def test_end(run):
    """The run has ended, and one whose training fails is left as failed."""
    assert run.info.status == "FINISHED", f"The run's status is {run.info.status}."
    tracking = importlib.import_module("flights.tracking")
    from flights.settings import read_settings

    before = len(all_runs())
    with pytest.raises(Exception):  # noqa: B017
        tracking.log_training(None, {"trigger": "manual"}, read_settings())
    after = all_runs()
    still = [each for each in after[before:] if each.info.status == "RUNNING"]
    assert not still, (
        "A training that failed in the middle left its run open, as if it still ran. Everything "
        f"belongs into the block of `with mlflow.start_run(…)` ({FILE})."
    )
