"""The command `maturity`: exit codes, answers for programs, and no stack trace for people."""

import json
import os
import re
import subprocess
import sys

import pytest

from widgets.base.errors import KitError
from widgets.cli import main
from widgets.exercise.definition import load_catalogue
from widgets.kit import Kit
from widgets.progress import Progress

MISUSE, NOT_YET, DONE = 2, 1, 0


@pytest.fixture
def root(tmp_path, monkeypatch):
    """Return the workspace that the command works in."""
    monkeypatch.setenv("MATURITY_WORKSPACE", str(tmp_path / "a workspace é"))
    return tmp_path / "a workspace é"


@pytest.fixture
def say(root, capsys):
    """Return a function that runs a command; it returns the exit code and what was printed."""

    def run(*words):
        code = main(words)
        return code, *capsys.readouterr()

    return run


def test_start_makes_the_workspace_and_says_where(say, root):
    code, out, err = say("start")
    assert (code, err) == (DONE, "")
    assert f"workspace: {root}" in out and "date in the world: 2013-03-01" in out
    assert (root / "notebooks" / "00_start_here.ipynb").is_file()
    assert {path.name for path in (root / "data").iterdir()} == {
        "2013-01.parquet",
        "2013-02.parquet",
    }


def test_status_of_a_fresh_workspace_lists_all_exercises_and_practices(say):
    code, out, _ = say("status")
    assert code == DONE
    assert out.count("open") == len(load_catalogue().exercises) and "1.2  Tests that bite" in out
    assert "Level 0 proved" in out


def test_status_for_a_program(say):
    code, out, _ = say("status", "--json")
    value = json.loads(out)
    assert code == DONE
    assert [each["id"] for each in value["exercises"]][:3] == ["0.1", "0.2", "0.3"]
    assert len(value["practices"]) == 19 and value["proved_level"] == 0


def test_a_check_says_not_yet_then_passed(say):
    code, out, _ = say("check", "0.2")
    assert code == NOT_YET
    assert "0.2 Which model is this?: not yet" in out and "✗ model.pkl" in out
    assert say("solve", "0.2")[0] == DONE
    code, out, _ = say("check", "0.2", "--json")
    (result,) = json.loads(out)
    assert code == DONE and result["passed"] and result["exercise"] == "0.2"
    assert {item["outcome"] for item in result["items"]} == {"passed"}
    code, out, _ = say("status", "--json")
    assert json.loads(out)["exercises"][1]["standing"] == "passed, with the kit's solution"


def test_solve_and_reset_say_what_they_replaced_and_where_the_copy_is(say, root):
    code, out, _ = say("solve", "0.2")
    assert code == DONE and "analysis/which_model.yaml: now the kit's solution" in out
    (root / "project" / "analysis" / "which_model.yaml").write_text("mine")
    code, out, _ = say("reset", "0.2", "--json")
    (copy,) = json.loads(out)["copies"]
    assert code == DONE and (root / copy).read_text() == "mine"
    assert "Nothing to do: it is as it came already." in say("reset", "0.2")[1]


def test_hints_come_one_after_the_other(say):
    assert [say("hint", "1.1")[1][:11] for _ in range(4)] == [
        "Hint 1 of 3",
        "Hint 2 of 3",
        "Hint 3 of 3",
        "Hint 3 of 3",
    ]
    assert json.loads(say("hint", "1.2", "--json")[1])["number"] == 1


def test_catching_up_to_the_first_exercise_is_nothing_to_do(say):
    assert say("catch-up", "0.1")[:2] == (DONE, "Nothing to do.\n")


def test_catching_up_solves_and_checks_what_comes_before(say, root):
    Progress(root / ".kit" / "progress.sqlite").record_check("0.1", True, 1.0, "learner")
    code, out, err = say("catch-up", "0.3")
    assert code == DONE and "0.2 Which model is this?: passed" in out and "0.1 Repro" not in out
    assert err == "  … solving 0.2\n"
    copy = re.search(r"^copy of yours: (.+)$", out, re.M)
    assert copy and (root / copy[1]).is_file(), "where the learner's own files are kept is said"


