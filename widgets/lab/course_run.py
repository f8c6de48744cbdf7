"""Runs the whole course in a fresh workspace, every exercise solved where its panel stands."""

import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from widgets.base.errors import KitError
from widgets.base.paths import KIT_ROOT

NOTEBOOKS = KIT_ROOT / "notebooks"
TEACHERS = KIT_ROOT / "docs" / "classroom.ipynb"  # apart: no learner should stumble over it
CELL_SECONDS = 1800  # a year on a slow machine
TERMINAL_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class CellError(KitError):
    """A cell of a notebook failed or warned: names the notebook, the cell and what it said."""


@contextmanager
def solved_workspace() -> Iterator[Path]:
    """Make a workspace that goes away, in which notebooks solve their exercises."""
    # Its name holds a space: a path that learners have, and that breaks what is not quoted.
    os.environ.pop("MATURITY_CLASSROOM", None)
    with tempfile.TemporaryDirectory(prefix="a course ", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve() / "workspace"
        os.environ["MATURITY_WORKSPACE"] = str(folder)
        os.environ["MATURITY_SOLVE"] = "1"
        yield folder


def notebooks() -> list[Path]:
    """Return the notebooks in the order of the course, the teacher's at the end."""
    return [*sorted(NOTEBOOKS.glob("*.ipynb")), TEACHERS]


def execute(path: Path) -> nbformat.NotebookNode:
    """Execute a notebook from top to bottom and return it with its outputs.

    Raises
    ------
    CellError
        At the first cell that fails or writes to the error stream.
    """
    began = time.monotonic()
    print(f"{path.stem} …", end=" ", flush=True)
    book = nbformat.read(path, as_version=4)
    client = NotebookClient(
        book,
        timeout=CELL_SECONDS,
        allow_errors=True,
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
    )
    try:
        client.execute()
    except (CellTimeoutError, DeadKernelError) as error:
        done = [cell.id for cell in book.cells if cell.get("execution_count")]
        where = f"after cell {done[-1]}" if done else "at its first cell"
        raise CellError(f"{path.name}, {where}:\n{error}") from None
    for cell in book.cells:
        for output in cell.get("outputs", []):
            complain(path, cell, output)
    print(f"{time.monotonic() - began:.0f} s", flush=True)
    return book


def complain(path: Path, cell: nbformat.NotebookNode, output: nbformat.NotebookNode) -> None:
    """Raise a CellError if this output is an error or a warning."""
    if output.output_type == "error":
        said = "\n".join(output.traceback[-8:]) or f"{output.ename}: {output.evalue}"
    elif output.get("name") == "stderr":
        said = output.text
    else:
        return
    raise CellError(f"{path.name}, cell {cell.id}:\n{TERMINAL_COLOURS.sub('', said)}")
