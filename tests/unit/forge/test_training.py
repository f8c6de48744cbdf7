"""What a moved main starts: the project's own function, in a clean clone, after the push."""

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.unit.forge.conftest import WORKFLOW, Pusher
from widgets.base.errors import KitError
from widgets.evidence import ci_records, training_records
from widgets.evidence.repository import Repository
from widgets.forge import follow
from widgets.forge.record import read_records
from widgets.forge.training import FOLDER, log_path, read_trainings, running

pytestmark = pytest.mark.slow  # real pushes, each with its CI

SEAMS = '[tool.flights.seams]\non_main = "code_under_test.on_main"\n'
CODE = """import os, pathlib, subprocess
def double(x):
    return 2 * x
def on_main(commit):
    head = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True).stdout
    status = subprocess.run(["git", "status", "--short"], capture_output=True, text=True).stdout
    print("called with HEAD:", commit == head.strip(), "clean:", not status)
    print("in my project:", %r in os.getcwd())
    print("for the workspace", pathlib.Path(os.environ["FLIGHTS_WORKSPACE"]).name)
%s
"""


def with_training(pusher: Pusher, body: str = "    print('trained')", seams: str = SEAMS) -> str:
    """Commit a project whose `on_main` ends with `body`; return the commit."""
    pusher.write("code_under_test.py", CODE % (str(pusher.project), body))
    pusher.write("pyproject.toml", seams)
    pusher.write(".github/workflows/ci.yml", WORKFLOW.replace("-q", f"-c {os.devnull}"))
    return pusher.commit("with a trigger")


def to_main(pusher: Pusher) -> str:
    """Push HEAD to a branch and then to main; return what the second push said."""
    assert pusher.push("HEAD:refs/heads/work").returncode == 0
    pushed = pusher.push("HEAD:refs/heads/main")
    assert pushed.returncode == 0, pushed.stderr
    return pushed.stderr


def come_true(what: Callable[[], object], seconds: float = 20) -> bool:
    """Return whether something comes true in time."""
    until = time.monotonic() + seconds
    while not what() and time.monotonic() < until:
        time.sleep(0.05)
    return bool(what())


def lines(pusher: Pusher) -> list[str]:
    follow.wait_for_trainings(pusher.origin, lambda: None, seconds=30)
    return follow.describe_trainings(pusher.origin, lambda commit: commit[:10])


def test_the_function_is_called_from_a_clean_clone_of_the_commit(pusher: Pusher) -> None:
    commit = with_training(pusher)
    pusher.write("code_under_test.py", "what I have not committed")
    said = to_main(pusher)
    assert "code_under_test.on_main is called with " + commit[:10] in said
    assert "maturity trainings --wait" in said
    assert lines(pusher) == [f"done     {commit[:10]}", "         trained"]
    assert log_path(pusher.origin, commit).read_text(encoding="utf-8").splitlines() == [
        "called with HEAD: True clean: True",
        "in my project: False",
        f"for the workspace {pusher.origin.parent.name}",
        "trained",
    ]
    assert not follow.has_failed(pusher.origin, commit)
    (record,) = read_trainings(pusher.origin)
    assert (record.commit, record.exit_code) == (commit, 0)
    assert record.started_at < record.finished_at
    assert not list((pusher.origin / FOLDER).glob("*.pid"))


def test_the_push_does_not_wait_for_it(pusher: Pusher) -> None:
    commit = with_training(pusher, "    import time; time.sleep(600)")
    to_main(pusher)
    try:
        assert running(pusher.origin) == [commit]
        assert not follow.has_failed(pusher.origin, commit)
        assert follow.describe_trainings(pusher.origin, str)[0] == f"running  {commit}"
        with pytest.raises(KitError, match=f"{commit[:10]} still runs after 0 seconds"):
            follow.wait_for_trainings(pusher.origin, lambda: None, seconds=0.1)
    finally:
        end(pusher, commit)


def end(pusher: Pusher, commit: str) -> None:
    """Kill a training and all below it, as a machine does that goes down."""
    number = int((pusher.origin / FOLDER / f"{commit}.pid").read_text(encoding="utf-8"))
    for each in [*psutil.Process(number).children(recursive=True), psutil.Process(number)]:
        each.kill()
    assert come_true(lambda: not running(pusher.origin))


def test_a_killed_training_is_told_from_one_that_runs(pusher: Pusher) -> None:
    commit = with_training(pusher, "    print('half way', flush=True); import time; time.sleep(60)")
    to_main(pusher)
    log = log_path(pusher.origin, commit)
    assert come_true(lambda: "half way" in log.read_text(encoding="utf-8"))
    end(pusher, commit)
    told = lines(pusher)
    assert told[0] == f"KILLED   {commit[:10]}"
    assert told[-1].strip() == "half way"
    assert follow.has_failed(pusher.origin, commit)
    assert read_trainings(pusher.origin) == []


