"""The notebooks read well: short cells, predictions, pictures, links that lead somewhere."""

import re
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")


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


def test_links_lead_somewhere(stored):
    for text in texts(stored):
        for link in LINK.findall(text):
            if not link.startswith("http"):
                assert (NOTEBOOKS / link).exists(), link


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
