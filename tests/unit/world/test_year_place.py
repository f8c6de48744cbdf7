"""The year's place and its command: main as it is, or a word about what is missing there."""

import json
from datetime import date
from functools import partial

import pytest

from widgets import cli, kit
from widgets.base.errors import KitError
from widgets.services.server import ModelServer
from widgets.world import World
from widgets.world.year import Year
from widgets.world.year_place import main_commit, make_place, move_aside

FIRST = date(2013, 4, 1)


@pytest.fixture
def place(year):
    """Return a function that makes the place of a year anew."""
    stores = []

    def make():
        make_place(year, main_commit(year), FIRST, stores.append, lambda line: None)
        assert stores[-1] == year.year
        return year.year

    return make


@pytest.fixture
def say(layout, monkeypatch, capsys):
    """Return a function that runs the command in the workspace, for a year of one day."""
    monkeypatch.setenv("MATURITY_WORKSPACE", str(layout.root))
    monkeypatch.setattr(kit, "Year", partial(Year, first=FIRST, last=FIRST))

    def run(*words):
        code = cli.main(["year", *words])
        return code, *capsys.readouterr()

    return run


def test_the_place_has_main_the_first_quarter_and_a_model_in_service(place, year):
    made = place()
    assert (made.project / "flights" / "loop.py").is_file() and (made.project / ".git").is_dir()
    assert str(World(made).today) == "2013-04-01" and not made.outcomes.exists()
    assert json.loads(made.events_log.read_text())["cause"] == "['2013-01', '2013-02', '2013-03']"
    assert "trained on" in (made.logs / "pipeline.log").read_text()
    assert not year.data.exists() and not year.serving.exists()


def test_a_half_made_place_is_made_anew(place, year, change_main):
    made = place()
    (made.project / "flights" / "pipeline.py").write_text("1 / 0")
    (made.serving / "model.json").unlink()
    change_main(lambda work: (work / "new.txt").touch())
    assert place() == made
    assert (made.serving / "model.json").exists() and (made.project / "new.txt").exists()


def test_a_setting_of_git_in_the_environment_leads_nowhere_else(place, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path))
    assert (place().project / "flights").is_dir()


def test_a_pipeline_that_fails_is_told_with_its_last_words(place, change_main):
    change_main(lambda work: (work / "flights" / "pipeline.py").write_text("1 / 0"))
    with pytest.raises(KitError, match=r"(?s)flights.pipeline` failed .*ZeroDivisionError.*All: "):
        place()


def test_a_second_year_leaves_one_old_one(layout):
    for number in (1, 2, 3):
        layout.year.root.mkdir(parents=True)
        (layout.year.root / "number").write_text(str(number))
        move_aside(layout.year)
    move_aside(layout.year)
    assert (layout.root / "year.old" / "number").read_text() == "3"
    assert not layout.year.root.exists()


def test_without_an_origin_or_a_main_exercise_1_4_is_named(say, layout, year_origin):
    code, out, err = say()
    assert (code, out) == (2, "") and "no origin: exercise 1.4" in err
    (layout.origin / "refs").mkdir(parents=True)
    (layout.origin / "objects").mkdir()
    (layout.origin / "HEAD").write_text("ref: refs/heads/main\n")
    code, _, err = say("--again")
    assert code == 2 and "nothing was pushed to it: exercise 1.4" in err
    assert not layout.year.root.exists()


@pytest.mark.parametrize(
    ("name", "exercise"), [("serve", "3.2"), ("loop", "4.3"), ("policies", "4.6")]
)
def test_what_is_missing_at_main_is_named_with_its_exercise(say, year, change_main, name, exercise):
    change_main(lambda work: (work / "flights" / f"{name}.py").unlink())
    code, _, err = say()
    assert code == 2 and f"flights/{name}.py is not at main. Exercise {exercise}" in err


def test_a_teams_server_is_not_used_for_the_year(say, year, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    assert "MLFLOW_TRACKING_URI" in say()[2]
    assert not year.year.root.exists()


@pytest.mark.slow
def test_without_a_champion_it_says_so_and_the_next_call_begins_anew(say, year, change_main):
    kept = (year.origin / ".." / "pipeline.txt").resolve()

    def break_it(work):
        (work / "flights" / "pipeline.py").rename(kept)
        (work / "flights" / "pipeline.py").write_text("print('gate: no')")

    change_main(break_it)
    code, _, err = say()
    assert code == 2 and "The year's server has no model" in err and "3.1 and 3.3" in err
    assert not ModelServer(year.year).status().running
    change_main(lambda work: kept.replace(work / "flights" / "pipeline.py"))
    assert say()[0] == 0


@pytest.mark.slow
def test_the_command_tells_what_happens_and_what_came_of_it(say, year, change_main):
    code, out, err = say()
    assert code == 0 and out.startswith("The year is over: 7 requests, 0 failed, in ")
    assert "  untouched    log loss 0.5545, 0 trainings\n" in out
    assert "flights.pipeline\n" in err and "\x1b" not in err  # no bar where nobody looks on
    change_main(lambda work: (work / "new.txt").touch())
    value = json.loads(say("--json")[1])
    assert (value["state"], value["requests"]) == ("done", 7)
    state = year.year.root / "year.json"
    state.write_text(state.read_text().replace("done", "running"))
    code, _, err = say()
    assert code == 0 and f"stays at {value['commit'][:10]}" in err
    state.write_text("{")
    assert "is damaged" in say()[2] and say("--again", "--json")[2] == ""
    assert (year.year.project / "new.txt").exists()
