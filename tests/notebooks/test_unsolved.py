"""A learner who has solved nothing can run every notebook from top to bottom."""

import nbformat
import pytest

pytestmark = pytest.mark.slow


def outputs(book: nbformat.NotebookNode) -> list[tuple[str, nbformat.NotebookNode]]:
    return [
        (cell.id, output)
        for cell in book.cells
        if cell.cell_type == "code"
        for output in cell.outputs
    ]


def text_of(book: nbformat.NotebookNode, cell_id: str) -> str:
    return "\n".join(
        output.get("text") or output.get("data", {}).get("text/plain", "")
        for name, output in outputs(book)
        if name == cell_id
    )


def test_no_notebook_stops_or_warns(unsolved):
    complain_of(unsolved)


@pytest.mark.soak
def test_no_later_notebook_stops_or_warns(later_unsolved):
    complain_of(later_unsolved)


def complain_of(books: dict[str, nbformat.NotebookNode]) -> None:
    for name, book in books.items():
        for cell, output in outputs(book):
            where = f"{name}, cell {cell}"
            assert output.output_type != "error", f"{where}: {output.get('evalue')}"
            assert output.get("name") != "stderr", f"{where}: {output.get('text')}"


def test_what_is_not_done_yet_names_its_exercise(unsolved):
    level_1 = unsolved["level_1_devops_but_no_mlops"]
    assert "Exercise 1.1 is still open" in text_of(level_1, "l1-ex1-try")
    assert "exercise 1.4" in text_of(level_1, "l1-ex4-records")
    assert "exercise 1.4" in text_of(level_1, "l1-again-run")


def test_the_incident_of_level_0_really_fails(unsolved):
    book = unsolved["level_0_no_mlops"]
    assert text_of(book, "l0-incident-run").startswith("NameError")
    assert "no answer" in text_of(book, "l0-again-run")


def test_the_incident_of_level_1_is_green_and_wrong(unsolved):
    book = unsolved["level_1_devops_but_no_mlops"]
    assert text_of(book, "l1-incident-run").count("exit code 0") == 2
    assert "got no answer" in text_of(book, "l1-incident-lost")


def test_looking_proves_nothing(unsolved):
    text = text_of(unsolved["level_1_devops_but_no_mlops"], "l1-evidence-table")
    assert "proved:" not in text
    assert "Proved: Level 0" in text
