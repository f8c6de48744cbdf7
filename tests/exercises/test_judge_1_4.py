"""Exercise 1.4's judge on pushes told by hand; the solution and the starter for real."""

import importlib
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from widgets.forge.origin import make_origin

ROOT = Path(__file__).resolve().parents[2]
CHECKS = ROOT / "exercises" / "level_1" / "checks"
SOLUTION = ROOT / "solutions" / "level_1"
STARTER = ROOT / "exercises" / "level_1" / "starter"
PLAY = SOLUTION / "play" / "play_1_4.py"
FIRST, RED, GREEN = "1" * 40, "2" * 40, "3" * 40


@pytest.fixture(scope="module")
def modules():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(CHECKS))
        yield importlib.import_module("_judge_1_4"), importlib.import_module("_pushes")


@pytest.fixture(scope="module")
def judge(modules):
    return modules[0]


def record(commit, result, at, **tests):
    counts = {"run": 15, "passed": 15, "failed": 0, "errors": 0, "skipped": 0} | tests
    return {
        "commit": commit,
        "tree": commit[::-1],
        "branch": "tidy-weekday",
        "result": result,
        "reason": None if result == "green" else "step 'CI' ended with exit code 1",
        "tests": counts,
        "ci_file": {"path": ".github/workflows/ci.yml", "digest": "sha256:1"},
        "finished_at": f"2026-01-01T00:0{at}:00Z",
    }


@pytest.fixture(scope="module")
def right(modules):
    """What a right answer leaves, told by hand; each test spoils one thing of it."""
    ran = modules[1].Ran
    return modules[1].Pushes(
        commits=7,
        remote="../origin.git",
        remote_is_origin=True,
        workflow=(SOLUTION / ".github/workflows/ci.yml").read_text(encoding="utf-8"),
        schema=ran(0, "ok"),
        origin=True,
        records=(
            record(FIRST, "green", 1),
            record(RED, "red", 2, failed=2, passed=13),
            record(GREEN, "green", 3),
        ),
        main=GREEN,
        main_tree=GREEN[::-1],
        main_digest="sha256:1",
        main_files=("flights/features.py", "tests/test_features.py", ".gitignore"),
        was_main=(FIRST, GREEN),
        changed={RED: ("flights/features.py",)},
        tried=RED,
        push=ran(1, "remote: main takes only … 2222222222 is RED:"),
    )


def judge_all(judge, pushes):
    judge.judge_workflow(pushes)
    judge.judge_repository(pushes)
    judge.judge_red(pushes)
    judge.judge_refusal(pushes)
    judge.judge_never_main(pushes)
    judge.judge_green(pushes)
    judge.judge_tidy(pushes)


def with_workflow(pushes, old, new):
    assert old in pushes.workflow
    return replace(pushes, workflow=pushes.workflow.replace(old, new))


def with_red(pushes, **changes):
    one, red, three = pushes.records
    tests = red["tests"] | changes.pop("tests", {})
    return replace(pushes, records=(one, red | changes | {"tests": tests}, three))


