"""The class's folder: what is shared comes back, and what is hostile is named and left out."""

import json
import os
import threading
from datetime import date

import pytest

from widgets.base.errors import KitError
from widgets.classroom import Shared, collect, read_classroom, share, withdraw
from widgets.exercise.definition import load_catalogue
from widgets.progress import Progress

KEY = "0123456789abcdef"


@pytest.fixture
def progress(tmp_path):
    """Return the progress of somebody who has passed one exercise and is at the next."""
    made = Progress(tmp_path / "progress.sqlite")
    made.record_check("0.1", False, 1.0, "learner")
    made.record_check("0.1", True, 1.0, "learner")
    made.record_hint("0.1", 2)
    made.record_check("0.2", False, 1.0, "learner")
    made.record_check("0.3", True, 1.0, "kit")
    made.record_solution("0.3", "used")
    made.record_answer("level_0", "a-question", "a secret answer", False)
    made.record_answer("level_0", "a-question", "a secret answer", True)
    return made


@pytest.fixture
def shared(progress):
    return collect("Learner 01", load_catalogue(), progress, {})


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "the class é"
    made.mkdir()
    return made


def test_what_is_collected_is_what_was_done(shared):
    first, second, third = (shared.exercises[name] for name in ("0.1", "0.2", "0.3"))
    assert (first.state, first.tries, first.failed, first.hints) == ("passed", 2, 1, 2)
    assert (second.state, second.solution) == ("not yet", "not seen")
    assert (third.state, third.solution) == ("passed, with the kit's solution", "used")
    assert shared.exercises["4.6"].state == "open" and shared.exercises["4.6"].last is None
    assert shared.quizzes["level_0"]["a-question"].model_dump() == {"right": True, "tries": 2}


def test_no_answer_no_path_and_no_hour_leaves(shared, progress):
    text = shared.model_dump_json()
    assert "secret" not in text and str(progress.path.parent) not in text
    assert ":" not in text.replace('":', "").replace("{", "")  # no time of day
    assert type(shared.exercises["0.1"].last) is date


def test_what_a_person_is_shown_is_everything_that_is_written(shared, folder):
    path = share(folder, KEY, shared)
    shown = "\n".join(shared.words())

    def leaves(value):
        if isinstance(value, dict):
            for key, inner in value.items():
                yield str(key)
                yield from leaves(inner)
        elif isinstance(value, str):
            yield value.replace("'", "''") if "'" in value else value

    for word in leaves(json.loads(path.read_text(encoding="utf-8"))):
        assert word in shown or word.replace("''", "'") in shown


def test_what_is_shared_is_read_again_and_can_be_taken_back(shared, folder):
    share(folder, KEY, shared)
    assert read_classroom(folder).learners == (shared,)
    assert withdraw(folder, KEY) and not withdraw(folder, KEY)
    assert list(folder.iterdir()) == []


def test_many_at_once_leave_whole_files_and_no_draft(shared, folder):
    def work(number):
        named = shared.model_copy(update={"name": f"Learner {number % 4:02}"})
        for _ in range(10):
            share(folder, f"{number % 4:016x}", named)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(30):
        assert read_classroom(folder).problems == ()
    for thread in threads:
        thread.join()
    assert [one.name for one in read_classroom(folder).learners] == [
        f"Learner {number:02}" for number in range(4)
    ]
    assert len(list(folder.iterdir())) == 4


@pytest.mark.parametrize("key", ["../../etc/passwd", "..", "", "0123456789ABCDEF", f"{KEY}/x"])
def test_a_key_cannot_climb_out(shared, folder, key):
    with pytest.raises(KitError, match="no key"):
        share(folder, key, shared)
    assert list(folder.parent.rglob("*.json")) == []


@pytest.mark.parametrize(
    "name",
    ["=1+1", "-x", "@x", "../x", "a/b", "<b>x", "a$b$", "", "  ", "x" * 41, "a\nb", "a\u202eb"],
)
def test_a_name_that_would_harm_a_table_a_page_or_a_disk_is_refused(progress, name):
    with pytest.raises(ValueError, match="a name has"):
        collect(name, load_catalogue(), progress, {})