@pytest.mark.parametrize("verb", ["check", "hint", "solve", "reset", "catch-up"])
def test_an_unknown_exercise_is_misuse_and_changes_nothing(say, root, verb):
    code, out, err = say(verb, "7.7")
    assert (code, out) == (MISUSE, "")
    assert err.startswith("There is no exercise 7.7. There are: 0.1, ")
    assert not root.exists()


def test_a_fault_for_a_program_is_json_too(say):
    code, out, err = say("check", "7.7", "--json")
    assert (code, out) == (MISUSE, "")
    assert json.loads(err)["error"].startswith("There is no exercise 7.7.")


@pytest.mark.parametrize("words", [["frobnicate"], [], ["check"], ["solve", "0.1", "0.2"]])
def test_an_unknown_command_is_misuse(words, capsys):
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == MISUSE
    assert "usage: maturity" in capsys.readouterr().err


def test_the_clock_is_shown_and_moved_forward_only(say):
    assert say("clock")[1].startswith("date in the world: 2013-03-01")
    code, out, _ = say("clock", "--to", "2013-03-03", "--json")
    value = json.loads(out)
    assert code == DONE and value["today"] == "2013-03-03" and value["landed"]["2013-03"] > 500
    assert json.loads(say("clock", "--to", "2013-03-02", "--json")[1])["today"] == "2013-03-03"


@pytest.mark.parametrize("day", ["tomorrow", "2013-02-30", "2015-01-01"])
def test_a_day_that_the_world_does_not_have_is_misuse(say, day):
    code, out, err = say("clock", "--to", day)
    assert (code, out) == (MISUSE, "") and day in err and "Traceback" not in err


def test_a_fault_that_a_person_can_mend_prints_its_message_alone(say, monkeypatch):
    def fault(self):
        raise KitError("disk: it is full. Make room.")

    monkeypatch.setattr(Kit, "start", fault)
    assert say("start") == (MISUSE, "", "disk: it is full. Make room.\n")


