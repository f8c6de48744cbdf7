"""`lab.py test`: which parts run, and that one that fails does not hide the others."""

import sys
import tomllib
from pathlib import Path

import pytest

from widgets.base.paths import KIT_ROOT
from widgets.lab import testing
from widgets.lab.environment import Environment
from widgets.lab.main import split_pytest_words

HANGS = "import time; print('so far so good', flush=True); time.sleep(60)"


class ThisPython(Environment):
    """The environment that runs these tests."""

    @property
    def python(self) -> Path:
        return Path(sys.executable)


def planned(tier, scratch):
    """Return the parts of a tier in their order."""
    return [part for group in testing.planned(KIT_ROOT, tier, scratch) for part in group]


def test_words_for_pytest_keep_their_order():
    words = ["test", "--quick", "tests/unit", "-k", "a or b", "-x"]
    assert split_pytest_words(words) == (["test", "--quick"], ["tests/unit", "-k", "a or b", "-x"])
    assert split_pytest_words(["render", "level_0"]) == (["render", "level_0"], [])


def test_the_quick_part_leaves_out_what_is_slow(tmp_path):
    parts = {part.name: part.words for part in planned("quick", tmp_path)}
    assert "tests/browser" not in parts
    assert "not slow and not soak" in parts["tests/unit"]
    assert {"ruff check", "ruff format", "mypy widgets", "mypy flights"} <= set(parts)
    checked = {file.name for file in (tmp_path / "project" / "flights").iterdir()}
    assert {"features.py", "pipeline.py", "serve.py", "loop.py"} <= checked  # of Levels 1 to 4


def test_everything_runs_each_folder_once_the_course_first_and_the_browser_alone(tmp_path):
    parts = [part for part in planned("full", tmp_path) if part.name.startswith("tests/")]
    assert [part.name for part in parts if not part.gives_way] == ["tests/course"]
    tests = [part.name for part in parts]
    assert (tests[0], tests[-1]) == ("tests/course", "tests/browser")
    project = tomllib.loads((KIT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    everywhere = set(project["tool"]["pytest"]["ini_options"]["testpaths"])
    assert sorted(" ".join(tests).split()) == sorted(everywhere - {"tests/soak"})


@pytest.mark.skipif(not testing.GIVES_WAY, reason="a system without `nice`: no part gives way")
def test_a_part_that_gives_way_lets_others_go_first(monkeypatch, capfd):
    words = ["timeit", "-n1", "-r1", "import os; print('nice', os.nice(0))"]
    parts = [testing.TestPart(str(way), words, KIT_ROOT, gives_way=way) for way in (False, True)]
    monkeypatch.setattr(testing, "planned", lambda root, tier, scratch: [parts])
    assert testing.main(ThisPython(KIT_ROOT), "quick", []) == 0
    first, second = [line for line in capfd.readouterr().out.splitlines() if "nice" in line]
    assert int(second.split()[1]) - int(first.split()[1]) == 5


def test_a_part_that_fails_is_named_and_the_next_one_runs(monkeypatch, capfd):
    parts = [
        testing.TestPart("first", ["this_is_no_module"], KIT_ROOT),
        testing.TestPart("second", ["this"], KIT_ROOT),
    ]
    monkeypatch.setattr(testing, "planned", lambda root, tier, scratch: [[each] for each in parts])
    assert testing.main(ThisPython(KIT_ROOT), "quick", []) == 1
    said = capfd.readouterr().out
    assert "The Zen of Python" in said
    table = said.split("Time by part")[1]
    assert "FAILED" in table.splitlines()[1]
    assert "passed" in table.splitlines()[2]


def test_a_part_that_hangs_is_stopped_with_what_it_said_and_the_next_one_runs(monkeypatch, capfd):
    parts = [
        testing.TestPart("first", ["timeit", "-n1", "-r1", HANGS], KIT_ROOT),
        testing.TestPart("second", ["this"], KIT_ROOT),
    ]
    monkeypatch.setattr(testing, "planned", lambda root, tier, scratch: [[each] for each in parts])
    monkeypatch.setitem(testing.SECONDS_A_PART, "quick", 2)
    assert testing.main(ThisPython(KIT_ROOT), "quick", []) == 1
    said, table = capfd.readouterr().out.split("Time by part")
    assert "so far so good" in said and "stopped after 2 s" in said
    assert "FAILED" in table.splitlines()[1] and "passed" in table.splitlines()[2]


@pytest.mark.parametrize("tier", ["quick", "full", "soak"])
def test_named_tests_keep_the_marker_of_the_tier(tier):
    ((part,),) = testing.chosen(KIT_ROOT, tier, ["tests/unit"])
    assert part.words[2] == testing.MARKERS[tier]
