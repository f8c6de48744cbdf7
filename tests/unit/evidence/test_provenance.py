"""Whether what was trained came from a commit."""

from widgets.evidence import assess
from widgets.evidence.finding import Finding
from widgets.maturity import State, load

PRACTICE = "version-control"


def test_the_rule_has_a_window_for_runs():
    rule = load().practice(PRACTICE).rule
    assert rule["dirty_runs"] == 0
    assert isinstance(rule["window"], int) and rule["window"] > 0


def test_a_dirty_run_counts_while_it_is_among_the_last(lab):
    lab.run(lab.commits[0], tags={"dirty": "true"})
    finding = lab.findings()[PRACTICE]
    assert finding.state is State.MISSING
    assert "1 of the last 5 runs from a dirty tree (run-6 " in finding.what
    assert "after 5 more runs" in finding.mend
    for left in (4, 3, 2, 1):
        lab.run(lab.commits[0])
        assert f"after {left} more runs" in lab.findings()[PRACTICE].mend
    lab.run(lab.commits[0])
    finding = lab.findings()[PRACTICE]
    assert finding.state is State.PROVED
    assert "do not count any more, run-6 " in finding.what


def test_a_dirty_run_that_is_deleted_does_not_count(lab):
    lab.client.delete_run(lab.run(lab.commits[0], tags={"dirty": "true"}))
    assert lab.findings()[PRACTICE].state is State.PROVED


def test_a_run_outside_git_came_from_no_commit(lab):
    lab.run("none")
    assert lab.findings()[PRACTICE].state is State.MISSING


def test_a_run_that_says_nothing_about_a_commit_is_a_remark(lab):
    lab.run("x", tags={"commit": None, "dirty": None})
    finding = lab.findings()[PRACTICE]
    assert finding.state is State.PROVED
    assert "1 without a word about a commit" in finding.what


def test_a_version_from_a_dirty_tree_counts_until_it_is_deleted(lab):
    dirty = lab.run(lab.commits[0], tags={"dirty": "true"})
    number = lab.version(dirty)
    for _ in range(6):
        lab.run(lab.commits[0])
    finding = lab.findings()[PRACTICE]
    assert finding.state is State.MISSING
    assert f"registered from a dirty tree: version {number}" in finding.what
    assert "Delete that version" in finding.mend
    lab.client.delete_model_version("late-flights", str(number))
    assert lab.findings()[PRACTICE].state is State.PROVED


def test_a_version_may_say_itself_that_it_is_dirty(lab):
    lab.client.set_model_version_tag("late-flights", "1", "dirty", "true")
    assert lab.findings()[PRACTICE].state is State.MISSING


def test_version_control_needs_the_history_and_clean_trainings(lab):
    history = Finding(PRACTICE, State.PROVED, "5 commits", "main")
    assert assess(load(), [history, lab.findings()[PRACTICE]]).of(PRACTICE).state is State.PROVED
    lab.run(lab.commits[0], tags={"dirty": "true"})
    result = assess(load(), [history, lab.findings()[PRACTICE]]).of(PRACTICE)
    assert result.state is State.MISSING
    assert "5 commits" in result.reason and "dirty tree" in result.reason
