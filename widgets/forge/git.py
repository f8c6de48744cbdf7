"""The few git commands that the forge needs, run so that no hook's environment leaks in."""

import os
import subprocess
from pathlib import Path

from widgets.base.errors import KitError


class GitError(KitError):
    """Git refused, or is not installed."""


def git(repository: Path, *words: str, index: Path | None = None) -> str:
    """Run git on the bare `repository` and return what it printed, without the last newline.

    Parameters
    ----------
    repository : Path
        The bare repository.
    words : str
        The command and its arguments.
    index : Path, optional
        The index that the command uses.

    Raises
    ------
    GitError
        If git is not installed or ends with an error; the message is git's own.
    """
    command = ["git", "--git-dir", str(repository), *words]
    env = _environment() | ({"GIT_INDEX_FILE": str(index)} if index else {})
    try:
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", env=env
        )
    except FileNotFoundError:
        raise GitError(
            "git is not installed, or not on the PATH. Install it from https://git-scm.com"
        ) from None
    if done.returncode:
        reason = done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}"
        raise GitError(f"git {' '.join(words)}: {reason}")
    return done.stdout.removesuffix("\n")


def git_bytes(repository: Path, *words: str) -> bytes:
    """Run git on the bare `repository` and return the bytes that it printed."""
    done = subprocess.run(
        ["git", "--git-dir", str(repository), *words], capture_output=True, env=_environment()
    )
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip()
        raise GitError(f"git {' '.join(words)}: {reason}")
    return done.stdout


def _environment() -> dict[str, str]:
    # A hook is handed GIT_DIR and more: they would turn a command away from its repository.
    kept = ("GIT_CONFIG", "GIT_EXEC_PATH")
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith(kept)
    }
