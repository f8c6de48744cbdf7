"""2.3 A pipeline: one command, the same input twice makes nothing new, a failure nothing half."""

import pandas as pd
import pytest
from _bench import all_runs, all_versions, changed, client, commit, few, make_bench

FILE = "flights/pipeline.py"
STEPS = ("ingest", "validate", "train", "track", "register")


@pytest.fixture(scope="module")
def bench(workspace, kit_flights):
    return make_bench(workspace / "bench", kit_flights)


@pytest.fixture(scope="module")
def run(project):
    """A function that runs the learner's pipeline and returns its outcome."""
    from flights.pipeline import run_pipeline
    from flights.settings import read_settings

    return lambda trigger="manual": run_pipeline(read_settings(project), trigger)


@pytest.fixture(scope="module")
def first(bench, project, run, say):
    """The first run, on a commit: its outcome and the commit."""
    here = commit(project)
    say("running the pipeline on January")
    return run(), here


def test_registers(first):
    """The pipeline registers one version, whose run is finished and whose model can be loaded."""
    import mlflow

    outcome, _ = first
    versions = all_versions()
    assert len(versions) == 1, (
        f"After one run there are {len(versions)} versions in the registry (register in {FILE})."
    )
    assert outcome.version == 1 and outcome.repeated is False, f"It returned {outcome}."
    run = client().get_run(versions[0].run_id)
    assert run.info.status == "FINISHED", f"The version's run is {run.info.status}."
    assert outcome.log_loss == pytest.approx(run.data.metrics["log_loss"]), (
        "The outcome's log_loss is not the one in the run."
    )
    assert mlflow.sklearn.load_model("models:/late-flights/1", None) is not None


def test_complete_version(first):
    """The version is complete from its first moment: commit, data, trigger, alias candidate."""
    _, here = first
    (version,) = all_versions()
    for name in ("commit", "data_digest", "trigger"):
        assert version.tags.get(name), (
            f"The version has no tag {name!r}: hand `kept` to create_model_version (register in "
            f"{FILE})."
        )
    assert version.tags["commit"] == here, "The version names another commit than was checked out."
    (run,) = [each for each in all_runs() if each.info.run_id == version.run_id]
    assert run.data.tags["data_digest"] == version.tags["data_digest"], "Run and version differ."
    assert "candidate" in version.aliases, (
        f"No alias candidate points to the new version (make_candidate in register, {FILE})."
    )
    asked = client()
    history = asked.get_model_version("late-flights", "1")
    assert history.last_updated_timestamp >= history.creation_timestamp


def test_atomic(first, project, run, monkeypatch):
    """A kill right after the version was created loses nothing: its tags are there already."""
    from mlflow import MlflowClient

    class Killed(BaseException):
        pass

    create = MlflowClient.create_model_version
    seen = []

    def create_then_die(self, *args, **kwargs):
        made = create(self, *args, **kwargs)
        seen.append(int(made.version))
        raise Killed

    commit(project, "Killed while registering")
    monkeypatch.setattr(MlflowClient, "create_model_version", create_then_die)
    with pytest.raises(Killed):
        run()
    monkeypatch.undo()
    made = all_versions()[-1]
    assert made.tags.get("commit"), (
        "Killed right after create_model_version, the version has no tag commit: nobody knows what "
        f"it is. Give the tags to create_model_version, not afterwards ({FILE})."
    )
    again = run()
    assert (again.version, again.repeated) == (seen[0], True), (
        f"Run again after that kill, the pipeline returned {again}: it should find "
        f"version {seen[0]}."
    )
    assert "candidate" in all_versions()[-1].aliases, (
        "Run again after that kill, the version is still not the candidate: make_candidate also "
        f"where a version is found (run_pipeline in {FILE})."
    )


def test_twice(first, run, say):
    """The same commit on the same data makes no second version, and no second run."""
    say("running it again on the same commit and the same data")
    runs, versions = len(all_runs()), len(all_versions())
    again = run()
    assert len(all_versions()) == versions, (
        f"The same input made a second version. find_version in {FILE} compares the tags commit "
        "and data_digest of each version."
    )
    assert again.repeated is True, f"The second time it returned {again}, not repeated=True."
    assert len(all_runs()) == runs, (
        "Nothing new came of it, but it trained and tracked once more: look for the version before "
        f"the training (run_pipeline in {FILE})."
    )


