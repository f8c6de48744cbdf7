"""What the code's repository proves, and the ways in which it does not."""

import subprocess

import pytest

from widgets.evidence.code import CodeCollector, build_gaps, count_tests, pin_gaps
from widgets.evidence.repository import KIT_AUTHOR, Repository
from widgets.maturity import State, load

LEVEL_1 = ("version-control", "standard-environment", "automated-tests", "ci-for-code")


def test_a_project_that_does_it_all_has_level_1_proved(team):
    found = team.findings()
    assert {name: found[name].state for name in LEVEL_1} == dict.fromkeys(LEVEL_1, State.PROVED)
    assert "5 commits" in found["version-control"].what
    assert not any(finding.with_kit for finding in found.values())


def test_without_a_repository_everything_is_missing_and_says_what_to_do(tmp_path):
    collector = CodeCollector(load(), Repository(tmp_path / "none.git"), tmp_path)
    for finding in collector.collect():
        assert finding.state is State.MISSING
        assert "exercise 1.4" in finding.mend


def test_what_the_kit_committed_is_proved_with_the_kits_solution(beginner):
    team = beginner
    team.author = KIT_AUTHOR
    commits = [team.commit(**{"README.md": f"{number}\n"}) for number in range(5)]
    team.record(commits[1], "red")
    team.record(commits[-1])
    team.push()
    assert all(f.state is State.PROVED and f.with_kit for f in team.findings().values())


def test_empty_commits_do_not_count(beginner):
    beginner.commit()
    for _ in range(6):
        beginner.commit("--allow-empty")
    beginner.push()
    finding = beginner.findings()["version-control"]
    assert finding.state is State.MISSING
    assert "1 commits that change something" in finding.what
    assert "6 empty ones not counted" in finding.what


def test_a_record_written_by_hand_with_another_tree_is_not_believed(team):
    commit = team.commit(**{"README.md": "new\n"})
    team.push()
    team.record(commit, tree="0" * 40)
    found = team.findings()
    assert found["ci-for-code"].state is State.MISSING
    assert "another tree" in found["ci-for-code"].what
    assert found["standard-environment"].state is State.MISSING


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"tests": {"run": 0, "passed": 0, "failed": 0, "skipped": 0}}, "no test ran"),
        ({"tests": {"run": 3, "passed": 2, "failed": 0, "skipped": 1}}, "skipped"),
        ({"tests": {"run": 9, "passed": 3, "failed": 0, "skipped": 0}}, "do not add up"),
        ({"ci_file": {"path": "ci.yml", "digest": "sha256:0"}}, "no ci.yml"),
        ({"commit": "1" * 40}, "not of the one in its name"),
        ({"result": "blue"}, "not a CI record"),
    ],
)
def test_a_record_that_contradicts_itself_or_the_commit_is_named(team, changes, why):
    team.record(team.git("rev-parse", "main"), **changes)
    finding = team.findings()["ci-for-code"]
    assert why in finding.what
    assert finding.state is State.MISSING


def test_another_workflow_than_the_one_that_ran_is_noticed(team):
    path = {"path": ".github/workflows/ci.yml", "digest": "sha256:1234"}
    team.record(team.git("rev-parse", "main"), ci_file=path)
    assert "another file than the one that ran" in team.findings()["ci-for-code"].what


def test_main_moved_without_green_is_noticed(team):
    commit = team.commit(**{"README.md": "straight to main\n"})
    team.push()
    finding = team.findings()["ci-for-code"]
    assert finding.state is State.MISSING
    assert f"main moved to {commit[:8]} with no green run" in finding.mend


def test_a_ci_that_never_said_no_proves_nothing(team):
    next(
        path for path in (team.origin / "ci").glob("*.json") if '"red"' in path.read_text()
    ).unlink()
    assert "because a test failed" in team.findings()["ci-for-code"].mend


def test_a_loose_pin_is_named(team):
    commit = team.commit(**{"requirements.txt": "pandas>=3\npytest==9.2.0\n"})
    team.record(commit)
    team.push()
    finding = team.findings()["standard-environment"]
    assert finding.state is State.MISSING
    assert "not pinned with ==: pandas>=3" in finding.what


def test_ci_on_other_versions_than_pinned_is_named(team):
    packages = {"pandas": {"installed": "2.0", "pinned": "3.1.1"}}
    team.record(team.git("rev-parse", "main"), packages=packages)
    finding = team.findings()["standard-environment"]
    assert "pandas is 2.0, pinned 3.1.1" in finding.what


def test_tests_that_ci_did_not_run_are_noticed(team):
    source = "\n\n".join(f"def test_{n}():\n    assert int({n}) == {n}" for n in range(9))
    commit = team.commit(**{"tests/test_more.py": source})
    team.record(commit)
    team.push()
    finding = team.findings()["automated-tests"]
    assert finding.state is State.MISSING
    assert "CI ran only 3 of 12" in finding.mend