RIGHT = {
    "as the commands say": lambda p: p,
    "on: [push]": lambda p: with_workflow(p, "on: push  # to any branch", "on: [push]"),
    "on: with branches": lambda p: with_workflow(
        p, "on: push  # to any branch", "on:\n  push:\n    branches: ['**']\n  pull_request:"
    ),
    "a red run for another reason besides": lambda p: replace(
        p, records=(record("4" * 40, "red", 0, run=0, passed=0), *p.records)
    ),
    "pushed by the absolute path": lambda p: replace(p, remote="/somewhere/origin.git"),
    "the bug and a new test in one commit": lambda p: replace(
        p, changed={RED: ("flights/features.py", "tests/test_features.py")}
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_answer_passes(judge, right, name):
    judge_all(judge, RIGHT[name](right))


WRONG = {
    "the trigger left as it was": (
        lambda p: with_workflow(p, "on: push  # to any branch", "on: workflow_dispatch"),
        "it runs on workflow_dispatch, not on a push",
    ),
    "pushes to main alone": (
        lambda p: with_workflow(p, "on: push  # to any branch", "on: {push: {branches: [main]}}"),
        "it runs on pushes to ['main'] alone",
    ),
    "no step runs ci.py": (
        lambda p: with_workflow(p, "python ci.py", "echo done"), "no step runs ci.py"),
    "a red step made green": (
        lambda p: with_workflow(p, "python ci.py", "python ci.py || true"), "ends well whatever"),
    "a tab in the YAML": (
        lambda p: with_workflow(p, "    steps:", "\tsteps:"), ".github/workflows/ci.yml: line"),
    "no name and no e-mail": (
        lambda p: replace(p, commits=0, has_identity=False), "git config --global user.email"),
    "no commit": (lambda p: replace(p, commits=0), "git init -b main"),
    "no remote": (lambda p: replace(p, remote=None), "git remote add origin ../origin.git"),
    "another remote": (
        lambda p: replace(p, remote="git@example.org:me", remote_is_origin=False),
        "git remote set-url origin ../origin.git"),
    "no push": (lambda p: replace(p, records=()), "git push origin main:first-build"),
    "the bug was never pushed": (
        lambda p: replace(p, records=(p.records[0], p.records[2])), "No run is red"),
    "red because a test file cannot be imported": (
        lambda p: with_red(p, tests={"failed": 0, "errors": 1}), "1 test files or fixtures"),
    "red because of a step without tests": (
        lambda p: with_red(p, tests={"failed": 0, "run": 0}), "no test failed; it is red because"),
    "red because a test was made wrong": (
        lambda p: replace(p, changed={RED: ("tests/test_features.py",)}),
        "not the code was wrong, but tests/test_features.py"),
    "main moved by hand": (lambda p: replace(p, was_main=(FIRST,)), "it was moved by hand"),
    "main was red once": (
        lambda p: replace(p, was_main=(FIRST, RED, GREEN)), "2222222222, whose run is red"),
    "hooks switched off": (
        lambda p: replace(p, push=replace(p.push, code=0, output="")), "main took it"),
    "the push fails for another reason": (
        lambda p: replace(p, push=replace(p.push, output="fatal: no space left")), "no space left"),
    "the mended commit is not on main": (
        lambda p: replace(p, main=FIRST, main_tree=FIRST[::-1], was_main=(FIRST,)),
        "git push origin tidy-weekday:main"),
    "a record of other files": (
        lambda p: replace(p, main_digest="sha256:2"), "speaks of other files"),
    "a record written by hand": (
        lambda p: replace(p, spoiled=("5.json",)), "5.json was not written by the hooks"),
    "the wheel was committed": (
        lambda p: replace(p, main_files=("dist/flights-0.1.0-py3-none-any.whl",)),
        "git rm -r --cached dist"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_gets_the_message_that_fits(judge, right, name):
    spoil, says = WRONG[name]
    with pytest.raises(AssertionError) as failure:
        judge_all(judge, spoil(right))
    assert says in str(failure.value)


@pytest.fixture
def workspace(tmp_path):
    folder = tmp_path / "a workspace"
    for name in ("flights", "tests", ".github"):
        shutil.copytree(SOLUTION / name, folder / "project" / name)
    for name in ("pyproject.toml", "requirements.txt", "ci.py", ".gitignore"):
        shutil.copy(SOLUTION / name, folder / "project" / name)
    make_origin(folder / "origin.git")
    return folder


def play(workspace):
    """Start the play script as the harness does, in a group of its own."""
    who = {"NAME": "maturity kit", "EMAIL": "kit@localhost"}
    env = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}
    env |= {f"GIT_{role}_{n}": t for role in ("AUTHOR", "COMMITTER") for n, t in who.items()}
    return subprocess.Popen(
        [sys.executable, str(PLAY)],
        cwd=workspace / "project",
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        start_new_session=os.name != "nt",
    )


def read(modules, workspace, scratch):
    return modules[1].read_pushes(workspace / "project", workspace, scratch, print)


@pytest.mark.soak
@pytest.mark.skipif(os.name == "nt", reason="kills a group of processes")
@pytest.mark.parametrize("seconds", [3, 8, 14])
def test_a_solution_that_was_killed_is_completed_and_doing_it_again_changes_nothing(
    judge, modules, workspace, tmp_path, seconds
):
    killed = play(workspace)
    time.sleep(seconds)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    again = play(workspace)
    said = again.communicate(timeout=120)[0]
    assert again.returncode == 0, said
    pushes = read(modules, workspace, tmp_path / "one")
    judge_all(judge, pushes)
    assert pushes.commits >= 5
    assert play(workspace).wait(60) == 0
    assert read(modules, workspace, tmp_path / "two").main == pushes.main


@pytest.mark.slow
def test_the_starter_fails_helpfully_for_real(judge, modules, workspace, tmp_path):
    shutil.copytree(STARTER / ".github", workspace / "project" / ".github", dirs_exist_ok=True)
    pushes = read(modules, workspace, tmp_path / "read")
    for one, says in (
        (judge.judge_workflow, "not on a push"),
        (judge.judge_repository, "no commit yet"),
        (judge.judge_red, "No run is red"),
        (judge.judge_refusal, "push the branch with the incident's bug"),
        (judge.judge_never_main, "no main yet"),
        (judge.judge_green, "no main yet"),
    ):
        with pytest.raises(AssertionError) as failure:
            one(pushes)
        assert says in str(failure.value)


@pytest.mark.slow
def test_a_workflow_that_does_not_fit_the_schema_is_told_where(judge, modules, workspace, tmp_path):
    file = workspace / "project" / ".github" / "workflows" / "ci.yml"
    text = file.read_text(encoding="utf-8").replace("runs-on: ubuntu-latest", "run-on: ubuntu")
    file.write_text(text, encoding="utf-8")
    with pytest.raises(AssertionError) as failure:
        judge.judge_workflow(read(modules, workspace, tmp_path / "read"))
    assert "published schema" in str(failure.value) and "$.jobs.ci: 'runs-on' is a required" in str(
        failure.value
    )
