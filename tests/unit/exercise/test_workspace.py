"""The learner's files: nothing is overwritten without a copy, and a failed step changes nothing."""

import os
import subprocess
import sys
import time

import pytest

from widgets.base.errors import KitError
from widgets.exercise import workspace as module
from widgets.exercise.workspace import Workspace, relative_to_workspace

STARTER = "def two():\n    ...  # TODO\n"
SOLUTION = "def two():\n    return 2\n"
MINE = "def two():\n    return 3\n"
FILE = "flights/two.py"


@pytest.fixture
def nine(course):
    course.add("9.1", {FILE: STARTER}, {FILE: SOLUTION})
    return course


@pytest.fixture
def exercise(nine):
    return nine.catalogue().exercise("9.1")


def files_of(course):
    root = course.layout.project
    return {
        p.relative_to(root).as_posix(): p.read_text("utf-8") for p in root.rglob("*") if p.is_file()
    }


@pytest.mark.skipif(os.name == "nt", reason="there are no modes; a profile is its user's alone")
def test_a_new_workspace_is_its_users_alone_and_another_folder_keeps_its_mode(nine):
    root = nine.layout.root
    (nine.root / "notebooks").mkdir(exist_ok=True)
    nine.workspace().start()
    assert root.stat().st_mode & 0o777 == 0o700
    root.chmod(0o755)
    nine.workspace().start()
    assert root.stat().st_mode & 0o777 == 0o755


def test_begin_brings_what_is_not_there(nine, exercise):
    nine.workspace().begin(exercise)
    assert files_of(nine) == {FILE: STARTER}


def test_begin_never_overwrites(nine, exercise):
    workspace = nine.workspace()
    nine.mine(FILE, MINE)
    workspace.begin(exercise)
    assert nine.mine(FILE).read_text("utf-8") == MINE


def test_begin_brings_what_is_given_and_provides_what_is_needed(nine):
    nine.add("9.2", {"b.py": ""}, given=[FILE], needs=["origin"])
    asked = []
    catalogue = nine.catalogue()
    Workspace(nine.layout, catalogue, asked.append).begin(catalogue.exercise("9.2"))
    assert sorted(files_of(nine)) == ["b.py", FILE]
    assert asked == ["origin"]


@pytest.fixture
def bringing(nine):
    """An exercise that brings a file of the level in place of the learner's."""
    nine.add("9.2", {"b.py": ""}, brings=["pyproject.toml"])
    nine.write("exercises/level_9/starter/pyproject.toml", "the level's\n")
    return nine.catalogue().exercise("9.2")


def test_a_level_brings_its_files_once_and_keeps_a_copy_of_the_old_ones(nine, bringing):
    workspace = nine.workspace()
    file = nine.mine("pyproject.toml", "mine, of the level before\n")
    workspace.begin(bringing)
    assert file.read_text("utf-8") == "the level's\n"
    (copy,) = (path for path in nine.layout.copies.rglob("*") if path.is_file())
    assert copy.read_text("utf-8") == "mine, of the level before\n"
    nine.mine("pyproject.toml", "mine again\n")
    workspace.begin(bringing)
    assert file.read_text("utf-8") == "mine again\n"


def test_a_level_brings_its_files_where_there_are_none(nine, bringing):
    nine.workspace().begin(bringing)
    assert nine.mine("pyproject.toml").read_text("utf-8") == "the level's\n"
    assert not nine.layout.copies.exists()


@pytest.mark.parametrize(("verb", "text"), [("reset", STARTER), ("solve", SOLUTION)])
def test_what_is_replaced_is_kept_as_a_copy_that_is_named(nine, exercise, verb, text):
    workspace = nine.workspace()
    nine.mine(FILE, MINE)
    change = getattr(workspace, verb)(exercise)
    assert nine.mine(FILE).read_text("utf-8") == text
    assert change.files == (nine.mine(FILE),)
    (copy,) = change.copies
    assert copy.read_text("utf-8") == MINE
    (named,) = relative_to_workspace(change.copies, nine.layout)
    assert named.startswith(".kit/copies/") and named.endswith("/project/flights/two.py")


def test_two_copies_in_one_second_are_both_kept(nine, exercise):
    workspace = nine.workspace()
    for text in ("first\n", "second\n", "third\n"):
        nine.mine(FILE, text)
        workspace.reset(exercise)
    kept = [path.read_text("utf-8") for path in nine.layout.copies.rglob("two.py")]
    assert sorted(kept) == ["first\n", "second\n", "third\n"]


@pytest.mark.parametrize("verb", ["reset", "solve"])
def test_a_second_time_changes_nothing(nine, exercise, verb):
    workspace = nine.workspace()
    nine.mine(FILE, MINE)
    getattr(workspace, verb)(exercise)
    again = getattr(workspace, verb)(exercise)
    assert (again.files, again.copies) == ((), ())


def test_reset_before_the_exercise_has_begun_is_harmless(nine, exercise):
    change = nine.workspace().reset(exercise)
    assert change.copies == () and nine.mine(FILE).read_text("utf-8") == STARTER


