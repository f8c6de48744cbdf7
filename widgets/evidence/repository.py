"""Reads a git repository by plumbing alone: no hook, filter or helper of the repository runs."""

import os
import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from widgets.base.errors import KitError

KIT_AUTHOR = "maturity kit"
SECONDS = 20
LAST_SECOND = 253402300799  # of the year 9999: a commit may claim any date
WHOLE_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class RepositoryError(KitError):
    """The repository is missing or git cannot read it."""


@dataclass(frozen=True)
class Commit:
    """One commit of the history.

    Attributes
    ----------
    changes : bool
        Whether its tree differs from its first parent's; an empty commit changes nothing.
    """

    id: str
    tree: str
    author: str
    at: datetime
    changes: bool


class Repository:
    """A repository on disk, bare or not.

    Parameters
    ----------
    git_dir : Path
        The folder with `HEAD` in it: a bare repository, or the `.git` of a project.
    """

    def __init__(self, git_dir: Path) -> None:
        self.git_dir = git_dir

    @property
    def exists(self) -> bool:
        """Whether there is a repository at all."""
        return (self.git_dir / "HEAD").is_file()

    def resolve(self, name: str) -> str | None:
        """Return the commit that `name` (a branch, a tag, an id) stands for, or None."""
        found = self._git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}", check=False)
        return found.strip() or None

    def resolve_tree(self, commit: str) -> str | None:
        """Return the id of the tree of `commit`, or None if there is no such commit."""
        found = self._git("rev-parse", "--verify", "--quiet", f"{commit}^{{tree}}", check=False)
        return found.strip() or None

    def known(self, commits: Iterable[str]) -> set[str]:
        """Return those of `commits` (whole ids) that are commits of this repository."""
        asked = sorted({name for name in commits if WHOLE_ID.fullmatch(name)})
        if not asked or not self.exists:
            return set()
        lines = "".join(f"{name}^{{commit}}\n" for name in asked)
        told = self._git("cat-file", "--batch-check=%(objectname)", check=False, given=lines)
        return set(asked) & set(told.splitlines())

    def history(self, tip: str) -> list[Commit]:
        """Return the commits that lead to `tip`, newest first."""
        lines = self._git(
            "log", "--no-show-signature", "--format=%H%x00%T%x00%P%x00%an%x00%ct", tip
        )
        rows = [line.split("\0") for line in lines.split("\n") if line]
        trees = {row[0]: row[1] for row in rows}
        commits = []
        for commit, tree, parents, author, seconds in rows:
            first = parents.split()[0] if parents else None
            changes = trees.get(first) != tree if first else bool(self.files(commit))
            at = datetime.fromtimestamp(min(max(int(seconds), 0), LAST_SECOND), tz=UTC)
            commits.append(Commit(commit, tree, author, at, changes))
        return commits

    def unreadable(self) -> str:
        """Return why git cannot read the repository that is there, or nothing if it can."""
        try:
            self._git("rev-parse", "--git-dir")
        except RepositoryError as error:
            return str(error)
        return ""

    def last_author(self, tip: str, *paths: str) -> str:
        """Return who made the newest commit of `tip` that touches one of the paths, or nothing."""
        words = ("log", "-1", "--no-show-signature", "--format=%an", tip, "--", *paths)
        return self._git(*words).strip()

    def subject(self, commit: str) -> str:
        """Return the first line of the message of `commit`; nothing, if that is no commit's id."""
        if not self.known([commit]):
            return ""
        return self._git("log", "-1", "--no-show-signature", "--format=%s", commit).strip()

    def files(self, commit: str) -> list[str]:
        """Return the paths of all files in `commit`."""
        listed = self._git("ls-tree", "-r", "-z", "--name-only", commit)
        return [name for name in listed.split("\0") if name]

    def read(self, commit: str, path: str) -> str | None:
        """Return the text of `path` in `commit`, or None if there is no such file."""
        if self._git("cat-file", "-t", f"{commit}:{path}", check=False).strip() != "blob":
            return None
        return self._git("cat-file", "blob", f"{commit}:{path}")

    def positions(self, branch: str) -> list[str]:
        """Return every commit that `branch` has pointed at, oldest first, as its reflog says."""
        log = self.git_dir / "logs" / "refs" / "heads" / branch
        if not log.is_file():
            return []
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        return [line.split(" ")[1] for line in lines if line.count(" ") >= 2]

    def _git(self, *words: str, check: bool = True, given: str = "") -> str:
        quiet = {
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_PAGER": "cat",
        }
        inherited = {key: value for key, value in os.environ.items() if key[:4] != "GIT_"}
        command = ["git", f"--git-dir={self.git_dir}", "-c", "core.fsmonitor=false", *words]
        try:
            done = subprocess.run(
                command,
                env=inherited | quiet,
                input=given.encode(),
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
        except FileNotFoundError:
            raise RepositoryError("git is not installed: install it and try again.") from None
        except subprocess.TimeoutExpired:
            raise RepositoryError(
                f"{self.git_dir}: git {words[0]} took longer than {SECONDS} seconds."
            ) from None
        if check and done.returncode != 0:
            said = done.stderr.decode(errors="replace").strip()
            raise RepositoryError(f"{self.git_dir}: git {words[0]} failed: {said}")
        return done.stdout.decode(errors="replace")
