"""Planted bugs prove the tests that caught them, and no others."""

from widgets.base.files import text_digest
from widgets.evidence.mutants import MutantCollector, ProvedTests
from widgets.evidence.repository import Repository
from widgets.maturity import State

FILE = "tests/test_one.py"


def found(team, text, with_kit=False):
    tested = ProvedTests({FILE: text_digest(text)}, "the check of 1.2", with_kit)
    (finding,) = MutantCollector(Repository(team.origin), tested).collect()
    return finding


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


def test_before_anything_is_pushed_nothing_is_proved(beginner):
    assert found(beginner, FILE).state is State.MISSING


def test_without_a_passed_check_nothing_is_proved(team):
    (finding,) = MutantCollector(Repository(team.origin), None).collect()
    assert finding.state is State.MISSING
    assert "1.2" in finding.mend
