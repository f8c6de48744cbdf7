"""Planted bugs prove the tests that caught them, and no others."""

import pytest

from widgets.base.files import text_digest
from widgets.base.pytest_setup import setup_digests
from widgets.evidence.mutants import MutantCollector, ProvedTests
from widgets.evidence.repository import Repository
from widgets.maturity import State

FILE = "tests/test_one.py"


def found(team, text, with_kit=False):
    digests = {FILE: text_digest(text)} | team.setup
    tested = ProvedTests(digests, "the check of 1.2", with_kit)
    (finding,) = MutantCollector(Repository(team.origin), tested).collect()
    return finding


@pytest.fixture
def team(team):
    def read(name):
        path = team.project / name
        return path.read_text() if path.exists() else None

    team.setup = setup_digests(read)
    return team


def test_the_tests_on_main_that_caught_the_bugs_are_proved(team):
    text = (team.project / FILE).read_text()
    assert found(team, text).state is State.PROVED
    assert not found(team, text).with_kit
    assert found(team, text, with_kit=True).with_kit


def test_other_line_ends_are_the_same_tests(team):
    text = (team.project / FILE).read_text().replace("\n", "\r\n")
    assert found(team, text).state is State.PROVED


def test_weaker_tests_that_came_later_are_not(team):
    text = (team.project / FILE).read_text()
    team.commit(**{FILE: "def test_nothing():\n    assert True\n"})
    team.push()
    assert found(team, text).state is State.MISSING
    assert FILE in found(team, text).what


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("tests/conftest.py", "def pytest_runtest_makereport(): ...\n", "tests/conftest.py"),
        ("conftest.py", "collect_ignore = ['tests']\n", "conftest.py"),
        ("pytest.ini", "[pytest]\naddopts = --collect-only\n", "pytest.ini"),
        (
            "pyproject.toml",
            "[tool.pytest.ini_options]\naddopts = '-k nothing'\n",
            "pyproject.toml [tool.pytest]",
        ),
    ],
)
def test_the_same_tests_run_in_another_way_are_not(team, name, text, told):
    tests = (team.project / FILE).read_text()
    team.commit(**{name: text})
    team.push()
    finding = found(team, tests)
    assert finding.state is State.MISSING
    assert finding.what.startswith(f"{told} on main: changed")


def test_what_pyproject_says_of_other_things_does_not_matter(team):
    team.commit(**{"pyproject.toml": "[project]\nname = 'flights'\nversion = '0.9.0'\n"})
    team.push()
    assert found(team, (team.project / FILE).read_text()).state is State.PROVED


def test_the_courses_own_settings_may_come_after_the_tests(team):
    tests = (team.project / FILE).read_text()
    text = '[project]\nname = "flights"\n[tool.pytest.ini_options]\ntestpaths = ["tests"]\n'
    team.commit(**{"pyproject.toml": text})
    team.push()
    assert found(team, tests).state is State.PROVED
    team.commit(**{"pyproject.toml": text + 'addopts = "-k nothing"\n'})
    team.push()
    assert found(team, tests).state is State.MISSING


def test_before_anything_is_pushed_nothing_is_proved(beginner):
    beginner.setup = {}
    assert found(beginner, FILE).state is State.MISSING


def test_without_a_passed_check_nothing_is_proved(team):
    (finding,) = MutantCollector(Repository(team.origin), None).collect()
    assert finding.state is State.MISSING
    assert "1.2" in finding.mend
