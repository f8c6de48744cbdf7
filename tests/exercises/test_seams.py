"""Who checks an earlier exercise again after later ones is asked about that exercise alone."""

import importlib
import tomllib

import pytest

from widgets.base.paths import KIT_ROOT
from widgets.exercise.definition import load_catalogue

CATALOGUE = load_catalogue()


def seams(project):
    """Return what stands at each seam; an empty one is none."""
    text = (project / "pyproject.toml").read_text(encoding="utf-8")
    found = tomllib.loads(text)["tool"]["flights"]["seams"]
    return {name: place for name, place in found.items() if place}


@pytest.mark.parametrize(("then", "since"), [("4.1", "SINCE_4_4"), ("4.5", "SINCE_4_5")])
def test_the_seams_of_then_are_put_back(learner, monkeypatch, then, since):
    monkeypatch.syspath_prepend(str(KIT_ROOT / "exercises" / "shared"))
    registry = importlib.import_module("_registry")
    project = learner.kit.layout.project
    learner.begin(CATALOGUE.exercise(then))
    before = seams(project)
    learner.begin(CATALOGUE.exercise("4.6"))
    assert seams(project) != before
    registry.take_back(project, getattr(registry, since))
    assert seams(project) == before
