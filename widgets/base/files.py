"""Files written so that a kill, a full disk or a second writer never leaves half of one."""

import hashlib
import os
import shutil
import tempfile
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path

TRIES, WAIT = 40, 0.05  # together two seconds


def write_atomic(path: Path, data: str | bytes) -> None:
    """Write `data` to `path` as a whole or not at all; make the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".~{path.name}.")  # never listed
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data.encode() if isinstance(data, str) else data)
        draft.chmod(0o644)
        put_in_place(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def put_in_place(draft: Path, path: Path) -> None:
    """Give a finished draft the name of the file that it replaces.

    Windows refuses this while somebody reads the old one: readers are quick, so it is tried again.
    """
    for _ in range(TRIES if os.name == "nt" else 0):
        with suppress(PermissionError):
            draft.replace(path)
            return
        time.sleep(WAIT)
    draft.replace(path)


def text_digest(text: str) -> str:
    """Return a digest of a text that does not depend on how its lines end."""
    return hashlib.sha256("\n".join(text.splitlines()).encode()).hexdigest()


def keep_copy(path: Path, copies: Path, root: Path) -> Path:
    """Copy `path` below `copies`, in a folder named after this second; return the copy.

    The copy keeps the path that the file has below `root`; two copies in one second do not
    overwrite each other.
    """
    stamp = datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
    relative = path.relative_to(root)
    target = copies / stamp / relative
    number = 1
    while target.exists():
        number += 1
        target = copies / f"{stamp}_{number}" / relative
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(path, target)
    return target


def set_aside(path: Path) -> Path | None:
    """Give a file that is in the way a name with its own day and a number; return that, if any."""
    if not path.exists():
        return None
    day = datetime.fromtimestamp(path.stat().st_mtime).strftime("%Y-%m-%d")
    target, number = path.with_stem(f"{path.stem}_{day}"), 1
    while target.exists():
        number += 1
        target = path.with_stem(f"{path.stem}_{day}_{number}")
    path.rename(target)
    return target
