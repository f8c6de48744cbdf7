"""An exercise that ends with a push: what the panel's button and `maturity push` do for it."""

import os
import subprocess
from pathlib import Path

import pytest

from widgets.base.errors import KitError
from widgets.exercise.push import SECONDS, commands_of
from widgets.exercise.workspace import Workspace
from widgets.forge.origin import make_origin
from widgets.forge.record import read_records
from widgets.forge.runner import LIMIT_SECONDS

pytestmark = pytest.mark.slow  # real pushes, each with its CI

FILE = "flights/two.py"
WORKFLOW = """on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - name: Tests
        run: python -m pytest -q tests
"""
TEST = """from pathlib import Path


def test_code():
    code = Path("flights/two.py").read_text()
    assert "bad" not in code, "saw " + code
"""


@pytest.fixture(autouse=True)
def person(monkeypatch):
    """Git knows nobody but this person, wherever the tests run."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ada@example.org")


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def nine(course):
    """A course with an exercise that is pushed."""
    course.add("9.1", {FILE: "x = 1\n"}, {FILE: "x = 2\n"}, pushes="Two of them")
    return course


@pytest.fixture
def exercise(nine):
    return nine.catalogue().exercise("9.1")


@pytest.fixture
def workspace(nine, exercise):
    """The learner's files, the exercise begun."""
    workspace = nine.workspace()
    workspace.begin(exercise)
    return workspace


@pytest.fixture
def project(nine, workspace):
    """The project, under version control with an origin that has a CI."""
    make_origin(nine.layout.origin)
    project = nine.layout.project
    git(project, "init", "--quiet", "-b", "main")
    git(project, "remote", "add", "origin", str(nine.layout.origin))
    nine.mine(".github/workflows/ci.yml", WORKFLOW)
    nine.mine("tests/test_two.py", TEST)
    return project


def main_of(nine) -> str:
    return git(nine.layout.origin, "log", "--format=%an: %s", "main")


def test_all_changes_are_committed_tested_on_a_branch_and_become_main(
    nine, exercise, workspace, project
):
    nine.mine(FILE, "x = 3\n")
    told = []

    def listen(line):
        told.append((line, git(nine.layout.origin, "branch", "--list", "main")))

    said = workspace.push(exercise, listen)
    assert said[-1] == "main is at this commit now."
    assert [line for line, _ in told] == [line for line in said[:-1] if line]
    assert not told[0][1], "told while the CI runs, before there is a main"
    assert main_of(nine) == "Ada: Two of them"
    assert git(project, "status", "--short") == ""
    assert git(nine.layout.origin, "show", f"main:{FILE}") == "x = 3"
    assert any("green" in line.lower() for line in said), said
    assert git(nine.layout.origin, "branch", "--format=%(refname:short)").split() == [
        "exercise-9-1",
        "main",
    ]
    (record,) = read_records(nine.layout.origin)
    assert record.branch == "exercise-9-1"


def test_a_red_commit_is_refused_with_the_last_lines_of_the_ci(nine, exercise, workspace, project):
    nine.mine(FILE, "bad = 'the reason'\n")
    with pytest.raises(KitError) as refused:
        workspace.push(exercise)
    said = str(refused.value)
    assert "main takes only what the CI has found green" in said
    assert "What the CI said last:" in said
    assert "saw bad = 'the reason'" in said
    assert git(project, "log", "--format=%s") == "Two of them", "what was committed stays"
    with pytest.raises(subprocess.CalledProcessError):
        main_of(nine)
    nine.mine(FILE, "good = 'mended'\n")
    workspace.push(exercise)
    assert main_of(nine) == "Ada: Two of them\nAda: Two of them"


def test_a_push_of_nothing_new_is_harmless(nine, exercise, workspace, project):
    workspace.push(exercise)
    workspace.push(exercise)
    assert main_of(nine) == "Ada: Two of them"


def test_a_ci_that_was_interrupted_runs_again(nine, exercise, workspace, project):
    workspace.push(exercise)
    nine.mine(FILE, "x = 5\n")
    git(project, "commit", "--quiet", "--all", "-m", "Interrupted")
    git(project, "push", "--quiet", "origin", "HEAD:exercise-9-1")
    commit = git(project, "rev-parse", "HEAD")
    (nine.layout.origin / "ci" / f"{commit}.json").unlink()
    workspace.push(exercise)
    assert main_of(nine).splitlines()[0] == "Ada: Interrupted"
    assert workspace.push(exercise)[-1] == "main is at this commit already: nothing was started."


