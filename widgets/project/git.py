"""Asks git about a repository that is not ours: plumbing only, and nothing of it is ever run."""

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from widgets.base.errors import KitError

SECONDS = 60.0  # for all questions together
# A repository's own configuration may name programs: none of them is started.
DEFUSED = {
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.pager": "cat",
    "diff.external": "",
    "log.showSignature": "false",
    "protocol.allow": "never",
    "gc.auto": "0",
    "maintenance.auto": "false",
}
QUIET = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
}


@dataclass(frozen=True)
class Place:
    """Where a project lies: a repository, and the folder in it.

    Attributes
    ----------
    git_dir : Path
        The folder with `HEAD` in it.
    prefix : str
        The project's folder in the repository, as `services/late/`; empty for all of it.
    name : str
        What the project is called in a report.
    """

    git_dir: Path
    prefix: str
    name: str


def find_place(path: Path) -> Place | None:
    """Return the repository to which a folder belongs, or None if it belongs to none.

    Raises
    ------
    KitError
        If there is no such folder, or its `.git` leads to a place that does not lead back.
    """
    if not path.is_dir():
        raise KitError(f"{path}: there is no such folder. Name the project's folder with --repo.")
    folder = path.resolve()
    name = folder.name.removesuffix(".git") or str(folder)
    if is_git_dir(folder):
        refuse_elsewhere(folder)
        return Place(folder, "", folder.parent.name if folder.name == ".git" else name)
    for top in (folder, *folder.parents):
        if os.path.lexists(top / ".git"):
            prefix = folder.relative_to(top).as_posix()
            return Place(git_dir_of(top), "" if prefix == "." else f"{prefix}/", name)
    return None


def is_git_dir(folder: Path) -> bool:
    """Return whether a folder is a repository itself, as a bare one is."""
    return (folder / "HEAD").is_file() and all(
        (folder / name).is_dir() for name in ("objects", "refs")
    )


def git_dir_of(top: Path) -> Path:
    """Return the repository of a working tree, of a linked one and of a submodule too."""
    link = top / ".git"
    if link.is_dir() and not link.is_symlink():
        refuse_elsewhere(link)
        return link
    if link.is_symlink() or not link.is_file():
        raise KitError(f"{link}: neither a folder nor a file of git's. Name the repository itself.")
    with link.open("rb") as file:
        said = file.read(4096).decode(errors="replace").strip()
    target = (top / said.removeprefix("gitdir:").strip()).resolve()
    if not said.startswith("gitdir:") or not (target / "HEAD").is_file():
        raise KitError(f"{link}: this is no git repository, and leads to none.")
    # Whoever made this folder could name any other one here: that one must know of it.
    back = [target / "gitdir", target / "config"]
    known = any(_leads_back(file, target, top) for file in back if file.is_file())
    if not known:
        raise KitError(f"{link} leads to {target}, and nothing there leads back: name that folder.")
    refuse_elsewhere(target)
    return target


def refuse_elsewhere(git_dir: Path) -> None:
    """Refuse a repository whose objects lie somewhere else: that place was not named.

    Raises
    ------
    KitError
        If they do.
    """
    common = git_dir / "commondir"
    if common.is_file():  # of a linked working tree: <repository>/worktrees/<name>
        with common.open("rb") as file:
            said = file.read(4096).decode(errors="replace").strip()
        if (git_dir / said).resolve() != git_dir.resolve().parents[1]:
            raise KitError(f"{common} leads out of this repository. Name the other one instead.")
        git_dir = git_dir.resolve().parents[1]
    objects = git_dir / "objects"
    if objects.is_symlink():
        raise KitError(f"{objects} leads out of this repository. Name the other one instead.")
    if (objects / "info" / "alternates").exists():
        raise KitError(
            f"{objects}/info/alternates: this repository borrows its objects from another one. "
            "Make it whole (git repack -a -d, then delete that file), or name the other one."
        )


def _leads_back(file: Path, target: Path, top: Path) -> bool:
    for line in file.read_bytes()[:65_536].decode(errors="replace").splitlines():
        key, _, value = line.partition("=")
        told = value.strip().strip('"') if key.strip() == "worktree" else line.strip()
        if told and (target / told).resolve() in (top, top / ".git"):
            return True
    return False


class Git:
    """Reads one repository, for at most `SECONDS` in all.

    Parameters
    ----------
    git_dir : Path
        The folder with `HEAD` in it.
    """

    def __init__(self, git_dir: Path) -> None:
        self._git_dir = git_dir
        self._until = time.monotonic() + SECONDS

    def ask(self, *words: str, given: bytes = b"") -> bytes:
        """Return what git prints.

        Raises
        ------
        KitError
            If git is missing, refuses, or takes too long; the message is git's own.
        """
        settings = [part for key, value in DEFUSED.items() for part in ("-c", f"{key}={value}")]
        env = {key: value for key, value in os.environ.items() if key[:4] != "GIT_"} | QUIET
        command = ["git", f"--git-dir={self._git_dir}", *settings, *words]
        left = max(0.1, self._until - time.monotonic())
        try:
            done = subprocess.run(
                command,
                env=env,
                cwd=self._git_dir,
                input=given,
                capture_output=True,
                timeout=left,
                check=False,
            )
        except FileNotFoundError:
            raise KitError("git is not installed: install it and try again.") from None
        except subprocess.TimeoutExpired:
            raise KitError(
                f"{self._git_dir}: git {words[0]} did not end within {SECONDS:.0f} seconds."
            ) from None
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().splitlines() or ["without a word"]
            if "lazy fetching disabled" in said[0]:
                raise KitError(
                    f"{self._git_dir}: a partial clone, which lacks what is to be read. Nothing is "
                    "fetched here. Clone it whole (git fetch --refetch), and look again."
                )
            raise KitError(f"{self._git_dir}: git {words[0]} failed: {said[0][:300]}")
        return done.stdout

    def line(self, *words: str) -> str:
        """Return what git prints as one line, or nothing if it refuses."""
        try:
            return self.ask(*words).decode(errors="replace").strip()
        except KitError:
            return ""