def test_new_data(first, bench, project, run, kit_flights, say):
    """New data, or a new commit, makes a new version."""
    say("running it on one flight fewer, on a month more, and on a new commit")
    month = bench / "data" / "2013-01.parquet"
    whole = month.read_bytes()
    before = len(all_versions())
    few(kit_flights).iloc[:-1].to_parquet(month)
    fewer = run()
    month.write_bytes(whole)
    assert fewer.repeated is False and len(all_versions()) == before + 1, (
        f"One flight fewer is other data, but the pipeline returned {fewer}: is the digest of the "
        f"data compared (find_version in {FILE})?"
    )
    february = pd.read_parquet(kit_flights / "2013-02.parquet").iloc[::6]
    february.to_parquet(month.with_name("2013-02.parquet"))
    more = run()
    month.with_name("2013-02.parquet").unlink()
    assert more.repeated is False and len(all_versions()) == before + 2, (
        f"February has landed, and the pipeline returned {more}: is the digest that of all months "
        f"together (run_pipeline in {FILE})?"
    )
    commit(project, "Another state")
    other = run()
    assert other.repeated is False and len(all_versions()) == before + 3, (
        f"Another commit on the same data is another version, but the pipeline returned {other} "
        f"(find_version in {FILE})."
    )


def test_dirty(first, project, run, say):
    """What is not committed is tracked, but never registered."""
    say("running it with a change that is not committed")
    runs, versions = len(all_runs()), len(all_versions())
    with changed(project / "flights" / "__init__.py", "# an experiment\n"):
        outcome = run()
    assert len(all_versions()) == versions, (
        "A file was changed after the commit, and the model was registered: nobody can make it "
        f"again. Return before the step register if code.dirty ({FILE})."
    )
    assert outcome.version is None, f"It returned {outcome}: no version was made."
    assert len(all_runs()) == runs + 1, "The run with the change is not tracked: it should be."


BAD = {
    "an empty file": ("ingest", b""),
    "half a file": ("ingest", None),
    "a distance of -5 miles": ("validate", {"distance": -5.0}),
}


@pytest.mark.parametrize("what", BAD)
def test_failure(what, first, bench, run, kit_flights):
    """Bad data registers nothing, and the step that refused it is named."""
    from flights.pipeline import StepError

    step, damage = BAD[what]
    file = bench / "data" / "2013-02.parquet"
    good = (kit_flights / "2013-02.parquet").read_bytes()
    if isinstance(damage, dict):
        frame = pd.read_parquet(kit_flights / "2013-02.parquet")
        for column, value in damage.items():
            frame.loc[3, column] = value
        frame.to_parquet(file)
    else:
        file.write_bytes(good[: len(good) // 2] if damage is None else damage)
    versions = [(each.version, sorted(each.aliases)) for each in all_versions()]
    runs = len(all_runs())
    try:
        run()
    except StepError as failure:
        assert failure.step == step, (
            f"February is {what}; that is the step {step}'s business, but the failure names "
            f"{failure.step!r}. Each step stands in a `with step(…):` of its own ({FILE})."
        )
    except Exception as error:
        raise AssertionError(
            f"February is {what}. Wanted is a StepError with the step {step!r}; raised was "
            f"{type(error).__name__}: {error}. Is the step within `with step(…):` ({FILE})?"
        ) from None
    else:
        raise AssertionError(f"February is {what}, and the pipeline went through ({FILE}).")
    finally:
        file.unlink()
    assert [(each.version, sorted(each.aliases)) for each in all_versions()] == versions, (
        "The registry is another one after a run that failed: register comes last."
    )
    new = all_runs()[runs:]
    assert len(new) == 1 and new[0].info.status == "FAILED", (
        f"The failure left {len(new)} runs, {[each.info.status for each in new]}: it should leave "
        "one that is FAILED. Let StepError out of the try block, record_failure does the rest."
    )
    assert new[0].data.tags.get("failed_step") == step, "The failed run does not name the step."


def test_late_failure(first, project, run, monkeypatch):
    """A training that fails registers nothing and names the step."""
    from flights import pipeline

    def broken(*args, **kwargs):
        raise MemoryError("planted by the check")

    commit(project, "A training that fails")
    versions = len(all_versions())
    monkeypatch.setattr(pipeline, "train_and_measure", broken)
    with pytest.raises(pipeline.StepError) as failure:
        run()
    assert failure.value.step.startswith("train"), (
        f"The training failed; the failure names {failure.value.step!r} ({FILE})."
    )
    assert len(all_versions()) == versions


def test_command(first, project, program, bench, say):
    """The one command `python -m flights.pipeline` runs all of it and says what came of it."""
    say("running python -m flights.pipeline")
    commit(project, "By the command")
    before = len(all_versions())
    code, said = program(["-m", "flights.pipeline"], project).end(90)
    assert code == 0, f"It ended with {code}:\n{said[-800:]}"
    assert len(all_versions()) == before + 1, f"It registered nothing. It said:\n{said}"
    missing = [name for name in STEPS if f"-- {name}" not in said]
    assert not missing, f"The step {missing[0]!r} does not say that it begins: `with step(…):`"
