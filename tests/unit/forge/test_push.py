"""What a person meets who pushes to the origin: real pushes, real hooks."""

import json
import os
import signal
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

import psutil
import pytest

from widgets.forge.origin import make_origin
from widgets.forge.record import log_path, read_record, read_records

pytestmark = pytest.mark.slow
BUG = "def double(x):\n    return 2 * x + 1\n"
SLEEPY = "import time, pathlib\n\n\ndef test_sleep():\n    time.sleep({seconds})\n"


def test_a_green_commit_is_recorded_whole_and_main_takes_it(pusher):
    commit = pusher.commit("First")
    done = pusher.push("main:first")
    assert done.returncode == 0
    assert "remote: --- Tests" in done.stderr and "remote: 1 passed" in done.stderr
    assert "remote: CI is green" in done.stderr
    record = read_record(pusher.origin, commit)
    assert record.result == "green" and record.reason is None and record.failed_step is None
    assert (record.tests.run, record.tests.passed, record.tests.skipped) == (1, 1, 0)
    assert record.tree == pusher.git("rev-parse", "HEAD^{tree}").stdout.strip()
    assert record.ci_file.path == ".github/workflows/ci.yml"
    assert record.packages["pytest"].pinned == "0.1"
    assert record.packages["pytest"].installed == metadata.version("pytest")
    assert record.packages["numpy"].pinned is None
    assert record.packages["not-installed"].installed is None
    assert "1 passed" in log_path(pusher.origin, commit).read_text(encoding="utf-8")
    assert pusher.push("main").returncode == 0


def test_main_refuses_what_was_never_tested_and_says_what_to_do(pusher):
    pusher.commit("First")
    done = pusher.push("main")
    assert done.returncode != 0
    assert "was not tested yet" in done.stderr and "git push origin" in done.stderr


def test_a_red_commit_reaches_its_branch_but_not_main(pusher):
    pusher.write("code_under_test.py", BUG)
    commit = pusher.commit("A bug")
    done = pusher.push("main:tidy")
    assert done.returncode == 0 and "CI is RED: step 'Tests': 1 of 1 tests fail" in done.stderr
    record = read_record(pusher.origin, commit)
    assert record.result == "red" and record.failed_step == "Tests"
    assert record.tests.failed == 1 and record.tests.errors == 0
    assert record.tests.failed_names == ("tests.test_code::test_it_doubles",)
    refused = pusher.push("main")
    assert refused.returncode != 0 and "is RED" in refused.stderr
    assert not (pusher.origin / "refs/heads/main").exists()


def test_a_red_commit_is_tested_again_on_another_branch_and_a_green_one_is_not(pusher):
    pusher.write("code_under_test.py", BUG)
    pusher.commit("A bug")
    pusher.push("main:one")
    assert "CI: testing" in pusher.push("main:two").stderr
    pusher.write("code_under_test.py", "def double(x):\n    return x + x\n")
    pusher.commit("Mend")
    assert "CI: testing" in pusher.push("main:one").stderr
    again = pusher.push("main:three").stderr
    assert "green already" in again and "CI: testing" not in again


def test_main_is_neither_deleted_nor_moved_back(pusher):
    first = pusher.commit("First")
    pusher.push("main:one")
    pusher.write("note.txt", "more")
    pusher.commit("Second")
    pusher.push("main:one")
    assert pusher.push("main").returncode == 0
    back = pusher.push(f"{first}:refs/heads/main", "--force")
    assert back.returncode != 0 and "only moves forward" in back.stderr
    gone = pusher.push(":main")
    assert gone.returncode != 0 and "cannot be deleted" in gone.stderr
    assert pusher.push(":one").returncode == 0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({".github/workflows/ci.yml": None}, "has no .github/workflows/ci.yml"),
        ({"tests/test_code.py": "import pytest\n\n\n@pytest.mark.skip\ndef test_a(): pass\n"},
         "1 tests were skipped"),
        ({"tests/test_code.py": "import nowhere\n"}, "1 of 1 tests fail"),
        ({"tests/test_code.py": ""}, "exit code 5"),
        ({".github/workflows/ci.yml": "on: [pull_request]\njobs: {a: {steps: [{run: 'true'}]}}\n"},
         "does not name a push to one"),
        ({".github/workflows/ci.yml": "on: push\njobs: {a: {steps: [{run: 'true'}]}}\n"},
         "no test ran"),
        ({".github/workflows/ci.yml":
          "on: push\njobs: {a: {steps: [{run: 'python -m pytest || true'}]}}\n",
          "code_under_test.py": BUG}, "no step says so"),
    ],
)  # fmt: skip
def test_red_has_its_reason(pusher, change, reason):
    for path, text in change.items():
        if text is None:
            (pusher.project / path).unlink()
        else:
            pusher.write(path, text)
    commit = pusher.commit("Change")
    assert reason in pusher.push("main:one").stderr
    record = read_record(pusher.origin, commit)
    assert record.result == "red" and reason in record.reason


def test_a_test_that_cannot_be_imported_counts_as_an_error_not_as_a_failure(pusher):
    pusher.write("tests/test_code.py", "import nowhere\n")
    commit = pusher.commit("Change")
    pusher.push("main:one")
    tests = read_record(pusher.origin, commit).tests
    assert (tests.failed, tests.errors) == (0, 1)


