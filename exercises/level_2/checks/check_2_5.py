"""2.5 Nobody presses the button: on_main, in processes as a moved main starts them."""

import importlib
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
from _bench import all_runs, all_versions, commit, git, make_bench

FILE = "flights/trigger.py"
SECONDS = 120
# As the origin's hook calls it: in a clean checkout, with the commit.
CALL = """
import importlib, sys
module, _, name = sys.argv[1].rpartition(".")
getattr(importlib.import_module(module), name)(sys.argv[2])
"""


@dataclass(frozen=True)
class Ended:
    """How one call of on_main ended."""

    code: int
    output: str


@pytest.fixture(scope="module")
def on_main(project):
    """The dotted name in pyproject.toml."""
    settings = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    name = settings.get("tool", {}).get("flights", {}).get("seams", {}).get("on_main", "")
    assert name, (
        "on_main is empty in pyproject.toml, [tool.flights.seams]: main moves, nobody is called. "
        'Write on_main = "flights.trigger.on_main".'
    )
    module, _, function = name.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise AssertionError(
            f"on_main = {name!r} in pyproject.toml cannot be imported: {error}. It is the module "
            "and the function, joined by dots: flights.trigger.on_main."
        ) from None
    assert callable(found), f"on_main = {name!r} in pyproject.toml is no function."
    return name


@pytest.fixture(scope="module")
def bench(workspace, kit_flights):
    return make_bench(workspace / "bench", kit_flights)


def check_out(project: Path, folder: Path, commit_id: str) -> Path:
    """Clone the project as the hook does, at one commit."""
    shutil.rmtree(folder, ignore_errors=True)
    git(project, "clone", "--quiet", "--no-checkout", ".", str(folder))
    git(folder, "checkout", "--quiet", "--detach", commit_id)
    return folder


@pytest.fixture(scope="module")
def start(program, on_main):
    """A function that starts on_main in a checkout, in a process of its own."""

    def start(folder: Path, commit_id: str):
        return program(["-c", CALL, on_main, commit_id], folder, {"PYTHONPATH": ""})

    return start


def end(started) -> Ended:
    """Wait for a call and return how it ended."""
    try:
        return Ended(*started.end(SECONDS))
    except subprocess.TimeoutExpired as error:
        raise AssertionError(
            f"on_main did not end within {SECONDS} s ({FILE}). It printed:\n{error.output[-600:]}"
        ) from None


@pytest.fixture(scope="module")
def commits(project, on_main):
    """Two commits of the learner's project."""
    first = commit(project, "The first of two")
    (project / "notes.txt").write_text("the second\n", encoding="utf-8")
    return first, commit(project, "The second of two")


@pytest.fixture(scope="module")
def at_once(bench, workspace, project, start, commits, say):
    """Two trainings that were started at the same moment."""
    say("main moves twice at once: two trainings are started at the same moment")
    folders = [check_out(project, workspace / f"checkout_{n}", c) for n, c in enumerate(commits)]
    running = [start(folder, c) for folder, c in zip(folders, commits, strict=True)]
    return [end(process) for process in running]


def good(ended: Ended) -> None:
    assert ended.code == 0, (
        f"on_main ended with exit code {ended.code} ({FILE}). The end of what it printed:\n"
        f"{ended.output.strip()[-700:]}"
    )


def test_named(on_main):
    """pyproject.toml names the function that is called when main moves."""
    assert on_main


def test_trains(at_once, commits):
    """Each commit is trained and registered, with trigger=push and its own commit."""
    for ended in at_once:
        good(ended)
    runs = [each for each in all_runs() if each.info.status == "FINISHED"]
    found = {each.data.tags.get("commit"): each.data.tags.get("trigger") for each in runs}
    for each in commits:
        assert each in found, (
            f"No finished run says the commit {each[:10]}, which was checked out. There are: "
            f"{[str(c)[:10] for c in found] or 'none'} ({FILE})."
        )
        assert found[each] == "push", (
            f"The run of a moved main says trigger={found[each]!r}. What started it was a push: "
            f"run_pipeline(settings, trigger='push') ({FILE})."
        )
    versions = {each.tags.get("commit") for each in all_versions()}
    assert versions == set(commits), f"Two commits were trained, {len(versions)} have a version."


def test_one_after_the_other(at_once):
    """Two trainings at once do not run on top of each other."""
    finished = [each for each in all_runs() if each.info.status == "FINISHED"]
    assert len(finished) == 2, f"Two trainings, {len(finished)} finished runs."
    waited = [ended for ended in at_once if "waiting" in ended.output]
    assert len(waited) == 1, (
        "Two trainings were started at the same moment, and neither waited for the other: they "
        "read and write the same registry. Put run_pipeline into the block of `with "
        f"one_at_a_time(settings):` ({FILE})."
    )


def test_says(at_once):
    """What came of it stands in the log."""
    for ended in at_once:
        good(ended)
        assert "version" in ended.output, (
            "The log of the training does not say what came of it: print(describe(…)) of what "
            f"run_pipeline returns ({FILE}). It says:\n{ended.output.strip()[-300:]}"
        )


@pytest.fixture(scope="module")
def afterwards(at_once, workspace, project, start, commits, say):
    """A commit that was trained already, another commit than was asked for, a changed checkout."""
    for ended in at_once:
        good(ended)
    say("the same commit a second time; a checkout of another commit; one that was changed")
    before = len(all_runs()), len(all_versions())
    again = check_out(project, workspace / "checkout_again", commits[0])
    other = check_out(project, workspace / "checkout_other", commits[0])
    changed = check_out(project, workspace / "checkout_changed", commits[1])
    with (changed / "flights" / "__init__.py").open("a", encoding="utf-8") as file:
        file.write("# somebody was here\n")
    ended = {"again": end(start(again, commits[0]))}  # not three at once: memory
    asked = {"other": other, "changed": changed}
    running = {what: start(folder, commits[1]) for what, folder in asked.items()}
    ended |= {what: end(process) for what, process in running.items()}
    return ended, before, (len(all_runs()), len(all_versions()))


def test_once(afterwards):
    """The same commit on the same data is trained once."""
    ended, before, after = afterwards
    good(ended["again"])
    assert "already" in ended["again"].output or after == before, (
        "The same commit on the same data was trained a second time: run_pipeline finds the "
        "version that is there."
    )


def test_refuses(afterwards, commits):
    """Another commit than was asked for, and changes, are refused; nothing is trained."""
    ended, before, after = afterwards
    for key, what in (
        ("other", "holds another commit than it was called with"),
        ("changed", "was changed after the checkout"),
    ):
        assert ended[key].code != 0, (
            f"The folder {what}, and on_main went on: the run would name a commit that it was not "
            f"made of. Compare with code_version(settings.root) and raise ValueError ({FILE})."
        )
        assert "ValueError" in ended[key].output, (
            f"The folder {what}. Wanted is a ValueError that says so; it ended with:\n"
            f"{ended[key].output.strip()[-400:]}"
        )
    last = ended["other"].output.strip().splitlines()[-1]
    assert commits[0][:7] in last, (
        "The message does not name the commit that is checked out: with both in it, somebody can "
        f"find out what went wrong. It says: {last}"
    )
    assert after == before, "Something was trained all the same."
