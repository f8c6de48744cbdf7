"""The learner's copies of the notebooks: renewed until edited, then left alone."""

import json

import pytest

from widgets.exercise.notebooks import renew_notebooks, sources_of, without_outputs


def book(*cells, outputs=()):
    made = [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "metadata": {},
            "source": text.splitlines(keepends=True),
            "outputs": list(outputs),
            "execution_count": 7,
        }
        for number, text in enumerate(cells)
    ]
    note = {"cell_type": "markdown", "id": "note", "metadata": {}, "source": ["A title é"]}
    return json.dumps({"cells": [note, *made], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


OUTPUT = {"output_type": "stream", "name": "stdout", "text": ["hello"]}


@pytest.fixture
def kit(course):
    course.write("notebooks/one.ipynb", book("print('hello')", outputs=[OUTPUT]))
    course.write("notebooks/data/glossary.md", "# Words\n")
    course.layout.notebooks.mkdir(parents=True)
    return course


def renew(kit):
    return renew_notebooks(kit.root / "notebooks", kit.layout)


def test_a_copy_has_no_outputs_and_the_same_cells(kit):
    assert renew(kit) == []
    copy = kit.layout.notebooks / "one.ipynb"
    cells = json.loads(copy.read_text("utf-8"))["cells"]
    assert cells[1]["outputs"] == [] and cells[1]["execution_count"] is None
    assert sources_of(copy) == "# A title é\n\nprint('hello')"


def test_what_is_no_notebook_comes_as_it_is(kit):
    renew(kit)
    assert (kit.layout.notebooks / "data" / "glossary.md").read_text("utf-8") == "# Words\n"


def test_an_unedited_copy_follows_the_kit(kit):
    renew(kit)
    kit.write("notebooks/one.ipynb", book("print('new')"))
    assert renew(kit) == []
    assert "new" in sources_of(kit.layout.notebooks / "one.ipynb")


def test_a_copy_that_was_only_run_counts_as_unedited(kit):
    renew(kit)
    (kit.layout.notebooks / "one.ipynb").write_text(book("print('hello')", outputs=[OUTPUT]))
    kit.write("notebooks/one.ipynb", book("print('new')"))
    assert renew(kit) == []
    assert "new" in sources_of(kit.layout.notebooks / "one.ipynb")


def test_an_edited_copy_stays_and_the_new_one_lies_beside_it(kit):
    renew(kit)
    mine = kit.layout.notebooks / "one.ipynb"
    mine.write_text(book("print('mine')"))
    kit.write("notebooks/one.ipynb", book("print('new')", outputs=[OUTPUT]))
    (said,) = renew(kit)
    assert "one.new.ipynb" in said and "yours stays" in said
    assert "mine" in sources_of(mine)
    beside = kit.layout.notebooks / "one.new.ipynb"
    assert "new" in sources_of(beside) and "hello" not in beside.read_text("utf-8")


def test_what_was_said_once_is_not_said_at_the_next_start(kit):
    renew(kit)
    (kit.layout.notebooks / "one.ipynb").write_text(book("print('mine')"))
    kit.write("notebooks/one.ipynb", book("print('new')"))
    assert renew(kit) and renew(kit) == []


def test_a_deleted_copy_comes_again(kit):
    renew(kit)
    (kit.layout.notebooks / "one.ipynb").unlink()
    renew(kit)
    assert (kit.layout.notebooks / "one.ipynb").exists()


@pytest.mark.parametrize("damage", ["", "[]", "{", "\x00"])
def test_a_damaged_note_of_what_was_delivered_overwrites_nothing(kit, damage):
    renew(kit)
    (kit.layout.notebooks / "one.ipynb").write_text(book("print('mine')"))
    (kit.layout.kit / "notebooks.json").write_text(damage)
    renew(kit)
    assert "mine" in sources_of(kit.layout.notebooks / "one.ipynb")


def test_a_notebook_that_is_no_json_is_compared_as_text(tmp_path):
    (tmp_path / "half.ipynb").write_text('{"cells": [')
    assert sources_of(tmp_path / "half.ipynb") == '{"cells": ['


def test_files_of_jupyter_itself_are_not_delivered(kit):
    kit.write("notebooks/.ipynb_checkpoints/one-checkpoint.ipynb", book("old"))
    renew(kit)
    assert not (kit.layout.notebooks / ".ipynb_checkpoints").exists()


def test_a_text_has_no_outputs_to_lose(tmp_path):
    (tmp_path / "a.md").write_text("é", encoding="utf-8")
    assert without_outputs(tmp_path / "a.md") == "é".encode()
