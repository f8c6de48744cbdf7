"""What a repository alone proves, and what it never does; nothing of it is run."""

import json

import pytest

from widgets.maturity import State
from widgets.project.assess import Asked, assess_project

TESTS = "\n".join(f"def test_{n}():\n    assert len(str({n})) == 1\n" for n in range(4))
CI = """
name: CI
on: [push]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: pip install -r requirements.txt
      - run: {command}
"""
FILES = {
    "requirements.txt": "pandas==3.1.1 --hash=sha256:00\n",
    "pyproject.toml": "[project]\nname = 'late'\n",
    "tests__test_late.py": TESTS,
    ".github__workflows__ci.yml": CI.format(command="pytest -q"),
}


def states(folder, **asked):
    result = assess_project(Asked(folder, **asked))
    return {row.practice.id: row.state for row in result.assessment.practices}


def exported(folder, *runs):
    folder.mkdir(exist_ok=True)
    told = [
        {
            "headSha": commit,
            "headBranch": branch,
            "event": "push",
            "conclusion": conclusion,
            "createdAt": f"2026-03-09T12:{minute:02}:00Z",
            "updatedAt": f"2026-03-09T12:{minute:02}:30Z",
            "workflowName": "CI",
        }
        for minute, (commit, branch, conclusion) in enumerate(runs)
    ]
    (folder / "ci-runs.json").write_text(json.dumps(told))
    return folder


@pytest.fixture
def head(commit):
    for day in range(1, 6):
        commit(day, **{"notes.txt": str(day)})
    return commit(6, **FILES)


def test_a_history_on_several_days_is_proved_by_git_alone_and_nothing_else_is(head, tmp_path):
    found = states(tmp_path / "team")
    assert found["version-control"] is State.PROVED
    assert [name for name, state in found.items() if state is State.PROVED] == ["version-control"]


def test_with_its_ci_runs_level_1_is_proved(head, tmp_path):
    runs = exported(tmp_path / "out", ("0" * 40, "try", "failure"), (head, "main", "success"))
    found = states(tmp_path / "team", exports=runs)
    level_1 = ("version-control", "standard-environment", "automated-tests", "ci-for-code")
    assert {found[name] for name in level_1} == {State.PROVED}
    assert [name for name in found if found[name] is State.PROVED] == list(level_1)


@pytest.mark.parametrize(
    ("practice", "file", "text"),
    [
        ("automated-tests", ".github__workflows__ci.yml", CI.format(command="pytest || true")),
        ("automated-tests", ".github__workflows__ci.yml", CI.format(command="echo no tests")),
        ("automated-tests", "tests__test_late.py", "def test_a():\n    assert True\n" * 9),
        ("standard-environment", "requirements.txt", "pandas>=3\n"),
        ("standard-environment", "pyproject.toml", ""),
        ("ci-for-code", ".github__workflows__ci.yml", "on: push\n"),
    ],
)
def test_what_only_looks_like_it_is_not_proved(commit, head, tmp_path, practice, file, text):
    if file == "pyproject.toml":
        (tmp_path / "team" / file).unlink()
        now = commit(7)
    else:
        now = commit(7, **{file: text})
    red = ("0" * 40, "try", "failure") if practice != "ci-for-code" else (now, "main", "failure")
    runs = exported(tmp_path / "out", (now, "main", "success"), red)
    assert states(tmp_path / "team", exports=runs)[practice] is not State.PROVED


def test_a_green_run_of_an_older_commit_proves_nothing_of_this_one(commit, head, tmp_path):
    commit(7, **{"notes.txt": "more"})
    runs = exported(tmp_path / "out", ("0" * 40, "try", "failure"), (head, "main", "success"))
    found = states(tmp_path / "team", exports=runs)
    assert found["automated-tests"] is State.CLAIMED
    assert found["ci-for-code"] is State.CLAIMED


def test_a_hostile_configuration_starts_no_program(git, head, tmp_path):
    trap = tmp_path / "started"
    script = tmp_path / "trap.sh"
    script.write_text(f"#!/bin/sh\ntouch '{trap}'\n")
    script.chmod(0o755)
    for key in ("core.fsmonitor", "core.pager", "diff.external", "core.sshCommand", "gpg.program"):
        git("config", key, str(script))
    git("config", "log.showSignature", "true")
    states(tmp_path / "team")
    assert not trap.exists()


def test_a_folder_without_git_is_level_0_and_says_so(tmp_path):
    result = assess_project(Asked(tmp_path))
    assert result.assessment.proved_level == 0
    assert "no git repository" in result.assessment.of("version-control").reason


def test_a_repository_without_a_commit_says_so(git, tmp_path):
    result = assess_project(Asked(tmp_path / "team"))
    assert result.assessment.of("version-control").state is State.MISSING
    assert "no commit yet" in " ".join(result.notes)


def test_a_link_that_leads_elsewhere_is_refused(tmp_path, head):
    from widgets.base.errors import KitError

    other = tmp_path / "other"
    other.mkdir()
    (other / ".git").write_text(f"gitdir: {tmp_path / 'team' / '.git'}\n")
    with pytest.raises(KitError, match="nothing there leads back"):
        assess_project(Asked(other))
