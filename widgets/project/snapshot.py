"""One moment of a project's repository: its history, its files, and the texts of some of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import PurePosixPath

from widgets.base.errors import KitError
from widgets.project.git import Git, Place

COMMITS = 20_000  # of the history, the newest
FILES = 300_000
TEXT_BYTES = 1_000_000  # a larger file is not read
ALL_BYTES = 80_000_000  # and no more than these of all files together
AT_ONCE = 200  # files asked for in one question
LAST_SECOND = 253402300799  # of the year 9999: a commit may claim any date
REGULAR = {"100644", "100755"}  # no symbolic link, no submodule
OTHERS = {"node_modules", "site-packages", ".venv", "venv", "vendor", "third_party", ".git"}
# At a repository's root, these speak for each project in it.
SHARED = (".github/", ".gitlab-ci.yml", "CODEOWNERS", "docs/CODEOWNERS")


@dataclass(frozen=True)
class Entry:
    """A file of the commit that is looked at."""

    blob: str
    size: int


@dataclass(frozen=True)
class Commit:
    """A commit that changed something in the project."""

    id: str
    at: datetime


@dataclass(frozen=True)
class Snapshot:
    """What a repository's HEAD holds of a project.

    Attributes
    ----------
    name : str
        What the project is called.
    commit, branch : str
        What HEAD is at; empty if there is no commit, or no branch.
    commits : tuple of Commit
        Those that changed something in the project, newest first.
    files : mapping of str to Entry
        By path in the repository; those of other people (`vendor/`, …) left out.
    notes : tuple of str
        What could not be seen, and why.
    main : str
        The branch that the others come from.
    """

    name: str
    prefix: str = ""
    commit: str = ""
    branch: str = ""
    commits: tuple[Commit, ...] = ()
    files: Mapping[str, Entry] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    main: str = ""

    @property
    def days(self) -> set[date]:
        """The days on which something was committed (UTC)."""
        return {commit.at.date() for commit in self.commits}


def take(place: Place, git: Git) -> Snapshot:
    """Read history and list of files; no file's text yet.

    Raises
    ------
    KitError
        If git cannot read the repository.
    """
    head = git.line("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    branch = git.line("symbolic-ref", "--quiet", "--short", "HEAD")
    trunk = main_branch(git) or branch
    if not head:
        git.ask("rev-parse", "--git-dir")  # a repository without a commit, or none at all?
        note = f"the branch {branch or 'HEAD'} has no commit yet"
        return Snapshot(place.name, place.prefix, "", branch, notes=(note,))
    notes = []
    if git.line("rev-parse", "--is-shallow-repository") == "true":
        notes.append("a shallow clone: older history is not in it (`git fetch --unshallow`)")
    commits = tuple(read_commits(git, head, place.prefix))
    if len(commits) == COMMITS:
        notes.append(f"of the history, the newest {COMMITS:,} commits were read")
    files, said = read_files(git, head, place.prefix)
    if place.prefix and not any(path.startswith(place.prefix) for path in files):
        notes.append(f"no file in {place.prefix} was committed")
    remarks = (*notes, *said)
    return Snapshot(
        place.name, place.prefix, head, branch, commits, files, remarks, trunk or "main"
    )


def main_branch(git: Git) -> str:
    """Return the branch that the others come from, as far as the clone knows it."""
    named = git.line("symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD")
    if named:
        return named.removeprefix("origin/")
    for name in ("main", "master"):
        for place in ("heads", "remotes/origin"):
            if git.line("rev-parse", "--verify", "--quiet", f"refs/{place}/{name}"):
                return name
    return ""


def read_commits(git: Git, head: str, prefix: str) -> Iterable[Commit]:
    """Yield the commits that changed something in a folder of the repository, newest first."""
    where = f":(top,literal){prefix}" if prefix else ":(top)"
    told = git.ask("rev-list", f"--max-count={COMMITS}", "--format=%H%x00%ct", head, "--", where)
    for line in told.decode(errors="replace").split("\n"):
        parts = line.split("\0")
        if len(parts) == 2 and parts[1].lstrip("-").isdigit():
            seconds = min(max(int(parts[1]), 0), LAST_SECOND)
            yield Commit(parts[0], datetime.fromtimestamp(seconds, tz=UTC))


def read_files(git: Git, head: str, prefix: str) -> tuple[dict[str, Entry], list[str]]:
    """Return the project's own files, and remarks on what was left out."""
    files: dict[str, Entry] = {}
    modules = 0
    listed = git.ask("ls-tree", "-r", "-z", "-l", "--full-tree", head).split(b"\0")
    for line in listed[:FILES]:
        about, _, raw = line.partition(b"\t")
        if not raw:
            continue
        mode, _, blob, size = about.decode().split()
        path = raw.decode(errors="replace")
        if not (path.startswith(prefix) or path.startswith(SHARED)):
            continue
        modules += mode == "160000"
        if mode in REGULAR and not OTHERS & set(PurePosixPath(path).parts):
            files[path] = Entry(blob, int(size) if size.isdigit() else 0)
    notes = []
    if len(listed) > FILES:
        notes.append(f"of {len(listed):,} files, the first {FILES:,} were looked at")
    if modules:
        notes.append(f"{modules} submodules were not entered: assess them by their own folders")
    return files, notes


class Texts:
    """Reads the texts of files, each once, within bounds.

    Parameters
    ----------
    git : Git
        The repository.
    snapshot : Snapshot
        Whose files are read.
    """

    def __init__(self, git: Git, snapshot: Snapshot) -> None:
        self._git = git
        self._files = snapshot.files
        self._texts: dict[str, str | None] = {}
        self._bytes = 0
        self.large = 0
        self.absent = 0
        self.left_out = 0

    def read(self, path: str) -> str | None:
        """Return the text of a file; None if it is not there, too large, or not text."""
        self.fetch([path])
        return self._texts.get(path)

    def fetch(self, paths: Iterable[str]) -> None:
        """Read several files at once."""
        wanted = []
        for path in paths:
            entry = self._files.get(path)
            if path in self._texts or entry is None:
                continue
            self._texts[path] = None
            if entry.size > TEXT_BYTES:
                self.large += 1
            elif self._bytes + entry.size > ALL_BYTES:
                self.left_out += 1
            else:
                self._bytes += entry.size
                wanted.append(path)
        for begin in range(0, len(wanted), AT_ONCE):
            some = wanted[begin : begin + AT_ONCE]
            self._take(some)

    def _take(self, paths: list[str]) -> None:
        asked = "".join(f"{self._files[path].blob}\n" for path in paths).encode()
        try:
            answer = self._git.ask("cat-file", "--batch", given=asked)
        except KitError:
            self.absent += len(paths)
            return
        at = 0
        for path in paths:
            end = answer.find(b"\n", at)
            words = answer[at:end].split()
            if len(words) != 3:  # "<id> missing": a clone without its blobs
                self.absent += 1
                at = end + 1
                continue
            size = int(words[2])
            raw = answer[end + 1 : end + 1 + size]
            at = end + 1 + size + 1
            if b"\0" not in raw[:8000]:
                self._texts[path] = raw.decode(errors="replace")

    def notes(self) -> list[str]:
        """Return what was not read, and why."""
        told = (
            (self.large, f"files of more than {TEXT_BYTES // 1_000_000} MB were not read"),
            (self.left_out, f"files beyond {ALL_BYTES // 1_000_000} MB in all were not read"),
            (self.absent, "files are not in this clone (a partial one): `git fetch --refetch`"),
        )
        return [f"{number:,} {words}" for number, words in told if number]
