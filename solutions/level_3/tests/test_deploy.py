"""A change-over, and what a kill leaves of it."""

from pathlib import Path

import mlflow
import pytest
from stores import make_store

from flights import deploy
from flights.events import append, events_file, read_events
from flights.settings import Settings, read_settings
from flights.store import connect


@pytest.fixture
def settings(tmp_path: Path, monkeypatch) -> Settings:
    """A registry with two versions, and no server."""
    root = tmp_path / "project"
    root.mkdir()
    make_store(tmp_path)
    (root / "pyproject.toml").write_bytes(
        (Path(__file__).parents[1] / "pyproject.toml").read_bytes()
    )
    monkeypatch.setenv("FLIGHTS_WORKSPACE", str(tmp_path))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    settings = read_settings(root)
    connect(settings)
    client = mlflow.MlflowClient()
    client.create_registered_model(settings.model)
    for _ in range(2):
        client.create_model_version(settings.model, source=tmp_path.as_uri())
    return settings


class KilledError(BaseException):
    """As if the process had died here."""


def steps(settings: Settings) -> list[str]:
    return [event.step for event in read_events(settings)]


def test_the_log_and_the_registry_agree_whenever_a_kill_comes(settings, monkeypatch):
    deploy.change_over("deploy", 1, "gate", "the first", settings)
    assert deploy.champion(settings) == 1
    assert steps(settings) == ["intent", "moved", "done"]
    for number, kill_in in enumerate(("point_to", "log_step", "settle")):
        with monkeypatch.context() as planted, pytest.raises(KilledError):

            def die(*args: object, **kwargs: object) -> None:
                raise KilledError

            planted.setattr(deploy, kill_in, die)
            deploy.change_over("deploy", 2, "gate", f"kill {number}", settings)
        deploy.recover(settings)
        last = read_events(settings)[-1]
        serving = last.version if last.step == "done" else last.previous
        assert deploy.champion(settings) == serving
        assert last.step == ("undone" if kill_in == "point_to" else "done")


def test_half_a_line_is_no_event_and_stays_alone(settings):
    deploy.change_over("deploy", 1, "gate", "the first", settings)
    with events_file(settings).open("a", encoding="utf-8") as log:
        log.write('{"at": "2013-')
    append(read_events(settings)[0], settings)
    assert steps(settings) == ["intent", "moved", "done", "intent"]
