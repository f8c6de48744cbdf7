"""The class's folder: one small file a learner, written as a whole, trusted by nobody who reads.

Who may write there is the teacher's choice; what lies there is validated again at every look, and
what does not fit is named and left out.
"""

import os
import re
import stat
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from widgets.base.errors import KitError
from widgets.base.files import write_atomic
from widgets.classroom.shared import Shared

NAMED_BY = "MATURITY_CLASSROOM"
KEY = re.compile(r"[0-9a-f]{16}")
LARGEST = 200_000  # bytes; a learner who has done everything needs a twentieth of it
MOST = 1_000  # files


@dataclass(frozen=True)
class Classroom:
    """What a class has shared.

    Attributes
    ----------
    learners : tuple of Shared
        By name.
    problems : tuple of str
        What was left out, or is odd, a line each.
    """

    learners: tuple[Shared, ...]
    problems: tuple[str, ...] = ()


def classroom_folder() -> Path:
    """Return the folder that MATURITY_CLASSROOM names.

    Raises
    ------
    KitError
        If it names none, or one that is not there: nothing is made on a typing error's word.
    """
    named = os.environ.get(NAMED_BY)
    if not named:
        raise KitError(
            f"Nothing is shared: {NAMED_BY} is not set. Set it to the class's folder; "
            "your teacher knows its name."
        )
    return existing(Path(named).expanduser())


def existing(folder: Path) -> Path:
    """Return the folder, or raise a KitError if there is none."""
    if not folder.is_dir():
        raise KitError(
            f"{folder}: there is no such folder. Whoever teaches makes it and says its name "
            "(docs/classroom.md)."
        )
    return folder


def share(folder: Path, key: str, shared: Shared) -> Path:
    """Write a learner's file, or take the place of the earlier one; return it.

    The file is named by a key of the workspace, never by what a person typed.
    """
    path = _path(folder, key)
    try:
        write_atomic(path, f"{shared.model_dump_json(indent=1)}\n")
    except PermissionError:
        raise KitError(
            f"{folder}: you may not write there, and nothing was shared. Whoever teaches mends it: "
            f"chmod 1733 {folder}"
        ) from None
    return path


def shared_before(folder: Path, key: str) -> str | None:
    """Return the name under which this workspace has shared there, or None."""
    try:
        return read_shared(_path(folder, key)).name
    except (KitError, OSError):
        return None


def withdraw(folder: Path, key: str) -> bool:
    """Take a learner's file away; return whether there was one."""
    path = _path(folder, key)
    found = path.exists()
    path.unlink(missing_ok=True)
    return found


def _path(folder: Path, key: str) -> Path:
    if not KEY.fullmatch(key):
        raise KitError(f"{key!r} is no key of a workspace: 16 hexadecimal digits.")
    return existing(folder) / f"{key}.json"


def read_classroom(folder: Path) -> Classroom:
    """Return what lies in the class's folder; a file that does not fit never stops the class."""
    try:
        names = sorted(path.name for path in existing(folder).iterdir() if path.suffix == ".json")
    except PermissionError:
        raise KitError(
            f"{folder}: only its owner may list it. Read it as the one who has made it."
        ) from None
    names = [name for name in names if not name.startswith(".")]  # a draft that is being written
    learners, problems = [], []
    for name in names[:MOST]:
        try:
            learners.append(read_shared(folder / name))
        except (KitError, OSError) as error:
            problems.append(f"{_plain(name)} is left out: {error}")
    if len(names) > MOST:
        problems.append(f"{len(names)} files; only the first {MOST:,} were read.")
    for name, times in Counter(learner.name for learner in learners).items():
        if times > 1:
            problems.append(f"{times} files say they are {name}: each is shown.")
    learners.sort(key=lambda learner: (learner.name.casefold(), learner.name))
    return Classroom(tuple(learners), tuple(problems))


def read_shared(path: Path) -> Shared:
    """Read one file that somebody has put there.

    Raises
    ------
    KitError
        If it is no plain small file of a learner.
    """
    if not KEY.fullmatch(path.stem):
        raise KitError("the kit does not name its files so.")
    # Not through a link, and without waiting for a pipe that nobody fills.
    careful = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    if path.is_symlink():
        raise KitError("it is a link.")
    with os.fdopen(os.open(path, os.O_RDONLY | careful), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise KitError("it is no file.")
        text = file.read(LARGEST + 1)
    if len(text) > LARGEST:
        raise KitError(f"it is larger than {LARGEST:,} bytes.")
    try:
        return Shared.model_validate_json(text)
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in fault["loc"]) or "the whole file"
        raise KitError(f"{_plain(place)}: {_plain(fault['msg'])}") from None


def _plain(text: str) -> str:
    """Return a stranger's text in one short line of plain letters."""
    return ascii(text)[1:-1][:120]
