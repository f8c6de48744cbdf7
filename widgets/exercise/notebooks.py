"""The learner's copies of the notebooks: without outputs, renewed as long as they are unedited."""

import contextlib
import json
from pathlib import Path

from widgets.base.files import write_atomic
from widgets.base.paths import Layout


def sources_of(path: Path) -> str:
    """Return what a person wrote into a file: of a notebook its cells, of others the text."""
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix != ".ipynb":
        return text
    try:
        cells = json.loads(text)["cells"]
        return "\n\n".join(
            ("" if cell["cell_type"] == "code" else "# ") + "".join(cell["source"])
            for cell in cells
        )
    except (ValueError, KeyError, TypeError):
        return text


def without_outputs(path: Path) -> bytes:
    """Return the file as a learner gets it: a notebook without its outputs, others as they are."""
    if path.suffix != ".ipynb":
        return path.read_bytes()
    book = json.loads(path.read_text(encoding="utf-8"))
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return (json.dumps(book, indent=1, ensure_ascii=False) + "\n").encode()


def lay_out(path: Path, target: Path) -> None:
    """Write the learner's copy of `path`, and tell JupyterLab to trust it if it is a notebook.

    Without that the buttons that open and save files ask "This document is not trusted".
    """
    write_atomic(target, without_outputs(path))
    if target.suffix == ".ipynb":
        # Imported here: it takes two seconds, and nearly every start finds nothing to lay out.
        import nbformat
        from nbformat.sign import NotebookNotary

        with contextlib.suppress(OSError):  # a home that cannot be written only costs the question
            NotebookNotary().sign(nbformat.read(target, as_version=4))


def renew_notebooks(source: Path, layout: Layout) -> list[str]:
    """Lay out all files of `source` in the workspace; return what a person should know.

    A copy that the learner has not edited follows the kit. An edited one stays, and the kit's
    new one is laid beside it as NAME.new.SUFFIX.
    """
    delivered_file = layout.kit / "notebooks.json"
    delivered = _read(delivered_file)
    news = []
    for path in sorted(file for file in source.rglob("*") if file.is_file()):
        if ".ipynb_checkpoints" in path.parts:
            continue
        name = path.relative_to(source).as_posix()
        target = layout.notebooks / name
        mine = sources_of(target) if target.exists() else None
        new = sources_of(path)
        if mine == new:
            delivered[name] = new
        elif mine is None or mine == delivered.get(name):
            lay_out(path, target)
            delivered[name] = new
        elif new != delivered.get(name):
            beside = target.with_suffix(f".new{target.suffix}")
            lay_out(path, beside)
            delivered[name] = new
            news.append(
                f"notebooks/{name} has changed in the kit, and you have edited it: yours stays, "
                f"the new one lies beside it as {beside.name}."
            )
    write_atomic(delivered_file, json.dumps(delivered))
    return news


def _read(path: Path) -> dict[str, str]:
    """Return what was delivered last; a damaged note only means that nothing is renewed."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