@pytest.mark.parametrize(
    "name", ["Ada", "O'Brien-Smith", "Łukasz 3", "हिन्दी", "王小明", "J. R.", "j_s@x.org"]
)
def test_names_of_people_are_taken(progress, name):
    assert collect(f" {name} ", load_catalogue(), progress, {}).name == name


def test_a_folder_that_is_not_there_is_not_made(shared, tmp_path):
    with pytest.raises(KitError, match="no such folder"):
        share(tmp_path / "typo", KEY, shared)
    assert not (tmp_path / "typo").exists()


def test_a_folder_that_may_not_be_written_or_listed_says_who_mends_it(shared, folder, monkeypatch):
    # Root may write everywhere, so the refusal is the operating system's by proxy.
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("widgets.classroom.folder.write_atomic", refuse)
    monkeypatch.setattr(type(folder), "iterdir", refuse)
    with pytest.raises(KitError, match=r"you may not write there.*chmod 1733"):
        share(folder, KEY, shared)
    with pytest.raises(KitError, match="only its owner may list it"):
        read_classroom(folder)


def test_a_hostile_file_is_named_and_never_stops_the_class(shared, folder):
    share(folder, KEY, shared)
    good = shared.model_dump(mode="json")
    bad = {
        "1" * 16: b"\xff\xfe not text",
        "2" * 16: b"[" * 100_000,
        "3" * 16: b" " * 300_000,
        "4" * 16: json.dumps(good | {"name": "=cmd|x"}).encode(),
        "5" * 16: json.dumps(good | {"format": 2}).encode(),
        "6" * 16: json.dumps(good | {"home": "/root"}).encode(),
        "7" * 16: b"",
        "8" * 16: json.dumps(good | {"exercises": {"<script>": 1}}).encode(),
        "9" * 16: b'{"format": ' + b"1" * 9_000 + b"}",
        "notes": b"{}",
    }
    for name, data in bad.items():
        (folder / f"{name}.json").write_bytes(data)
    (folder / f"{'a' * 16}.json").mkdir()
    room = read_classroom(folder)
    assert room.learners == (shared,)
    assert [line.split(".json")[0] for line in room.problems] == sorted([*bad, "a" * 16])
    assert not any("script>" in line and "<" in line.split(":")[0] for line in room.problems)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes and links of POSIX")
def test_neither_a_pipe_nor_a_link_is_followed(shared, folder, tmp_path):
    secret = tmp_path / "secret.json"
    secret.write_text(shared.model_dump_json(), encoding="utf-8")
    (folder / f"{'1' * 16}.json").symlink_to(secret)
    (folder / f"{'2' * 16}.json").symlink_to("/dev/zero")
    os.mkfifo(folder / f"{'3' * 16}.json")
    room = read_classroom(folder)
    assert room.learners == () and len(room.problems) == 3


def test_a_link_in_the_way_is_replaced_and_its_target_left(shared, folder, tmp_path):
    target = tmp_path / "target"
    target.write_text("mine", encoding="utf-8")
    try:
        (folder / f"{KEY}.json").symlink_to(target)
    except OSError:
        pytest.skip("no links here")
    share(folder, KEY, shared)
    assert target.read_text(encoding="utf-8") == "mine"
    assert read_classroom(folder).learners == (shared,)


def test_two_of_one_name_are_both_shown_and_said(shared, folder):
    share(folder, "1" * 16, shared)
    share(folder, "2" * 16, shared)
    room = read_classroom(folder)
    assert len(room.learners) == 2 and "2 files say they are Learner 01" in room.problems[0]


def test_a_shared_file_is_small(shared):
    full = {f"question-{n}": {"right": True, "tries": 3} for n in range(12)}
    quizzes = {f"level_{n}": full for n in range(6)}
    whole = Shared.model_validate(shared.model_dump() | {"quizzes": quizzes})
    assert len(whole.model_dump_json(indent=1)) < 20_000
