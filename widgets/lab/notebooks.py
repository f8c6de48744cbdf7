"""Executes the notebooks in their order, in one fresh workspace where each exercise is solved."""

import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from widgets.base.errors import KitError
from widgets.base.paths import KIT_ROOT, Layout

FOLDER = KIT_ROOT / "notebooks"
SECONDS_A_CELL = 300
WIDGET = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}


def notebooks() -> list[Path]:
    """Return the notebooks in the order in which a learner meets them."""
    return sorted(FOLDER.glob("*.ipynb"))


def level_of(notebook: Path) -> int | None:
    """Return the level that a notebook teaches, or None."""
    found = re.match(r"level_(\d+)_", notebook.name)
    return int(found[1]) if found else None


@contextmanager
def solved_workspace() -> Iterator[Layout]:
    """Make a fresh workspace that the kernels started here use; it stays if something fails."""
    root = Path(tempfile.mkdtemp(prefix="kit workspace ")).resolve()
    os.environ["MATURITY_WORKSPACE"] = str(root)
    os.environ["MATURITY_SOLVE"] = "1"
    os.environ["GIT_CEILING_DIRECTORIES"] = str(root)
    try:
        yield Layout(root)
    except Exception:
        print(f"The workspace is kept, to look at: {root}", flush=True)
        raise
    except KeyboardInterrupt:
        shutil.rmtree(root, ignore_errors=True)
        raise
    shutil.rmtree(root, ignore_errors=True)


def execute_all(paths: list[Path]) -> dict[Path, nbformat.NotebookNode]:
    """Execute notebooks one after the other; say how long each took.

    Raises
    ------
    KitError
        At the first cell that ends in an error or writes to the error stream: which, and what.
    """
    books = {}
    for path in paths:
        print(f"{path.name:42}", end="", flush=True)
        began = time.monotonic()
        books[path] = execute(path)
        print(f" {time.monotonic() - began:6.1f} s", flush=True)
    return books


def execute(path: Path) -> nbformat.NotebookNode:
    """Execute one notebook as it stands on disk; return it as it is stored."""
    book = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(
        book,
        timeout=SECONDS_A_CELL,
        resources=resources,
        record_timing=False,
        kernel_name="python3",
    )
    try:
        client.execute()
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        raise KitError(f"{path.name}, {last_cell(book)}: {plain(str(error))}") from None
    refuse_warnings(path, book)
    return for_storing(book)


def last_cell(book: nbformat.NotebookNode) -> str:
    """Return the place of the last cell that was executed."""
    done = [cell.id for cell in book.cells if cell.get("execution_count") or cell.get("outputs")]
    return f"cell {done[-1]}" if done else "before its first cell"


def refuse_warnings(path: Path, book: nbformat.NotebookNode) -> None:
    """Refuse a notebook that wrote to the error stream: a reader would see a warning."""
    for cell in book.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                said = plain(output.text.strip())
                raise KitError(f"{path.name}, cell {cell.id} writes to the error stream:\n{said}")


def for_storing(book: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a notebook without what only a live kernel or one machine knows."""
    book.metadata = nbformat.from_dict(METADATA)
    for cell in book.cells:
        for key in ("execution", "collapsed", "scrolled"):
            cell.metadata.pop(key, None)
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET, None)
            output.get("metadata", {}).pop(WIDGET, None)
    nbformat.validate(book)
    return book


def plain(text: str) -> str:
    """Return a text without the colours of a terminal."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)