def test_ctrl_c_is_said_and_not_yet(say, monkeypatch):
    def stop(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(Kit, "start", stop)
    assert say("start") == (NOT_YET, "", "Stopped.\n")


def test_a_folder_in_the_way_of_a_file_prints_no_stack_trace(say, root):
    say("start")
    (root / "project" / "analysis").write_text("a file where a folder is needed")
    code, _, err = say("solve", "0.2")
    assert code == MISUSE and "analysis" in err and "Traceback" not in err


def test_a_workspace_that_is_a_file_prints_no_stack_trace(say, root):
    root.write_text("a file")
    code, _, err = say("start")
    assert code == MISUSE and "MATURITY_WORKSPACE" in err


def test_the_installed_command_answers_in_a_console_without_unicode(root):
    words = [sys.executable, "-m", "widgets.cli", "status"]
    env = {"MATURITY_WORKSPACE": str(root), "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(words, env=env, capture_output=True, check=False)
    assert done.returncode == DONE, done.stderr.decode()
    assert b"Tests that bite" in done.stdout


def test_a_console_without_such_letters_still_tells_passed_from_failed(root):
    env = {"MATURITY_WORKSPACE": str(root), "PYTHONIOENCODING": "cp1252"}
    words = [sys.executable, "-m", "widgets.cli", "check", "0.2"]
    done = subprocess.run(words, env=env, capture_output=True, check=False)
    assert done.returncode == NOT_YET
    lines = [line[:5] for line in done.stdout.decode("cp1252").splitlines()]
    assert "  ok " in lines and "  no " in lines and "  ? " not in lines


@pytest.mark.skipif(os.name == "nt", reason="asks POSIX for it")
def test_a_reader_that_leaves_early_is_no_fault(root):
    words = [sys.executable, "-m", "widgets.cli", "status"]
    process = subprocess.Popen(
        words,
        env={"MATURITY_WORKSPACE": str(root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == DONE


@pytest.mark.parametrize("words", [["status"], ["hint", "0.1"], ["start"], ["reset", "0.2"]])
def test_a_damaged_progress_is_told_by_whatever_command_comes_first(say, root, words):
    say("start")
    (root / ".kit" / "progress.sqlite").write_bytes(b"not a database" * 500)
    code, out, err = say(*words)
    assert code == DONE and "The file with your progress was damaged" in out + err
    assert "was damaged" not in "".join(map(str, say(*words)))


def test_a_notebook_that_the_learner_edited_is_told_of_by_any_command(say, root):
    say("start")
    notebook = root / "notebooks" / "00_start_here.ipynb"
    notebook.write_text(notebook.read_text().replace("MLOps", "my own words"))
    delivered = root / ".kit" / "notebooks.json"
    delivered.write_text(delivered.read_text().replace("MLOps", "an older text"))
    code, out, err = say("reset", "0.2")
    assert code == DONE and "00_start_here.ipynb has changed in the kit" in err and out


def test_a_push_without_a_repository_names_the_exercise_that_makes_one(say):
    code, out, err = say("push", "2.1")
    assert (code, out) == (MISUSE, "")
    assert "not under version control" in err and "exercise 1.4" in err


def test_where_no_training_has_started_the_exercise_that_starts_them_is_named(say):
    assert say("trainings", "--wait") == (
        DONE,
        "Main has not started a training yet: exercise 2.5.\n",
        "",
    )
    code, out, _ = say("trainings", "--json")
    assert code == DONE and json.loads(out)["trainings"] == []


def test_nothing_is_shared_and_nothing_written_where_no_class_is_named(say, root, monkeypatch):
    monkeypatch.delenv("MATURITY_CLASSROOM", raising=False)
    code, out, err = say("share", "--name", "Learner 01", "--yes")
    assert code == MISUSE and out == "" and "MATURITY_CLASSROOM is not set" in err
    assert not root.exists()


def test_sharing_asks_shows_writes_and_can_be_taken_back(say, tmp_path, monkeypatch):
    room = tmp_path / "class"
    monkeypatch.setenv("MATURITY_CLASSROOM", str(room))
    assert "no such folder" in say("share", "--name", "Learner 01", "--yes")[2]
    room.mkdir()
    assert "What may your class call you?" in say("share", "--yes")[2]
    code, _, err = say("share", "--name", "Learner 01")  # a test has no keyboard
    assert code == MISUSE and "Nothing was shared" in err and list(room.iterdir()) == []
    code, out, _ = say("share", "--name", "Learner 01", "--yes")
    assert code == DONE and "'0.1': {state: open, tries: 0" in out
    assert say("share", "--yes")[0] == DONE  # the name is remembered, the file is the same one
    assert len(list(room.iterdir())) == 1
    code, out, _ = say("export", "--classroom", str(room))
    assert code == DONE and out.splitlines()[1].startswith("Learner 01,0,0,0")
    assert "Taken back" in say("share", "--withdraw")[1] and list(room.iterdir()) == []


def test_a_copied_workspace_is_warned_and_a_withdrawal_makes_a_new_key(say, tmp_path, monkeypatch):
    room = tmp_path / "class"
    room.mkdir()
    monkeypatch.setenv("MATURITY_CLASSROOM", str(room))
    assert "nobody has shared yet" in say("export", "--classroom", str(room))[2]
    assert "takes the place" not in say("share", "--name", "Ada", "--yes")[1]
    before = [path.name for path in room.iterdir()]
    assert (
        "takes the place of what this workspace has shared as Ada"
        in (say("share", "--name", "Bo", "--yes")[1])
    )
    say("share", "--withdraw")
    say("share", "--yes")
    (after,) = room.iterdir()
    assert after.name not in before


@pytest.mark.parametrize(("typed", "shared"), [("yes", 1), ("Yes ", 1), ("y", 0), ("no", 0)])
def test_only_a_yes_that_is_typed_shares(say, tmp_path, monkeypatch, typed, shared):
    room = tmp_path / "class"
    room.mkdir()
    monkeypatch.setenv("MATURITY_CLASSROOM", str(room))
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: typed)
    code, out, err = say("share", "--name", "Learner 01")
    assert "This would go to" in err
    assert len(list(room.iterdir())) == shared
    assert (code == DONE) is bool(shared) and ("Nothing was shared" in out) is not bool(shared)


def test_a_gradebook_of_ones_own(say, root, tmp_path):
    Progress(root / ".kit" / "progress.sqlite").record_check("0.1", True, 1.0, "learner")
    code, out, _ = say("export", "--csv", str(tmp_path / "book.csv"))
    assert code == DONE and "1 learner" in out
    lines = (tmp_path / "book.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("learner,0.1 Reproduce the number,") and lines[1].startswith("me,1,")