def test_other_files_of_the_learner_are_never_touched(nine, exercise):
    workspace = nine.workspace()
    nine.mine("notes/é.txt", "mine")
    workspace.solve(exercise)
    workspace.reset(exercise)
    assert nine.mine("notes/é.txt").read_text("utf-8") == "mine"


# What files alone do not do


def play(course, text):
    course.write("solutions/level_9/play/play_9_1.py", text)


def test_a_play_script_runs_in_the_project_with_an_author_for_git(nine, exercise):
    play(
        nine,
        "import os, pathlib\n"
        "names = ['GIT_AUTHOR_NAME', 'GIT_COMMITTER_EMAIL', 'MATURITY_WORKSPACE']\n"
        "text = '|'.join(os.environ[name] for name in names)\n"
        "pathlib.Path('made.txt').write_text(text, encoding='utf-8')\n",
    )
    nine.workspace().solve(exercise)
    made = nine.mine("made.txt").read_text("utf-8")
    assert made == f"maturity kit|kit@localhost|{nine.layout.root}"


def test_git_of_a_play_script_does_not_find_a_repository_around_the_workspace(nine, exercise):
    outside = nine.layout.root.parent
    subprocess.run(["git", "init", "-q", str(outside)], check=True)
    play(
        nine,
        "import subprocess, sys\n"
        "done = subprocess.run(['git', 'rev-parse', '--git-dir'], capture_output=True)\n"
        "sys.exit(0 if done.returncode else 'found one')\n",
    )
    nine.workspace().solve(exercise)


@pytest.mark.parametrize("before", [MINE, STARTER, None])
def test_a_play_script_that_fails_leaves_the_files_as_they_were(nine, exercise, before):
    play(nine, "import sys\nprint('asked for é')\nsys.exit('no origin')\n")
    workspace = nine.workspace()
    if before is not None:
        nine.mine(FILE, before)
    with pytest.raises(KitError) as failure:
        workspace.solve(exercise)
    said = str(failure.value)
    assert "play_9_1.py" in said and "asked for é" in said and "no origin" in said
    assert nine.mine(FILE).read_text("utf-8") == (before or STARTER)


def test_a_play_script_without_an_end_is_stopped(nine, exercise, monkeypatch):
    monkeypatch.setattr(module, "PLAY_SECONDS", 0.5)
    play(nine, "import time\ntime.sleep(60)\n")
    with pytest.raises(KitError, match=r"play_9_1\.py took longer"):
        nine.workspace().solve(exercise)
    assert nine.mine(FILE).read_text("utf-8") == STARTER


@pytest.mark.skipif(os.name == "nt", reason="asks POSIX for it")
def test_what_a_stopped_play_script_has_started_does_not_hold_up_the_learner(
    nine, exercise, monkeypatch
):
    monkeypatch.setattr(module, "PLAY_SECONDS", 0.5)
    play(
        nine,
        "import subprocess, sys\n"
        "subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])\n",
    )
    before = time.monotonic()
    with pytest.raises(KitError, match="took longer"):
        nine.workspace().solve(exercise)
    assert time.monotonic() - before < 10


@pytest.mark.parametrize("verb", ["solve", "reset"])
def test_a_file_that_cannot_be_written_leaves_the_others_as_they_were(course, verb):
    files = {"flights/two.py": STARTER, "tests/test_two.py": STARTER}
    course.add("9.1", files, {name: SOLUTION for name in files})
    workspace, exercise = course.workspace(), course.catalogue().exercise("9.1")
    workspace.begin(exercise)
    course.mine("flights/two.py", MINE)
    course.mine("tests/test_two.py").unlink()
    course.mine("tests/test_two.py").parent.rmdir()
    course.mine("tests", "a file where a folder is needed")
    with pytest.raises(KitError, match="tests"):
        getattr(workspace, verb)(exercise)
    assert course.mine("flights/two.py").read_text("utf-8") == MINE


# The solution, to be read


def test_the_solution_is_shown_as_a_difference_to_what_the_learner_has(nine, exercise):
    workspace = nine.workspace()
    nine.mine(FILE, MINE)
    (shown,) = workspace.solution(exercise)
    assert (shown.path, shown.text) == (FILE, SOLUTION)
    assert "-    return 3" in shown.difference and "+    return 2" in shown.difference
    assert nine.mine(FILE).read_text("utf-8") == MINE


def test_only_the_solution_to_the_letter_is_the_solution(nine, exercise):
    workspace = nine.workspace()
    assert not workspace.is_solution(exercise)
    workspace.solve(exercise)
    assert workspace.is_solution(exercise)
    nine.mine(FILE, SOLUTION + "# mine\n")
    assert not workspace.is_solution(exercise)


@pytest.mark.skipif(
    sys.platform == "win32" or getattr(os, "geteuid", lambda: 1)() == 0,
    reason="this user may write everywhere",
)
def test_a_workspace_that_cannot_be_written_is_said(nine):
    nine.layout.root.parent.chmod(0o500)
    try:
        with pytest.raises(KitError, match="MATURITY_WORKSPACE"):
            nine.workspace()
    finally:
        nine.layout.root.parent.chmod(0o700)


def test_a_workspace_below_a_file_is_said(nine):
    nine.layout.root.write_text("a file")
    with pytest.raises(KitError, match="MATURITY_WORKSPACE"):
        nine.workspace()
