"""Runs the learner's repaired notebook twice, each time in a new kernel, and prints its answers.

Called as ``replay.py SCRATCH WORKSPACE FLIGHTS``.
"""

import re
import shutil
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

ANSWER = re.compile(r"^answer: .*$", re.M)


def answer(notebook: Path) -> str:
    """Return the line with the answer that `notebook` prints, or what stopped it."""
    book = nbformat.read(notebook, as_version=4)
    try:
        NotebookClient(book, resources={"metadata": {"path": str(notebook.parent)}}).execute()
    except CellExecutionError as error:
        return f"no answer, it stops with {error.ename}: {error.evalue}"
    texts = [out.get("text", "") for cell in book.cells for out in cell.get("outputs", [])]
    found = ANSWER.findall("\n".join(texts))
    return found[-1] if found else "it ran, but printed no line 'answer: …'"


def main(scratch: Path, workspace: Path, flights: Path) -> None:
    """Print the answers of two runs."""
    original = workspace / "project" / "analysis" / "delays.ipynb"
    if not original.exists():
        print("There is no notebook yet: exercise 0.1 brings it.")
        return
    (scratch / "project").mkdir(parents=True)
    (scratch / "data").mkdir()
    shutil.copytree(original.parent, scratch / "project" / "analysis")
    shutil.copyfile(flights / "2013-01.parquet", scratch / "data" / "2013-01.parquet")
    for run in ("first run: ", "second run:"):
        print(run, answer(scratch / "project" / "analysis" / "delays.ipynb"))


if __name__ == "__main__":
    main(*(Path(word) for word in sys.argv[1:4]))
