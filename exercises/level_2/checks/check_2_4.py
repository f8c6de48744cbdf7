"""2.4 A registry: which model is this, and which one is meant."""

import pytest
from _bench import all_versions, client, commit, january, make_bench

FILE = "flights/registry.py"


@pytest.fixture(scope="module")
def settings(project, workspace, kit_flights):
    from flights.settings import read_settings

    make_bench(workspace / "bench", kit_flights)
    return read_settings(project)


@pytest.fixture(scope="module")
def registry(settings, project, kit_flights, say):
    """Three versions of January's model, made without the learner's registry.py."""
    import mlflow

    from flights.code import code_version
    from flights.store import connect
    from flights.tracking import data_digest, log_training, tags
    from flights.training import train_and_measure

    say("registering three models in a registry of the check's own")
    commit(project)
    flights = january(kit_flights)
    connect(settings)
    asked = client()
    asked.create_registered_model("late-flights")
    for days, trigger in ((20, "manual"), (25, "push"), (31, "push")):
        part = flights[flights["scheduled_at"].dt.day <= days]
        labels = tags(settings, code_version(project), data_digest(part), trigger)
        run_id = log_training(train_and_measure(part), labels, settings)
        (model,) = mlflow.search_logged_models(
            filter_string=f"source_run_id = '{run_id}'", output_format="list"
        )
        asked.create_model_version("late-flights", model.model_uri, run_id, tags=labels)
    asked.set_registered_model_alias("late-flights", "candidate", "3")
    return all_versions()


def test_which_model(registry, settings):
    """which_model answers whole: version, run, code, data, days and score."""
    from flights.registry import which_model

    for number in (1, 2, 3):
        run = client().get_run(registry[number - 1].run_id)
        found = which_model(str(number), settings)
        wanted = {
            "version": number,
            "run_id": run.info.run_id,
            "trigger": run.data.tags["trigger"],
            "actor": run.data.tags["actor"],
            "commit": run.data.tags["commit"],
            "data_digest": run.data.tags["data_digest"],
            "train_from": run.data.params["train_from"],
            "train_to": run.data.params["train_to"],
            "log_loss": run.data.metrics["log_loss"],
        }
        for name, value in wanted.items():
            got = getattr(found, name)
            assert got == value and type(got) is type(value), (
                f"which_model('{number}').{name} is {got!r}; the registry and the run say "
                f"{value!r} ({FILE})."
            )


def test_alias(registry, settings):
    """which_model takes an alias, too, and says which aliases a version has."""
    from flights.registry import which_model

    found = which_model("candidate", settings)
    assert found.version == 3, f"candidate is version 3, which_model says {found.version}."
    assert tuple(found.aliases) == ("candidate",), (
        f"aliases is {found.aliases!r}, not ('candidate',)."
    )
    assert which_model("1", settings).aliases == (), "Version 1 has no alias: an empty tuple."


def test_unknown(registry, settings):
    """A version or an alias that is not there is said, with those that are."""
    from flights.registry import NoSuchModelError, which_model

    for name in ("9", "best"):
        with pytest.raises(NoSuchModelError) as refusal:
            which_model(name, settings)
        assert name in str(refusal.value) and "1, 2, 3" in str(refusal.value), refusal.value


def test_champion(registry, settings):
    """make_champion points the alias champion at a version and keeps the reason."""
    from flights.registry import make_champion, which_model

    returned = make_champion("2", "best on the judging days", settings)
    assert returned == 2, f"make_champion returned {returned!r}: return the version's number."
    found = client().get_registered_model("late-flights").aliases
    assert str(found.get("champion")) == "2", (
        f"The alias champion points to {found.get('champion')!r}, not to version 2 ({FILE})."
    )
    reason = client().get_model_version("late-flights", "2").tags.get("champion.reason")
    assert reason == "best on the judging days", (
        f"The version's tag champion.reason is {reason!r}: the reason that was given is lost."
    )
    assert make_champion("candidate", "newer data", settings) == 3
    assert which_model("champion", settings).version == 3, "An alias can be promoted, too."
    assert which_model("2", settings).aliases == (), "There is one champion, not two."


def test_no_reason(registry, settings):
    """Without a reason nobody becomes champion."""
    from flights.registry import make_champion

    before = dict(client().get_registered_model("late-flights").aliases)
    for reason in ("", "   "):
        try:
            make_champion("1", reason, settings)
        except ValueError:
            continue
        raise AssertionError(
            f"Version 1 became champion for the reason {reason!r}, which says nothing: raise "
            f"ValueError, and ask for the reason first, before anything is written ({FILE})."
        )
    assert dict(client().get_registered_model("late-flights").aliases) == before, (
        "make_champion refused, but the champion is another one: ask for the reason "
        f"first ({FILE})."
    )


def test_nobody(registry, settings):
    """A champion that is not there leaves the present one alone."""
    from flights.registry import NoSuchModelError, make_champion

    before = dict(client().get_registered_model("late-flights").aliases)
    with pytest.raises(NoSuchModelError):
        make_champion("9", "it sounds good", settings)
    assert dict(client().get_registered_model("late-flights").aliases) == before


def test_order(registry, settings, monkeypatch):
    """A kill in the middle never leaves a champion without a reason."""
    from mlflow import MlflowClient

    from flights.registry import make_champion

    class Killed(BaseException):
        pass

    def die(self, *args, **kwargs):
        raise Killed

    before = dict(client().get_registered_model("late-flights").aliases)
    monkeypatch.setattr(MlflowClient, "set_model_version_tag", die)
    with pytest.raises(Killed):
        make_champion("1", "killed before it was written down", settings)
    monkeypatch.undo()
    assert dict(client().get_registered_model("late-flights").aliases) == before, (
        "Killed while the reason was written down, version 1 is champion already, and nobody knows "
        f"why: first the reason, then the alias ({FILE})."
    )