def test_an_unfinished_merge_is_not_committed(nine, exercise, workspace, project):
    workspace.push(exercise)
    git(project, "switch", "--quiet", "-c", "other")
    nine.mine(FILE, "x = 6\n")
    git(project, "commit", "--quiet", "--all", "-m", "one")
    git(project, "switch", "--quiet", "main")
    nine.mine(FILE, "x = 7\n")
    git(project, "commit", "--quiet", "--all", "-m", "two")
    subprocess.run(["git", "merge", "other"], cwd=project, capture_output=True, check=False)
    with pytest.raises(KitError, match=r"A merge is not finished: mend flights/two\.py"):
        workspace.push(exercise)
    assert git(project, "log", "-1", "--format=%s") == "two"


def test_another_repository_that_the_shell_names_is_left_alone(
    nine, exercise, workspace, project, tmp_path, monkeypatch
):
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "--quiet")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    workspace.push(exercise)
    monkeypatch.delenv("GIT_DIR")
    assert main_of(nine) == "Ada: Two of them"
    assert not list((other / ".git" / "refs" / "heads").iterdir())


def test_a_commit_of_ones_own_is_pushed_as_it_is(nine, exercise, workspace, project):
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "-m", "In my own words")
    workspace.push(exercise)
    assert main_of(nine) == "Ada: In my own words"


def test_a_branch_that_was_rewritten_is_pushed_again(nine, exercise, workspace, project):
    workspace.push(exercise)
    nine.mine(FILE, "x = 4\n")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--amend", "-m", "Anew")
    with pytest.raises(KitError, match="git push was refused"):
        workspace.push(exercise)  # main does not go back
    assert git(nine.layout.origin, "log", "--format=%s", "exercise-9-1") == "Anew"
    assert main_of(nine) == "Ada: Two of them"


def test_without_version_control_the_exercise_that_teaches_it_is_named(exercise, workspace):
    with pytest.raises(KitError, match=r"not under version control, or knows no origin.*1\.4"):
        workspace.push(exercise)


def test_without_an_origin_too(nine, exercise, workspace):
    git(nine.layout.project, "init", "--quiet")
    with pytest.raises(KitError, match="knows no origin"):
        workspace.push(exercise)


def test_a_repository_around_the_workspace_is_not_taken_for_the_learners(nine, exercise, workspace):
    git(nine.layout.root.parent, "init", "--quiet")
    git(nine.layout.root.parent, "remote", "add", "origin", "elsewhere")
    with pytest.raises(KitError, match="not under version control"):
        workspace.push(exercise)


def test_git_without_a_name_says_so(nine, exercise, workspace, project, monkeypatch):
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "")
    with pytest.raises(KitError, match=r"git commit was refused:\n.*name"):
        workspace.push(exercise)


def test_an_origin_that_is_gone_is_said(nine, exercise, workspace, project):
    nine.layout.origin.rename(nine.layout.root / "elsewhere.git")
    with pytest.raises(KitError, match=r"git push was refused:\n.*does not appear to be a git"):
        workspace.push(exercise)


def test_the_solution_is_pushed_by_the_kit(nine, exercise, workspace, project):
    told = []
    workspace.solve(exercise, told.append)
    assert told[0] == "committing and pushing: the CI tests it" and "CI is green" in told
    assert told[-1] == "waiting for the training, if the push has started one"
    assert main_of(nine) == "maturity kit: Two of them"
    assert git(nine.layout.origin, "show", f"main:{FILE}") == "x = 2"


def test_a_solution_that_the_ci_refuses_leaves_the_files_as_they_were(
    nine, exercise, workspace, project
):
    nine.mine("tests/test_two.py", "def test_no():\n    assert False\n")
    nine.mine(FILE, "mine = 1\n")
    with pytest.raises(KitError, match="git push was refused"):
        workspace.solve(exercise)
    assert nine.mine(FILE).read_text("utf-8") == "mine = 1\n"


def test_the_commands_that_are_shown_do_the_same(nine, exercise, workspace, project):
    for command in commands_of(exercise):
        done = subprocess.run(["bash", "-c", command], cwd=project, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert main_of(nine) == "Ada: Two of them"


def test_a_solution_waits_for_what_its_push_has_started(nine, exercise, project):
    waited = []
    workspace = Workspace(
        nine.layout, nine.catalogue(), lambda thing: None, lambda: waited.append(main_of(nine))
    )
    workspace.solve(exercise)
    (seen,) = waited
    assert seen.endswith(": Two of them"), "main has it before anybody waits"


def test_a_push_waits_until_the_ci_has_said_why_it_was_stopped():
    assert SECONDS >= LIMIT_SECONDS + 30
