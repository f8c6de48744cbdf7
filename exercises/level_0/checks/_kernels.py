"""Runs copies of the learner's notebook in fresh kernels, side by side. It does not judge."""

import asyncio
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pandas as pd
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

SECONDS_A_CELL = 30
QUIET = ["--IPKernelApp.log_level=ERROR", "--HistoryManager.enabled=False"]
AT_ONCE = 2  # kernels: there are two cores, and each takes 200 MB


@dataclass(frozen=True)
class Run:
    """What one execution of the notebook left behind."""

    late: str | None = None
    answer: str | None = None
    error: str | None = None
    """The first cell that failed and its exception, in one sentence."""


def code_cells(path: Path) -> list[str]:
    """Return the sources of a notebook's code cells that are not empty.

    Raises
    ------
    AssertionError
        If the file is missing or is not a notebook.
    """
    assert path.is_file(), (
        f"There is no {path.name}. The repaired notebook keeps its name: analysis/{path.name}."
    )
    try:
        book = nbformat.read(path, as_version=4)
    except Exception as error:  # a notebook that was edited as text fails in many ways
        raise AssertionError(
            f"{path.name} cannot be read as a notebook ({type(error).__name__}). Was it edited "
            "as a text? Save it in JupyterLab, or press reset to begin anew."
        ) from None
    return [c.source for c in book.cells if c.cell_type == "code" and c.source.strip()]


def run_three(analysis: Path, flights: Path, scratch: Path) -> dict[str, Run]:
    """Run the notebook three times, two at once, each in a kernel and a folder of its own.

    ``first`` runs it as it is; ``nervous`` runs every cell twice in a row; ``half`` runs it on
    data of which every second row is left out. If the first two answers differ, ``second`` runs
    it once more as it is: so it can be told whether chance or a repeated cell is the reason.
    """
    book = nbformat.read(analysis / "delays.ipynb", as_version=4)
    runs = asyncio.run(
        _run_all(
            {
                "first": (book, _place(analysis, flights, scratch / "first", every=1)),
                "nervous": (_doubled(book), _place(analysis, flights, scratch / "nervous", 1)),
                "half": (book, _place(analysis, flights, scratch / "half", every=2)),
            }
        )
    )
    if runs["first"].answer != runs["nervous"].answer:
        place = _place(analysis, flights, scratch / "second", every=1)
        runs |= asyncio.run(_run_all({"second": (book, place)}))
    return runs


def _place(analysis: Path, flights: Path, folder: Path, every: int) -> Path:
    """Make a workspace with January and February in `folder`; return its analysis folder."""
    (folder / "data").mkdir(parents=True)
    for month in ("2013-01", "2013-02"):
        source = flights / f"{month}.parquet"
        if every == 1:
            shutil.copyfile(source, folder / "data" / source.name)
        else:
            pd.read_parquet(source).iloc[::every].to_parquet(folder / "data" / source.name)
    shutil.copytree(analysis, folder / "project" / "analysis")
    return folder / "project" / "analysis"


def _doubled(book: NotebookNode) -> NotebookNode:
    cells = []
    for cell in book.cells:
        cells.append(cell)
        if cell.cell_type == "code":
            cells.append(nbformat.v4.new_code_cell(cell.source))
    return nbformat.v4.new_notebook(cells=cells, metadata=book.metadata)


async def _run_all(books: dict[str, tuple[NotebookNode, Path]]) -> dict[str, Run]:
    room = asyncio.Semaphore(AT_ONCE)

    async def run_when_there_is_room(book: NotebookNode, place: Path) -> Run:
        async with room:
            return await _run(book, place)

    runs = await asyncio.gather(*(run_when_there_is_room(*each) for each in books.values()))
    return dict(zip(books, runs, strict=True))


async def _run(book: NotebookNode, place: Path) -> Run:
    played = nbformat.from_dict(book)
    for cell in played.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    client = NotebookClient(
        played,
        timeout=SECONDS_A_CELL,
        kernel_name="python3",
        resources={"metadata": {"path": str(place)}},
        extra_arguments=QUIET,
    )
    error = None
    try:
        await client.async_execute()
    except CellExecutionError as failure:
        error = f"{_failed_cell(played)} fails with {failure.ename}: {failure.evalue}"
    except CellTimeoutError:
        error = f"{_failed_cell(played)} did not end within {SECONDS_A_CELL} seconds"
    except DeadKernelError:
        error = f"{_failed_cell(played)} ended the kernel"
    text = _printed(played)
    return Run(late=_last(text, "late"), answer=_last(text, "answer"), error=error)


def _failed_cell(played: NotebookNode) -> str:
    ran = [c for c in played.cells if c.cell_type == "code" and "execution" in c.metadata]
    source = ran[-1].source if ran else ""
    return f"The cell that begins with `{first_line(source)}`"


def first_line(source: str) -> str:
    """Return the line by which a person finds a cell: its first that is not a comment."""
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    code = [line for line in lines if not line.startswith("#")]
    line = (code or lines or [""])[0]
    return line if len(line) <= 60 else line[:59] + "…"


def _printed(played: NotebookNode) -> str:
    parts = []
    for cell in played.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                parts.append(output.text)
            elif "data" in output:
                parts.append(output.data.get("text/plain", "").strip("'\""))
    return "\n".join(parts)


def _last(text: str, key: str) -> str | None:
    values = re.findall(rf"^\s*{key}\s*[:=]\s*(\S+)\s*$", text, re.MULTILINE | re.IGNORECASE)
    return values[-1] if values else None
