"""The collectors of a workspace, asked one by one: a fault of one hides what it looks at, only."""

from pathlib import Path

import pytest

from widgets.base.paths import Layout
from widgets.evidence.code import CodeCollector
from widgets.evidence.deployment import DeploymentCollector
from widgets.evidence.mlflow_runs import Tracking, UnseenError
from widgets.evidence.mlflow_source import ReadOnce
from widgets.evidence.monitoring import MonitoringCollector
from widgets.evidence.serving import ServingCollector
from widgets.evidence.training import TrainingCollector
from widgets.evidence.validation import ValidationCollector
from widgets.evidence.workspace import collect_workspace, names_of
from widgets.evidence.year_collector import YearCollector
from widgets.maturity import State, load

MODEL = load()
COLLECTORS = [
    CodeCollector,
    TrainingCollector,
    ValidationCollector,
    DeploymentCollector,
    ServingCollector,
    MonitoringCollector,
    YearCollector,
]


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "a workspace é")


def test_an_empty_workspace_lacks_everything_and_names_what_would_help(layout):
    findings = collect_workspace(MODEL, layout, None)
    assert {finding.state for finding in findings} == {State.MISSING}
    assert all(finding.mend for finding in findings)
    assert not layout.root.exists(), "looking leaves nothing behind"


@pytest.mark.parametrize("broken", COLLECTORS)
def test_a_collector_that_fails_hides_its_own_practices_and_no_others(layout, monkeypatch, broken):
    def fail(self):
        raise RuntimeError("a damaged thing")

    whole = {finding.practice for finding in collect_workspace(MODEL, layout, None)}
    monkeypatch.setattr(broken, "collect", fail)
    findings = collect_workspace(MODEL, layout, None)
    hidden = {finding.practice for finding in findings if finding.state is State.HIDDEN}
    assert hidden == set(broken.practices)
    assert {finding.practice for finding in findings} == whole
    told = next(finding for finding in findings if finding.state is State.HIDDEN)
    assert "RuntimeError: a damaged thing" in told.what and told.mend


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (None, ("late-flights", "late-flights")),
        ('[tool.flights]\nexperiment = "mine"\nmodel = "my model"\n', ("mine", "my model")),
        ('[tool.flights]\nmodel = ""\n', ("late-flights", "late-flights")),
        ("[tool.flights", ("late-flights", "late-flights")),
        ('tool = "flights"', ("late-flights", "late-flights")),
    ],
)
def test_the_projects_own_names_are_looked_for(layout, monkeypatch, text, names):
    monkeypatch.delenv("FLIGHTS_EXPERIMENT", raising=False)
    monkeypatch.delenv("FLIGHTS_MODEL", raising=False)
    if text is not None:
        layout.project.mkdir(parents=True)
        (layout.project / "pyproject.toml").write_text(text, encoding="utf-8")
    assert names_of(layout) == names
    monkeypatch.setenv("FLIGHTS_MODEL", "of the shell")
    assert names_of(layout)[1] == "of the shell"


class Counting:
    """A source that counts how often it is read."""

    def __init__(self, error: UnseenError | None = None) -> None:
        self.times, self.error = 0, error

    def read(self, experiment: str, model: str) -> Tracking:
        self.times += 1
        if self.error:
            raise self.error
        return Tracking("here", experiment, model)


def test_the_tracking_is_read_once_however_many_ask(layout, monkeypatch):
    source = Counting()
    monkeypatch.setattr("widgets.evidence.workspace.source_of", lambda uri: source)
    layout.serving.mkdir(parents=True)
    layout.events_log.write_text("")
    collect_workspace(MODEL, layout, None)
    assert source.times == 1


def test_a_source_that_cannot_be_read_is_not_tried_again():
    source = Counting(UnseenError(State.HIDDEN, "no answer", "far", "Start it."))
    once = ReadOnce(source)
    for _ in range(3):
        with pytest.raises(UnseenError, match="no answer"):
            once.read("a", "b")
    assert source.times == 1
