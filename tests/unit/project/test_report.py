"""A report is kept whole, read again, compared, and shows nothing as markup."""

import json
from datetime import timedelta

import pytest

from tests.unit.project.teams import Team, level_1_on_github
from widgets.base.errors import KitError
from widgets.project.answers import Word
from widgets.project.assess import assess_project
from widgets.project.keep import keep_report
from widgets.project.report import changes, read_report, report_of
from widgets.project.shown import ShownReport
from widgets.project.written import as_html, as_markdown, as_text

TAUGHT = {"ci-for-code": [("1.4", "Every push is tested")]}


@pytest.fixture
def team(tmp_path):
    team = Team(tmp_path, tmp_path)
    level_1_on_github(team)
    return team


@pytest.fixture
def report(team):
    return report_of(assess_project(team.asked()), TAUGHT)


@pytest.mark.parametrize("name", ["a.html", "a.json"])
def test_what_is_kept_is_read_again(report, tmp_path, name):
    keep_report(tmp_path / name, report)
    assert read_report(tmp_path / name) == report
    assert changes(report, read_report(tmp_path / name)) == []


def test_an_earlier_report_gets_another_name(report, tmp_path):
    for _ in range(3):
        lines = keep_report(tmp_path / "out" / "a.html", report)
    assert len(list((tmp_path / "out").glob("a*.html"))) == 3
    assert lines[0].startswith("The earlier one is now: a_")


def test_what_changed_is_said_practice_by_practice(team, report):
    del team.exports["ci-runs.json"]
    (team.root / "exports" / "ci-runs.json").unlink()
    now = report_of(assess_project(team.asked()), TAUGHT)
    lines = changes(report, now)
    assert lines[0].startswith("other sources were looked at: git, exports → git")
    assert lines[1] == "proved level: 1 → 0"
    assert "CI for code: proved → claimed" in lines


def test_the_page_needs_nothing_from_elsewhere(report):
    page = as_html(report)
    assert page.count("<script") == page.count('<script type="application/json"') == 1
    for sign in ('src="', "src='", "@import", "url(", "<link"):
        assert sign not in page
    assert page.count("<tr") == 1 + 19
    assert "<svg" in page


def test_hostile_names_are_no_markup(team):
    evil = "<script>alert(1)</script>"
    team.answers = {evil: {"governance": Word.YES}, "</script>": {"governance": Word.NO}}
    report = report_of(assess_project(team.asked()), TAUGHT)
    page = as_html(report)
    assert evil not in page
    assert page.count("</script>") == 1
    assert "<script" not in as_markdown(report).replace("\\<", "")
    (team.root / "x.html").write_text(page)
    assert read_report(team.root / "x.html") == report


@pytest.mark.parametrize("text", ["", "{}", "[1]", "<html></html>", "[" * 100_000])
def test_another_file_is_no_report(tmp_path, text):
    file = tmp_path / "a.json"
    file.write_text(text)
    with pytest.raises(KitError, match="no report"):
        read_report(file)


def test_a_folder_that_cannot_be_written_is_named(report, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(KitError, match="cannot be written"):
        keep_report(tmp_path / "file" / "a.html", report)


def test_next_comes_what_is_lowest_and_missing_before_what_is_to_be_shown(report):
    levels = [step.level for step in report.next]
    assert levels == sorted(levels)
    assert len(report.next) == 3


def test_what_several_practices_ask_for_is_one_step(report):
    first = report.next[0]
    assert first.do == "Name MLflow's address or folder (--tracking-uri)."
    assert len(first.practices) == 4
    assert "Experiment tracking" in first.title
    assert len({step.do for step in report.next}) == len(report.next)


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ((Word.PARTLY,), "claimed"),
        ((Word.PARTLY, Word.NO), "claimed"),
        ((Word.NO,), "missing"),
        ((Word.NO, Word.UNKNOWN), "missing"),
        ((Word.YES, Word.NO), "claimed"),
    ],
)
def test_more_doubt_never_raises_a_state(team, words, state):
    del team.exports["ci-runs.json"]
    (team.root / "exports" / "ci-runs.json").unlink(missing_ok=True)
    team.answers = {f"person {n}": {"ci-for-code": word} for n, word in enumerate(words)}
    report = report_of(assess_project(team.asked()), TAUGHT)
    [row] = [row for row in report.practices if row.id == "ci-for-code"]
    assert row.state.value == state
    assert "person 0" in " ".join(as_text(report))


def test_a_no_to_what_cannot_be_seen_is_missing_and_says_who_said_it(team):
    team.answers = {"ada": {"feedback-loop": Word.NO}, "bo": {"feedback-loop": Word.UNKNOWN}}
    report = report_of(assess_project(team.asked()), TAUGHT)
    [row] = [row for row in report.practices if row.id == "feedback-loop"]
    assert row.state.value == "missing"
    assert row.reason.startswith("answered no by ada (")


def test_a_kept_report_is_held_against_the_last_earlier_one(team, report, tmp_path, capsys):
    file = tmp_path / "report.html"
    early = report.model_copy(update={"at": report.at - timedelta(days=100)})
    first = ShownReport(early)
    first.since(file)
    first.keep(file)
    later = ShownReport(report.model_copy(update={"proved_level": 2}))
    later.keep(str(file))
    later.since(str(file))
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("No earlier report lies there")
    assert said[-1] == "proved level: 1 → 2"


def test_another_projects_report_is_said_to_be_one(report):
    other = report.model_copy(update={"project": "fraud"})
    assert changes(other, report)[0] == "another project: fraud → churn"


def test_a_path_with_an_escaped_sign_is_read_again(report, tmp_path):
    file = tmp_path / "a.html"
    notes = ["a\\u003cb", "<b>"]
    odd = report.model_copy(update={"notes": notes})
    file.write_text(as_html(odd), encoding="utf-8")
    assert read_report(file).notes == notes


def test_people_who_disagree_claim_nothing(team):
    team.answers = {"ada": {"governance": Word.YES}, "bo": {"governance": Word.NO}}
    report = report_of(assess_project(team.asked()), TAUGHT)
    [row] = [row for row in report.practices if row.id == "governance"]
    assert row.disagree
    assert row.state.value == "cannot be seen from here"


def test_in_a_notebook_it_is_a_table_and_text(report, capsys):
    shown = ShownReport(report)
    assert "<table>" in shown._repr_html_()
    shown.summary()
    shown.steps()
    assert "● Level 1  Version control: proved" in capsys.readouterr().out
    assert json.loads(report.model_dump_json())["project"] == "churn"
