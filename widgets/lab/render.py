"""`python lab.py render`: executes the notebooks in order and stores what they print."""

import sys
from collections.abc import Sequence
from pathlib import Path

import nbformat

from widgets.base.errors import KitError
from widgets.base.files import write_atomic
from widgets.lab.course_run import execute, notebooks, solved_workspace

LIVE_VIEW = "application/vnd.jupyter.widget-view+json"


def stored(book: nbformat.NotebookNode) -> str:
    """Return a notebook as it is kept: a widget leaves its picture or text, nothing of this run."""
    for cell in book.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(LIVE_VIEW, None)
    book.metadata = {
        "kernelspec": {
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }
    nbformat.validate(book)
    return f"{nbformat.writes(book)}\n"


def main(names: Sequence[str]) -> int:
    """Execute all notebooks, and store those that are named, or all; return an exit code.

    All, because each goes on where the one before it ended. Nothing is stored if a cell of any
    notebook fails or warns.
    """
    known = {path.stem: path for path in notebooks()}
    wanted = {Path(name).stem for name in names} or set(known)
    if unknown := sorted(wanted - set(known)):
        print(f"There is no notebook {unknown[0]}. There are: {', '.join(known)}.", file=sys.stderr)
        return 2
    try:
        with solved_workspace():
            books = {path: stored(execute(path)) for path in known.values()}
    except KitError as error:
        print(f"\n{error}\nNothing was stored.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Nothing was stored.", file=sys.stderr)
        return 130
    for path, text in books.items():
        if path.stem in wanted and path.read_text(encoding="utf-8") != text:
            write_atomic(path, text)
            print(f"stored: {path.name}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