def test_a_test_that_cannot_fail_is_not_counted():
    assert count_tests("def test_a():\n    assert True\n") == 0
    assert count_tests("def test_a():\n    assert 1 + 1 == 2\n") == 0
    assert count_tests("def test_a():\n    run()\n") == 0
    assert count_tests("def test_a():\n    assert run() == 1\n") == 1
    assert count_tests("def test_a():\n    with pytest.raises(ValueError):\n        run()\n") == 1
    assert count_tests("def test_a(:\n") == 0


def test_a_red_run_on_mains_newest_commit_proves_nothing(team):
    tip = team.git("rev-parse", "HEAD")
    team.record(tip, "red")
    found = team.findings()
    for practice in ("standard-environment", "automated-tests"):
        assert found[practice].state is State.MISSING
        assert "no green CI run" in found[practice].what + found[practice].mend


def test_whose_work_it_is_is_told_by_who_touched_those_files_last(beginner):
    beginner.author = KIT_AUTHOR
    commits = [beginner.commit(**{"README.md": f"{number}\n"}) for number in range(5)]
    beginner.author = "A Learner"
    tip = beginner.commit(**{"README.md": "mine\n"})
    beginner.record(commits[1], "red")
    beginner.record(tip)
    beginner.push()
    found = beginner.findings()
    for practice in ("standard-environment", "automated-tests", "ci-for-code"):
        assert found[practice].state is State.PROVED
        assert found[practice].with_kit, practice


def test_a_repository_that_git_cannot_read_is_not_called_empty(team):
    (team.origin / "config").write_text("[core\n")
    for finding in team.findings().values():
        assert finding.state is State.HIDDEN
        assert "config" in finding.what


def test_a_record_that_lists_no_versions_does_not_prove_the_environment(team):
    team.record(team.git("rev-parse", "HEAD"), packages={})
    found = team.findings()["standard-environment"]
    assert found.state is State.MISSING
    assert "does not list the versions" in found.what


def test_a_main_without_a_log_of_its_moves_is_told(team):
    (team.origin / "logs" / "refs" / "heads" / "main").unlink()
    found = team.findings()["ci-for-code"]
    assert found.state is State.MISSING
    assert "no log of its moves" in found.mend


@pytest.mark.parametrize(
    "line", ["pandas==3.*", "numpy==0.1,<99", "scikit-learn==0.1 nonsense words", "pip>=20"]
)
def test_a_line_that_allows_more_than_one_version_is_no_pin(line):
    assert pin_gaps(f"pytest==9.2.0\n{line}\n") == [f"not pinned with ==: {line}"]


def test_a_pin_may_have_a_marker_and_extras():
    assert pin_gaps('numpy==2.4.6 ; python_version < "3.12"\nuvicorn[standard]==0.54.0\n') == []


def test_a_run_that_is_red_without_a_failed_test_does_not_show_that_ci_can_say_no(beginner):
    commits = [beginner.commit(**{"README.md": f"{number}\n"}) for number in range(5)]
    none = {"run": 0, "passed": 0, "failed": 0, "skipped": 0}
    beginner.record(commits[1], "red", tests=none)
    beginner.record(commits[-1])
    beginner.push()
    found = beginner.findings()["ci-for-code"]
    assert found.state is State.MISSING
    assert "because a test failed" in found.mend


def test_forty_cases_of_one_test_are_one_test(team):
    many = {"run": 40, "passed": 40, "failed": 0, "skipped": 0, "functions": 1}
    team.record(team.git("rev-parse", "HEAD"), tests=many)
    found = team.findings()["automated-tests"]
    assert found.state is State.MISSING
    assert "CI ran only 1 of 3" in found.mend


def test_a_commit_of_an_odd_date_is_read(team, monkeypatch):
    who = ("-c", "user.name=A Learner", "-c", "user.email=learner@example.org")
    team.write("odd.txt", "odd")
    team.git("add", "-A")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "@99999999999999 +0000")
    words = ["git", *who, "commit", "-qm", "odd"]
    subprocess.run(words, cwd=team.project, check=True)
    team.push()
    assert team.findings()["version-control"].state is State.PROVED


@pytest.mark.parametrize("text", ["build-system = 3\n", "[project]\nname = 3\n"])
def test_a_pyproject_of_odd_types_has_gaps(text):
    assert build_gaps(text)


def test_a_record_whose_time_has_no_zone_is_not_believed(team):
    team.record(team.git("rev-parse", "HEAD"), started_at="2026-11-23T12:00:00")
    assert "is not a CI record" in team.findings()["ci-for-code"].what
