"""The panel's model without a browser: what it shows after each verb, and that clicks are safe."""

import textwrap
import threading

import pytest

from widgets.base.paths import Layout
from widgets.exercise.checker import Checker
from widgets.exercise.definition import read_catalogue
from widgets.exercise.panel import ExercisePanel
from widgets.exercise.verbs import Verbs
from widgets.exercise.workspace import Workspace
from widgets.progress import Progress

EXERCISE = """
level: 1
exercises:
  - id: "1.1"
    title: Count to two
    goal: Write `two`.
    why: To see it checked.
    files: [flights/two.py]
    minutes: 5
    budget: 1
    limit: 30
    hints: [Think, Look at flights/two.py, Return 2]
"""
CHECK = '''
def test_file():
    """The file can be read."""
    import flights.two

def test_two(say):
    """`two()` returns 2."""
    import time
    from flights.two import two
    say("calling two")
    if two() is None:
        time.sleep(20)
    assert two() == 2, f"Found {two()}, expected 2. Look at flights/two.py."
'''
STARTER = "def two():\n    return 1\n"
SOLUTION = "def two():\n    return 2\n"


@pytest.fixture(scope="module")
def kit(tmp_path_factory):
    root = tmp_path_factory.mktemp("kit")
    files = {
        "exercises/level_1/exercises.yaml": EXERCISE,
        "exercises/level_1/checks/check_1_1.py": CHECK,
        "exercises/level_1/starter/flights/two.py": STARTER,
        "solutions/level_1/flights/two.py": SOLUTION,
        "solutions/level_1/play/play_1_1.py": '"""Counts to two.\n\nIn earnest."""\n',
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(textwrap.dedent(text), encoding="utf-8")
    return read_catalogue(root)


@pytest.fixture
def verbs(kit, tmp_path):
    layout = Layout(tmp_path / "a work space")
    checker = Checker(layout, kit)
    workspace = Workspace(layout, kit, provide=lambda thing: None)
    yield Verbs(layout, kit, Progress(layout.progress), workspace, checker)
    checker.close()


@pytest.fixture
def panel(verbs):
    return ExercisePanel(verbs.catalogue.exercise("1.1"), verbs)


def write(verbs, text):
    (verbs.layout.project / "flights/two.py").write_text(text, encoding="utf-8")


def do(panel, verb):
    panel.do(verb, "view")
    panel.wait(60)


def test_showing_the_panel_brings_the_files(panel, verbs):
    assert (verbs.layout.project / "flights/two.py").read_text() == STARTER
    assert [file["kind"] for file in panel.files] == ["file"]
    first, *rest = panel.text().splitlines()
    assert first == f"Exercise 1.1 · Count to two · {panel.state}"
    assert rest == ["Write `two`.", "Why: To see it checked.", "Files: flights/two.py"]


def test_a_check_shows_each_requirement_and_the_message(panel, verbs):
    changes = []
    panel._on_change = lambda: changes.append(panel.result["passed"])
    assert panel.facts["asks"] == ["The file can be read.", "`two()` returns 2."]
    do(panel, "check")
    assert [item["requirement"] for item in panel.result["items"]] == panel.facts["asks"]
    assert [item["outcome"] for item in panel.result["items"]] == ["passed", "failed"]
    assert panel.result["items"][1]["message"].startswith("Found 1, expected 2.")
    assert panel.announcement.startswith("Exercise 1.1: not yet. 1 of 2 requirements met.")
    assert panel.text().splitlines()[0].endswith("· not yet")

    write(verbs, SOLUTION)
    do(panel, "check")
    assert panel.result["passed"], panel.result
    assert panel.text().splitlines()[0] == "Exercise 1.1 · Count to two · passed"
    assert changes == [False, True]
    assert not panel.busy


def test_the_last_result_is_there_when_the_notebook_is_opened_again(panel, verbs):
    do(panel, "check")
    again = ExercisePanel(verbs.catalogue.exercise("1.1"), verbs)
    assert again.result["passed"] is False
    assert again.result["at"] == panel.result["at"]
    assert again.result["items"] == panel.result["items"] != [], "what was found is still to read"
    verbs.progress.record_check("1.1", True, 1.0, "learner")  # on the command line, later
    assert ExercisePanel(verbs.catalogue.exercise("1.1"), verbs).result is None


def test_a_reset_elsewhere_forgets_what_the_last_check_found(panel, verbs):
    do(panel, "check")
    exercise = verbs.catalogue.exercise("1.1")
    verbs.reset(exercise)  # on the command line
    verbs.progress.record_check("1.1", False, 1.0, "learner")  # as many attempts as before
    assert ExercisePanel(exercise, verbs).result is None


@pytest.mark.parametrize("items", [None, 5, "abc", {}, [1], [None], [{}], [{"outcome": "odd"}]])
def test_a_damaged_note_shows_no_items(panel, verbs, items):
    note = {"passed": False, "at": "x", "attempts": 0, "items": items}
    verbs.progress.set_note("last check 1.1", note)
    assert ExercisePanel(verbs.catalogue.exercise("1.1"), verbs).result["items"] == []


def test_a_double_click_starts_one_check(panel, verbs):
    for _ in range(5):
        panel.do("check")
    panel.wait(60)
    assert verbs.progress.attempts("1.1") == 1


def test_a_running_check_says_what_it_does_and_can_be_cancelled(panel, verbs):
    write(verbs, "def two():\n    return None\n")
    speaks = threading.Event()
    seen = []

    def look(change):
        seen.append(change["new"])
        if change["new"] and change["new"]["said"]:
            speaks.set()

    panel.observe(look, "run")
    panel.do("check")
    assert speaks.wait(30)
    panel.do("cancel")
    panel.wait(10)
    assert seen[-2]["requirement"] == "`two()` returns 2."
    assert (seen[-2]["number"], seen[-2]["total"]) == (2, 2)
    assert panel.run is None and not panel.busy and panel.result is None
    assert panel.notice["text"] == "The check was stopped. Nothing was recorded."
    assert verbs.progress.attempts("1.1") == 0


def test_hints_come_one_by_one_and_stay(panel, verbs):
    assert panel.hints == []
    do(panel, "hint")
    do(panel, "hint")
    assert panel.hints == ["Think", "Look at flights/two.py"]
    assert ExercisePanel(verbs.catalogue.exercise("1.1"), verbs).hints == panel.hints


def test_the_solution_is_sent_only_when_it_is_asked_for(panel):
    assert "return 2" not in str(panel.get_state())
    do(panel, "show")
    assert "return 2" in panel.solution[0]["text"]
    assert "+    return 2" in panel.solution[0]["difference"]
    assert panel.solution_seen


def test_use_and_reset_say_where_the_copy_lies_and_which_files_to_reload(panel, verbs, monkeypatch):
    sent = []
    monkeypatch.setattr(panel, "send", sent.append)
    file = verbs.layout.project / "flights/two.py"
    write(verbs, "mine = 1\n")
    do(panel, "use")
    assert file.read_text() == SOLUTION
    copy = verbs.layout.root / panel.notice["text"].splitlines()[-1].strip()
    assert copy.read_text() == "mine = 1\n"
    assert sent == [{"kind": "written", "files": [file.as_posix()], "from": "view"}]

    do(panel, "check")
    assert panel.text().splitlines()[0].endswith("passed, with the kit's solution")
    do(panel, "reset")
    assert file.read_text() == STARTER
    assert panel.result is None
    assert not panel.text().endswith("solution")


def test_while_the_solution_is_laid_out_it_says_what_it_does(panel):
    runs = []
    panel.observe(lambda change: runs.append(change["new"]), "run")
    do(panel, "use")
    assert [run["said"] for run in runs if run] == [["Counts to two."]]
    assert panel.run is None


def test_a_fault_of_the_kit_is_said_and_the_panel_stays_usable(panel):
    def fail():
        raise RuntimeError("no diagram")

    panel._on_change = fail
    do(panel, "check")
    assert panel.notice["kind"] == "problem"
    assert "no diagram" in panel.notice["text"]
    assert not panel.busy
