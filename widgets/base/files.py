"""Files written so that a kill, a full disk or a second writer never leaves half of one."""

import hashlib
import os
import shutil
import tempfile
from datetime import datetime
from pathlib import Path


def write_atomic(path: Path, data: str | bytes) -> None:
    """Write `data` to `path` as a whole or not at all; make the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data.encode() if isinstance(data, str) else data)
        draft.chmod(0o644)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


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