def test_the_steps_see_neither_the_hook_nor_the_pusher(pusher):
    pusher.write(
        "tests/test_code.py",
        "import os, subprocess, pathlib\n\n\ndef test_env():\n"
        "    foreign = ('GIT_', 'MATURITY_', 'MLFLOW_TRACKING_', 'FLIGHTS_')\n"
        "    bad = [n for n in os.environ if n.startswith(foreign)]\n"
        "    assert not bad and 'PYTHONPATH' not in os.environ\n"
        "    assert os.environ['PIP_NO_INDEX'] == '1'\n"
        "    assert not pathlib.Path('untracked.txt').exists()\n",
    )
    commit = pusher.commit("Change")
    pusher.write("untracked.txt", "not committed")
    env = {"PYTHONPATH": "/nowhere", "MATURITY_WORKSPACE": "/nowhere", "GIT_TRACE_SETUP": "0"}
    team = {"MLFLOW_TRACKING_URI": "http://127.0.0.1:9", "FLIGHTS_EXPERIMENT": "theirs"}
    pusher.git("push", "origin", "main:one", env=env | team)
    assert read_record(pusher.origin, commit).result == "green"


def test_nothing_is_installed_into_the_environment_that_runs_the_kit(pusher):
    flow = WORKFLOW_INSTALLS
    pusher.write(".github/workflows/ci.yml", flow)
    pusher.write(
        "pyproject.toml",
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
        '[project]\nname = "forge-test-stray"\nversion = "1"\n'
        '[tool.setuptools]\npy-modules = ["code_under_test"]\n',
    )
    pusher.commit("Install")
    assert "Would install" in pusher.push("main:one").stderr
    with pytest.raises(metadata.PackageNotFoundError):
        metadata.version("forge-test-stray")


WORKFLOW_INSTALLS = """on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: python -m pip install --no-build-isolation .
      - run: python -m pytest tests
"""


def test_two_pushes_at_once_do_not_disturb_each_other(pusher):
    pusher.commit("First")
    pusher.push("main:one")
    commits = []
    for number in (1, 2):
        pusher.git("switch", "-q", "-c", f"branch-{number}")
        pusher.write("tests/test_sleep.py", SLEEPY.format(seconds=number / 2))
        commits.append(pusher.commit(f"Change {number}"))
    running = [
        subprocess.Popen(
            ["git", "-C", str(pusher.project), "push", "-q", "origin", f"branch-{number}"],
            stderr=subprocess.DEVNULL,
        )
        for number in (1, 2)
    ]
    assert [process.wait(60) for process in running] == [0, 0]
    assert [read_record(pusher.origin, commit).result for commit in commits] == ["green", "green"]
    assert len(read_records(pusher.origin)) == 3


def test_a_checkout_takes_no_lock_of_the_origin(pusher):
    commit = pusher.commit("First")
    (pusher.origin / "index.lock").touch()  # as another run holds it for a moment
    pusher.push("main:one")
    assert read_record(pusher.origin, commit).result == "green"


@pytest.mark.skipif(os.name == "nt", reason="kills a group of processes as a terminal does")
def test_a_run_that_is_killed_leaves_no_record_and_can_be_run_again(pusher):
    pusher.write("tests/test_sleep.py", SLEEPY.format(seconds=30))
    commit = pusher.commit("Slow")
    push = subprocess.Popen(
        ["git", "-C", str(pusher.project), "push", "origin", "main:slow"],
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    for line in push.stderr:
        if b"--- Tests" in line:
            break
    time.sleep(0.5)
    family = psutil.Process(push.pid).children(recursive=True)
    os.killpg(push.pid, signal.SIGINT)
    _, alive = psutil.wait_procs(family, timeout=10)
    assert not alive
    assert read_record(pusher.origin, commit) is None
    assert "was not tested yet" in pusher.push("main").stderr
    pusher.write("tests/test_sleep.py", SLEEPY.format(seconds=0))
    again = pusher.commit("Quick")
    pusher.push("main:slow")
    assert read_record(pusher.origin, again).result == "green"


def test_a_record_written_by_hand_does_not_open_main(pusher):
    commit = pusher.commit("First")
    for text in ('{"result": "green"}', "not even JSON"):
        (pusher.origin / "ci" / f"{commit}.json").write_text(text, encoding="utf-8")
        done = pusher.push("main")
        assert done.returncode != 0 and "not a record of the CI" in done.stderr
    pusher.push("main:one")
    path = pusher.origin / "ci" / f"{commit}.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(record | {"tree": "0" * 40}), encoding="utf-8")
    assert "speaks of other files" in pusher.push("main").stderr


def test_a_persons_own_hooks_path_does_not_switch_the_origins_hooks_off(pusher, tmp_path):
    config = tmp_path / "gitconfig"
    config.write_text(f"[core]\n\thooksPath = {tmp_path.as_posix()}\n", encoding="utf-8")
    pusher.commit("First")
    env = {"GIT_CONFIG_GLOBAL": str(config)}
    done = pusher.git("push", "origin", "main", env=env)
    assert done.returncode != 0 and "was not tested yet" in done.stderr


def test_making_the_origin_again_keeps_what_is_there_and_renews_the_hooks(pusher):
    commit = pusher.commit("First")
    pusher.push("main:one")
    (pusher.origin / "hooks" / "update").write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    make_origin(pusher.origin)
    assert Path(sys.executable).as_posix() in (pusher.origin / "hooks/update").read_text()
    assert read_record(pusher.origin, commit).result == "green"
