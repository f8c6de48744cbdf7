"""Incidents are played in scratch folders; what cannot be played is said."""

import pytest

from widgets.base.errors import KitError
from widgets.exercise import incident as module
from widgets.exercise.incident import prepare_incident, replay_incident


@pytest.fixture
def seven(course, monkeypatch):
    """A kit whose Level 7 has an incident."""
    monkeypatch.setattr(module, "KIT_ROOT", course.root)

    def script(name, text):
        course.write(f"exercises/level_7/incident/{name}.py", "import sys, pathlib\n" + text)

    script("prepare", "pathlib.Path(sys.argv[1], 'é.txt').write_text('x')\nprint(sys.argv[1])")
    script("replay", "print('played on', sys.argv[2])")
    course.layout.root.mkdir()
    return course


def test_an_incident_is_laid_out_anew_each_time(seven):
    folder = prepare_incident(7, seven.layout)
    assert folder == seven.layout.incident(7)
    (folder / "mine.txt").write_text("scratch")
    assert [path.name for path in prepare_incident(7, seven.layout).iterdir()] == ["é.txt"]


def test_a_replay_looks_at_the_learners_workspace_and_leaves_the_incident_alone(seven):
    folder = prepare_incident(7, seven.layout)
    assert replay_incident(7, seven.layout) == f"played on {seven.layout.root}"
    assert (folder / "é.txt").exists()


def test_a_level_without_an_incident_says_so(seven):
    with pytest.raises(KitError, match=r"Level 8 has no prepare\.py"):
        prepare_incident(8, seven.layout)


def test_an_incident_that_cannot_be_played_says_why(seven):
    seven.write("exercises/level_7/incident/replay.py", "raise ValueError('no package yet')")
    with pytest.raises(KitError, match=r"Level 7 could not be played (.|\n)*no package yet"):
        replay_incident(7, seven.layout)


def test_an_incident_without_an_end_is_stopped(seven, monkeypatch):
    monkeypatch.setattr(module, "SECONDS", 0.3)
    seven.write("exercises/level_7/incident/replay.py", "import time\ntime.sleep(60)")
    with pytest.raises(KitError, match="took longer than"):
        replay_incident(7, seven.layout)
