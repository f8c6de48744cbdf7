"""A workspace that was moved to another folder, and one that an older kit has laid out."""

import json
import shutil

import pytest

from tests.faults.conftest import in_order
from widgets.base.paths import Layout
from widgets.exercise.notebooks import sources_of

pytestmark = pytest.mark.slow


def test_a_workspace_goes_on_in_another_folder(begun, new_kernel, tmp_path):
    layout, kernel = begun, new_kernel()
    kernel.do("answer")
    kernel.do("nights 2")
    kernel.do("solve 1.1")
    assert kernel.do("check 1.1")[0] is True
    kernel.kill()
    moved = Layout(tmp_path / "elsewhere" / "mein Ordner ß")
    moved.root.parent.mkdir()
    shutil.move(layout.root, moved.root)

    again = new_kernel(moved.root)
    assert again.do("start") == []
    assert again.do("nights 0") == "2013-03-03"
    assert again.do("answer") == 2
    assert again.do("standing 1.1") == "passed, with the kit's solution"
    assert again.do("reset 1.1") == 2
    assert again.do("check 1.1")[0] is False
    in_order(moved)
    assert not layout.root.exists(), "nothing was made in the old place"


def test_a_workspace_of_an_older_kit_is_renewed_and_edits_are_kept(begun, new_kernel):
    """An unedited notebook follows the kit; an edited one stays, the new one beside it."""
    layout, kernel = begun, new_kernel()
    noted = layout.kit / "notebooks.json"
    delivered = json.loads(noted.read_text(encoding="utf-8"))
    untouched, edited = sorted(name for name in delivered if name.endswith(".ipynb"))[:2]
    for name in (untouched, edited):
        file = layout.notebooks / name
        book = json.loads(file.read_text(encoding="utf-8"))
        book["cells"] = book["cells"][:2]  # what an older kit has delivered
        file.write_text(json.dumps(book), encoding="utf-8")
        delivered[name] = sources_of(file)
    noted.write_text(json.dumps(delivered), encoding="utf-8")
    file = layout.notebooks / edited
    book = json.loads(file.read_text(encoding="utf-8"))
    book["cells"][0]["source"] = ["# my own words"]
    file.write_text(json.dumps(book), encoding="utf-8")

    news = kernel.do("start")
    assert len(news) == 1 and edited in news[0] and "yours stays" in news[0]
    assert "my own words" in file.read_text(encoding="utf-8")
    assert len(json.loads(file.with_suffix(".new.ipynb").read_text("utf-8"))["cells"]) > 2
    renewed = json.loads((layout.notebooks / untouched).read_text(encoding="utf-8"))
    assert len(renewed["cells"]) > 2
    assert kernel.do("start") == [], "it is said once"


def test_a_workspace_that_was_deleted_under_a_running_kernel_is_made_anew(begun, new_kernel):
    layout, kernel = begun, new_kernel()
    assert kernel.do("check 1.1")[0] is False
    shutil.rmtree(layout.root)
    first = kernel.do("check 1.1")
    assert first[0] is False and "fault of the kit" not in first[1], first
    kernel.do("solve 1.1")
    assert kernel.do("check 1.1")[0] is True
    in_order(layout)