def test_a_training_that_is_asked_to_stop_takes_all_with_it_and_leaves_a_record(
    pusher: Pusher,
) -> None:
    body = "    subprocess.Popen(['sleep', '60']); print('half way', flush=True)\n"
    commit = with_training(pusher, body + "    import time; time.sleep(60)")
    to_main(pusher)
    assert come_true(lambda: "half way" in log_path(pusher.origin, commit).read_text("utf-8"))
    process = psutil.Process(
        int((pusher.origin / FOLDER / f"{commit}.pid").read_text(encoding="utf-8"))
    )
    family = process.children(recursive=True)
    assert len(family) == 2
    process.terminate()
    assert come_true(lambda: not any(each.is_running() for each in [process, *family]))
    assert lines(pusher)[0].startswith("FAILED")
    assert [record.exit_code for record in read_trainings(pusher.origin)] == [None]


@pytest.mark.parametrize(
    ("body", "code", "last"),
    [
        ("    raise ValueError('no data')", 1, "ValueError: no data"),
        ("    os._exit(7)", 7, "for the workspace"),
    ],
)
def test_a_failed_training_says_its_last_lines(
    pusher: Pusher, body: str, code: int, last: str
) -> None:
    commit = with_training(pusher, body)
    to_main(pusher)
    told = lines(pusher)
    assert told[0] == f"FAILED   {commit[:10]}"
    assert last in told[-1]
    assert follow.has_failed(pusher.origin, commit)
    assert [record.exit_code for record in read_trainings(pusher.origin)] == [code]


def test_a_killed_call_is_recorded_by_the_one_who_called(pusher: Pusher) -> None:
    with_training(pusher, f"    os.kill(os.getpid(), {signal.SIGKILL.value})")
    to_main(pusher)
    assert lines(pusher)[0].startswith("FAILED")
    assert [record.exit_code for record in read_trainings(pusher.origin)] == [-signal.SIGKILL]


@pytest.mark.parametrize(
    ("seams", "says"),
    [
        ("", ""),
        ('[tool.flights.seams]\non_main = ""\n', ""),
        ("[tool.flights", "pyproject.toml of "),
        ('[tool.flights.seams]\non_main = "os; rm"\n', "is not a module and a function"),
        ("[tool.flights.seams]\non_main = 3\n", "is not a module and a function"),
    ],
)
def test_without_a_name_nothing_starts_and_main_moves_all_the_same(
    pusher: Pusher, seams: str, says: str
) -> None:
    with_training(pusher, seams=seams)
    said = to_main(pusher)
    assert "is called" not in said
    assert says in said
    assert not (pusher.origin / FOLDER).exists()


def test_only_main_starts_one(pusher: Pusher) -> None:
    with_training(pusher)
    assert pusher.push("HEAD:refs/heads/work").returncode == 0
    assert not (pusher.origin / FOLDER).exists()


def test_the_commits_own_file_decides(pusher: Pusher) -> None:
    with_training(pusher, seams="")
    pusher.write("pyproject.toml", SEAMS)
    to_main(pusher)
    assert not (pusher.origin / FOLDER).exists()


def test_what_git_and_the_kit_have_set_does_not_reach_it(
    pusher: Pusher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATURITY_SOLVE", "1")
    monkeypatch.setenv("PYTHONPATH", str(pusher.project))
    commit = with_training(
        pusher,
        "    own = ('GIT_', 'MATURITY_', 'PYTHONPATH')\n"
        "    print('leaked:', [name for name in os.environ if name.startswith(own)])",
    )
    to_main(pusher)
    assert lines(pusher) == [f"done     {commit[:10]}", "         leaked: []"]


def test_a_foreign_record_and_a_foreign_pid_are_no_training(pusher: Pusher) -> None:
    folder = pusher.origin / FOLDER
    folder.mkdir()
    (folder / "one.json").write_text(json.dumps({"commit": "one"}), encoding="utf-8")
    (folder / "two.pid").write_text(str(os.getpid()), encoding="utf-8")
    (folder / "three.pid").write_text("nonsense", encoding="utf-8")
    (folder / "notes.log").write_text("mine", encoding="utf-8")
    (folder / "four.json").mkdir()
    hostile = {"commit": "--output=x", "on_main": "a.b", "exit_code": 0}
    hostile |= {"started_at": "2026-01-01T00:00:00Z", "finished_at": "2026-01-01T00:00:00Z"}
    (folder / "--output=x.json").write_text(json.dumps(hostile), encoding="utf-8")
    naive = hostile | {"commit": "a" * 40, "started_at": "2026-01-01T00:00:00"}
    (folder / f"{'a' * 40}.json").write_text(json.dumps(naive), encoding="utf-8")
    assert read_trainings(pusher.origin) == []
    assert running(pusher.origin) == []
    assert follow.describe_trainings(Path(pusher.origin), str) == []
    assert not follow.has_failed(Path(pusher.origin), "one")


def test_the_collectors_of_evidence_read_what_the_forge_has_written(pusher: Pusher) -> None:
    commit = with_training(pusher)
    to_main(pusher)
    lines(pusher)
    records = ci_records.read_records(pusher.origin / "ci", Repository(pusher.origin))
    assert records.faults == ()
    (record,) = read_records(pusher.origin)
    assert part_of(records.good[commit].model_dump(), record.model_dump())
    (training,) = read_trainings(pusher.origin)
    seen = training_records.read_training_record(pusher.origin / FOLDER, commit)
    assert seen is not None
    assert part_of(seen.model_dump(), training.model_dump())


def part_of(part: object, whole: object) -> bool:
    """Return whether all that `part` says stands in `whole`, at the same place."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(part_of(value, whole.get(name)) for name, value in part.items())
    return part == whole
