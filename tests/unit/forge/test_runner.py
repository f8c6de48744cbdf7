"""A run ends in time whatever its steps do."""

import shlex
import subprocess
import time

import psutil
import pytest

from widgets.base.errors import KitError
from widgets.forge.origin import make_origin
from widgets.forge.record import read_record
from widgets.forge.runner import run_ci
from widgets.mlflow_ui.store import cached_empty

pytestmark = pytest.mark.slow


def push_unhooked(pusher) -> str:
    """Bring a commit into the origin without its hooks, for runs started by hand."""
    commit = pusher.commit("Change")
    (pusher.origin / "hooks" / "post-receive").unlink(missing_ok=True)
    pusher.push("main:one")
    return commit


def test_a_run_over_its_limit_is_red_and_says_so(pusher):
    pusher.write("tests/test_sleep.py", "import time\n\n\ndef test_a():\n    time.sleep(60)\n")
    commit = push_unhooked(pusher)
    begun = time.monotonic()
    record = run_ci(pusher.origin, commit, "one", print, limit=2)
    assert time.monotonic() - begun < 15
    assert record.result == "red" and "a run may take 2 seconds" in record.reason
    assert read_record(pusher.origin, commit) == record


def test_a_child_that_holds_the_output_open_does_not_hold_the_run(pusher):
    flow = "on: push\njobs: {a: {steps: [{run: 'sleep 20 & python -m pytest tests'}]}}\n"
    pusher.write(".github/workflows/ci.yml", flow)
    commit = push_unhooked(pusher)
    begun = time.monotonic()
    assert run_ci(pusher.origin, commit, "one", print).result == "green"
    assert time.monotonic() - begun < 15


def test_much_output_is_shown_in_part_only(pusher):
    flow = (
        "on: push\njobs: {a: {steps: [{run: 'python -c \"print((chr(10) + chr(120)) * 5000)\"'}, "
        "{run: python -m pytest tests}]}}\n"
    )
    pusher.write(".github/workflows/ci.yml", flow)
    shown: list[str] = []
    run_ci(pusher.origin, push_unhooked(pusher), "one", shown.append)
    assert len(shown) < 500 and any("in the log only" in line for line in shown)
    assert shown[-1] == "CI is green" and shown[-2].startswith("tests: 1 run, 1 passed")


def test_a_step_finds_what_the_machine_has_prepared_and_no_mlflow_of_the_pushers(
    pusher, monkeypatch
):
    monkeypatch.setenv("MLFLOW_REGISTRY_URI", "http://127.0.0.1:9/of-a-team")
    step = 'ls "$RUNNER_TOOL_CACHE"; echo "registry: $MLFLOW_REGISTRY_URI."'
    flow = (
        f"on: push\njobs: {{a: {{steps: [{{run: '{step}'}}, {{run: python -m pytest tests}}]}}}}\n"
    )
    pusher.write(".github/workflows/ci.yml", flow)
    shown: list[str] = []
    assert run_ci(pusher.origin, push_unhooked(pusher), "one", shown.append).result == "green"
    assert cached_empty().name in shown and "registry: ." in shown


def test_an_origin_is_not_made_over_something_else(tmp_path):
    (tmp_path / "precious.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(KitError, match="in the way"):
        make_origin(tmp_path)


def test_an_origin_is_bare_and_its_first_branch_is_main(tmp_path):
    make_origin(tmp_path / "o.git")
    words = ["git", "--git-dir", str(tmp_path / "o.git")]
    show = subprocess.run([*words, "symbolic-ref", "HEAD"], capture_output=True, text=True)
    assert show.stdout.strip() == "refs/heads/main"


BACKGROUND = """on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - name: Leaves something behind
        run: |
          sleep 300 &
          echo $! > {pid}
      - name: Tests
        env:
          PYTEST_ADDOPTS: ""
        run: |
          echo numpy==1.0 > requirements.txt
          python -m pytest -q tests
"""


def alive():
    """Return the processes that run; one that has ended and was not collected yet does not."""
    return {p.pid for p in psutil.process_iter(["status"]) if p.info["status"] != "zombie"}


def test_a_step_leaves_no_process_hides_no_test_and_changes_no_record(pusher):
    pid = pusher.origin.parent / "pid"
    pusher.write(".github/workflows/ci.yml", BACKGROUND.format(pid=shlex.quote(pid.as_posix())))
    commit = pusher.commit("Leave something behind")
    pusher.push("main:one")
    assert int(pid.read_text()) not in alive()
    record = read_record(pusher.origin, commit)
    assert record.tests.run == 1  # whatever the step says of pytest's options
    assert "pytest" in record.packages  # what the commit pins, not what the step wrote
