"""Which files of a project fix every version, and what is wrong with those that nearly do."""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from widgets.evidence.code import is_pin
from widgets.project.snapshot import Texts

LOCKS = {"uv.lock", "poetry.lock", "Pipfile.lock", "pdm.lock", "pixi.lock", "conda-lock.yml"}
REQUIREMENTS = re.compile(
    r"(?:[\w.-]+-)?(?:requirements|constraints)(?:[-_.][\w.-]+)?\.(?:txt|lock)"
)
ELSEWHERE = {"docs", "doc", "examples", "tests", "test"}  # versions there are not the project's
SHOWN = 3


def find_locks(paths: Sequence[str], texts: Texts, prefix: str) -> tuple[list[str], str]:
    """Return the files that fix every version, and what keeps another one from it.

    Parameters
    ----------
    paths : sequence of str
        The project's files.
    texts : Texts
        Reads them.
    prefix : str
        The project's folder in the repository.
    """
    found, loose = [], ""
    for path in paths:
        own = PurePosixPath(path.removeprefix(prefix))
        if ELSEWHERE & set(own.parts[:-1]) or len(own.parts) > 3:
            continue
        if own.name in LOCKS and texts.read(path):
            found.append(path)
        elif REQUIREMENTS.fullmatch(own.name) or own.parts[0] == "requirements":
            gaps = list(gaps_of(path, texts))
            if not gaps:
                found.append(path)
            loose = loose or (f"{path}: {', '.join(gaps[:SHOWN])[:200]}" if gaps else "")
    return found, loose


def gaps_of(path: str, texts: Texts, depth: int = 0) -> Iterator[str]:
    """Yield what a requirements file leaves open; files that it includes are looked into."""
    text = texts.read(path)
    if text is None:
        yield f"{path} is not there"
        return
    pins = 0
    for raw in text.replace("\\\n", " ").splitlines():
        line = re.sub(r"(^|\s)#.*", "", raw).strip()
        words = line.split()
        if not words or words[0].startswith("--"):
            continue
        if words[0] in ("-r", "-c") and len(words) == 2 and depth < 3:
            other = (PurePosixPath(path).parent / words[1]).as_posix()
            if words[0] == "-r":
                yield from gaps_of(other, texts, depth + 1)
                pins += 1
        elif words[0] in ("-e", "--editable") and words[1:2] in ([], ["."]):
            continue
        elif is_pin(re.sub(r"\s--hash=\S+", "", line).strip()):
            pins += 1
        else:
            yield f"{line[:60]} is not pinned with =="
    if not pins:
        yield "nothing is pinned"
