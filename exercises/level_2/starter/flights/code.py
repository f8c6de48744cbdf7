"""Which code is running: the commit that is checked out, and whether it was changed since."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class CodeVersion:
    """The commit of a project, and whether the files differ from it.

    Attributes
    ----------
    commit : str
        40 hexadecimal digits, or "none" outside git.
    dirty : bool
        Whether something is not committed: then the commit is not what runs.
    """

    commit: str
    dirty: bool


def code_version(root: Path) -> CodeVersion:
    """Return the version of the code in `root`; outside git it is "none" and dirty."""
    try:
        if Path(_git(root, "rev-parse", "--show-toplevel")).resolve() != root.resolve():
            return CodeVersion("none", dirty=True)  # a repository around the project: another one
        commit = _git(root, "rev-parse", "--verify", "HEAD")
        # A person's own settings could hide what is new.
        dirty = bool(_git(root, "status", "--porcelain", "--untracked-files=normal"))
    except (OSError, subprocess.CalledProcessError):
        return CodeVersion("none", dirty=True)
    return CodeVersion(commit, dirty)


def _git(root: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(root), *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout.strip()
