"""The collectors of a workspace, asked one by one: a fault of one hides what it looks at, only."""

from pathlib import Path

import pytest

from widgets.base.paths import Layout
from widgets.evidence.code import CodeCollector
from widgets.evidence.training import TrainingCollector
from widgets.evidence.workspace import collect_workspace, names_of
from widgets.maturity import State, load

MODEL = load()


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "a workspace é")


def test_an_empty_workspace_lacks_everything_and_names_what_would_help(layout):
    findings = collect_workspace(MODEL, layout, None)
    assert {finding.state for finding in findings} == {State.MISSING}
    assert all(finding.mend for finding in findings)
    assert not layout.root.exists(), "looking leaves nothing behind"


@pytest.mark.parametrize("broken", [CodeCollector, TrainingCollector])
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
