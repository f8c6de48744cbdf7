"""The notebooks read well: short cells, headings in order, something for each widget."""

import re
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
# What shows a widget, and what a reader without a kernel sees in its place.
WIDGET = re.compile(r"^course\.(\w+)\(.*\)$", re.M)
IN_ITS_PLACE = {
    "diagram": "image/svg+xml",
    "exercise": "text/plain",
    "preview": "text/plain",
    "quiz": "text/plain",
    "clock": "text/plain",
    "evidence": "text/html",
    "questionnaire": "text/plain",
    "mlflow": "text/plain",
    "server": "text/plain",
    "dashboard": "image/png",
    "dashboard_figure": "image/png",
    "summer_figure": "image/png",
    "year_figure": "image/png",
    "climb": "image/png",
}


def code(book: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in book.cells if cell.cell_type == "code"]


def texts(book: nbformat.NotebookNode) -> list[str]:
    return [cell.source for cell in book.cells if cell.cell_type == "markdown"]


def test_a_title_what_one_can_do_at_the_end_and_how_long_it_takes(stored):
    first = texts(stored)[0]
    assert first.startswith("# ")
    assert "**At the end you can**" in first
    assert re.search(r"\*About .*(min|h)", first)


def test_cells_are_short_and_none_only_imports(stored):
    for cell in code(stored):
        lines = [line for line in cell.source.splitlines() if line.strip()]
        assert len(lines) <= 10, f"{cell.id} has {len(lines)} lines"
        assert not all(line.startswith(("import ", "from ")) for line in lines), cell.id


def test_paragraphs_are_short(stored):
    for text in texts(stored):
        for paragraph in text.split("\n\n"):
            if not paragraph.lstrip().startswith(("|", "- ", "```", "#")):
                assert len(paragraph) < 460, paragraph


def test_the_learner_predicts_at_least_twice(stored):
    assert sum(text.count("**Predict:**") for text in texts(stored)) >= 2


def test_every_code_cell_has_its_outputs_stored(stored):
    assert [cell.execution_count for cell in code(stored)] == list(range(1, len(code(stored)) + 1))


def test_outputs_show_no_place_of_one_machine_no_warning_and_no_widget_without_a_picture(stored):
    for cell in code(stored):
        for output in cell.outputs:
            assert output.output_type != "error", cell.id
            assert output.get("name") != "stderr", cell.id
            data = output.get("data", {})
            assert "application/vnd.jupyter.widget-view+json" not in data, cell.id
            said = str(output.get("text", "")) + data.get("text/plain", "")
            assert not re.search(r"/(home|tmp|Users|root|work)/", said), cell.id
    assert "widgets" not in stored.metadata


def shown(book: nbformat.NotebookNode) -> list[tuple[str, dict[str, str]]]:
    """Return each output that shows something, with the cell in which it stands."""
    return [(cell.id, out.data) for cell in code(book) for out in cell.outputs if "data" in out]


def test_headings_are_in_order(stored):
    prose = re.sub(r"^```.*?^```", "", "\n\n".join(texts(stored)), flags=re.S | re.M)
    depths = [len(signs) for signs in re.findall(r"^(#+) ", prose, re.M)]
    assert depths[0] == 1 and depths.count(1) == 1
    for above, depth in pairwise(depths):
        assert depth <= above + 1


def test_every_widget_leaves_something_to_read(stored):
    for cell in code(stored):
        last = cell.source.strip().splitlines()[-1]
        name = next(iter(WIDGET.findall(last)), None)
        if name not in IN_ITS_PLACE:
            continue
        data = [each for cell_id, each in shown(stored) if cell_id == cell.id][-1]
        assert data.get(IN_ITS_PLACE[name]), f"{cell.id}: nothing in the place of course.{name}"
        assert len(data["text/plain"]) > 20 and "object at 0x" not in data["text/plain"], cell.id


def test_tables_have_headers_and_drawings_say_what_they_are(stored):
    for text in texts(stored):
        assert "![](" not in text, text
    for cell, data in shown(stored):
        for table in re.findall(r"<table.*?</table>", data.get("text/html", ""), re.S):
            assert "<th" in table, cell
        if drawing := data.get("image/svg+xml"):
            (root,) = re.findall(r"^<svg [^>]*>", drawing)
            assert re.search(r'role="(img|group)" aria-label="[^"]{20,}"', root), cell


@pytest.mark.slow
def test_it_reads_as_a_page_without_a_kernel(stored):
    page, _ = HTMLExporter().from_notebook_node(stored)
    assert "model not found" not in page.lower()
    assert "<svg" in page or "image/svg+xml" in page
    assert "Quiz:" in page


def test_every_word_of_the_glossary_stands_where_it_says():
    rows = re.findall(
        r"^\| (\*\*.+?) \| .* \| \[.*?\]\((.*?)\) \|$",
        (NOTEBOOKS / "glossary.md").read_text(encoding="utf-8"),
        re.M,
    )
    assert len(rows) > 30
    words = [re.findall(r"\*\*(.+?)\*\*", row[0])[0] for row in rows]
    assert words == sorted(words, key=str.lower)
    for word, (_, notebook) in zip(words, rows, strict=True):
        book = nbformat.read(NOTEBOOKS / notebook, as_version=4)
        assert re.search(rf"\b{re.escape(word)}", "\n".join(texts(book)), re.I), (word, notebook)
