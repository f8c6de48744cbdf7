"""Runs all notebooks once in an unsolved workspace, for all tests that look at it."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
EARLY = 3  # these are run unsolved each time: the first page, and Levels 0 and 1


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def stored(request: pytest.FixtureRequest) -> nbformat.NotebookNode:
    """Return a notebook as it is stored."""
    book = nbformat.read(request.param, as_version=4)
    book.metadata["name"] = request.param.stem
    return book


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a fresh workspace that this process and its kernels use."""
    folder = tmp_path_factory.mktemp("a workspace é")
    before = {key: os.environ.get(key) for key in ("MATURITY_WORKSPACE", "MATURITY_SOLVE")}
    os.environ["MATURITY_WORKSPACE"] = str(folder)
    os.environ.pop("MATURITY_SOLVE", None)
    yield folder
    for key, value in before.items():
        os.environ.pop(key, None)
        if value is not None:
            os.environ[key] = value


@pytest.fixture(scope="session")
def unsolved(workspace: Path) -> dict[str, nbformat.NotebookNode]:
    """Return the first notebooks as they come out of a workspace in which nothing is solved."""
    return {path.stem: execute(path) for path in NOTEBOOKS[:EARLY]}


@pytest.fixture(scope="session")
def later_unsolved(unsolved: Mapping[str, object]) -> dict[str, nbformat.NotebookNode]:
    """Return the others, from the same workspace."""
    return {path.stem: execute(path) for path in NOTEBOOKS[EARLY:]}


def execute(path: Path) -> nbformat.NotebookNode:
    """Return a notebook with its outputs; a cell that fails does not stop it."""
    book = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(path.parent)}}
    NotebookClient(book, timeout=120, allow_errors=True, resources=resources).execute()
    return book
