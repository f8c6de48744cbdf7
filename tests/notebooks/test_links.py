"""Every link leads somewhere: in the kit's texts, its notebooks, and in the learner's copies.

Links within the repository are followed, to the heading. Those to the web are only read: a test
does not depend on a network.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest

from widgets.base.paths import KIT_ROOT, Layout
from widgets.exercise.notebooks import renew_notebooks

SHOWN = ("docs", "exercises", "notebooks", "solutions", "widgets")
ENDINGS = (".md", ".ipynb", ".yaml")
# [words](target "title"), ![words](target), <https://…>, href="…" and src="…", [words]: target
LINK = re.compile(
    r"\]\(\s*<?([^)\s>]+)>?(?:\s+[\"'][^)]*)?\)"
    r"|<(https?://[^>\s]+)>"
    r"|\b(?:href|src)=[\"']([^\"']+)[\"']"
    r"|^\[[^\]]+\]:\s+(\S+)",
    re.M,
)
BARE = re.compile(r"https?://[^\s)>\]\"'`,;]+")


@dataclass(frozen=True)
class Link:
    """A link: the file in which it stands, and where it leads."""

    file: Path
    target: str

    def __str__(self) -> str:
        return f"{self.file.as_posix()}: {self.target}"


def files_of(root: Path) -> list[Path]:
    """Return the texts of the repository that people read."""
    found = list(root.glob("*.md"))
    for folder in SHOWN:
        found += [path for path in (root / folder).rglob("*") if path.suffix in ENDINGS]
    return sorted(path for path in found if ".ipynb_checkpoints" not in path.parts)


def prose_of(path: Path) -> str:
    """Return what a person reads in a file; of a notebook its texts, without any code."""
    if path.suffix == ".ipynb":
        book = nbformat.read(path, as_version=4)
        text = "\n\n".join(cell.source for cell in book.cells if cell.cell_type == "markdown")
    else:
        text = path.read_text(encoding="utf-8")
    if path.suffix == ".yaml":
        return text
    return re.sub(r"`[^`\n]+`", "", re.sub(r"^```.*?^```", "", text, flags=re.S | re.M))


def links_of(path: Path) -> Iterator[Link]:
    """Return the links in a file."""
    text = prose_of(path)
    for found in LINK.finditer(text):
        target = next(part for part in found.groups() if part)
        if path.suffix != ".yaml" or not re.search(r"[\[\]{}()*+?\\]", target):
            yield Link(path, target)


def anchors_of(path: Path) -> set[str]:
    """Return the names under which a file's headings are reached, on GitHub and in JupyterLab."""
    found = set()
    for heading in re.findall(r"^#{1,6}\s+(.+?)\s*#*$", prose_of(path), re.M):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        found.add(re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-"))
        found.add(plain.replace(" ", "-"))
    return found


def is_external(target: str) -> bool:
    return bool(urlsplit(target).scheme)


def mistake(link: Link, root: Path) -> str | None:
    """Return what is wrong with a link within the repository, or None."""
    path, _, anchor = unquote(link.target).partition("#")
    aim = (link.file.parent / path).resolve() if path else link.file.resolve()
    if not aim.exists():
        return f"{link} leads to nothing"
    if not aim.is_relative_to(root.resolve()):
        return f"{link} leads out of {root.name}"
    if anchor and anchor not in anchors_of(aim):
        return f"{link} names no heading of {aim.name}"
    return None


def mistakes(files: list[Path], root: Path) -> list[str]:
    links = [link for path in files for link in links_of(path)]
    assert links
    return [
        wrong for link in links if not is_external(link.target) and (wrong := mistake(link, root))
    ]


def test_links_within_the_repository_lead_to_a_file_and_a_heading():
    assert mistakes(files_of(KIT_ROOT), KIT_ROOT) == []


def test_links_in_the_learners_copies_lead_somewhere_in_the_workspace(tmp_path):
    layout = Layout(tmp_path / "a workspace é")
    renew_notebooks(KIT_ROOT / "notebooks", layout)
    assert mistakes(sorted(layout.notebooks.rglob("*.*")), layout.root) == []


def test_links_to_the_web_are_well_formed():
    found = {
        url for path in files_of(KIT_ROOT) for url in BARE.findall(prose_of(path)) if "…" not in url
    }
    assert found
    for url in found:
        parts = urlsplit(url.rstrip("."))
        local = parts.hostname in ("localhost", "127.0.0.1")
        assert parts.scheme == "https" or local, f"{url}: not https"
        assert local or re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", parts.hostname or ""), url


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("[a](there.md) and [b](there.md#a-heading-of-two)", None),
        ("`[a](not_there.md)` is code", None),
        ("[a](not_there.md)", "leads to nothing"),
        ("[a](there.md#another)", "names no heading"),
        ("<img src='../outside.md'>", "leads out of"),
    ],
)
def test_a_link_that_leads_nowhere_is_found(tmp_path, text, wrong):
    root = tmp_path / "kit"
    root.mkdir()
    (tmp_path / "outside.md").write_text("x", encoding="utf-8")
    (root / "there.md").write_text("# A heading, of `two`\n# A heading of two", encoding="utf-8")
    (root / "here.md").write_text(f"[a](there.md) {text}", encoding="utf-8")
    found = mistakes([root / "here.md"], root)
    assert wrong in found[0] if wrong else found == []
