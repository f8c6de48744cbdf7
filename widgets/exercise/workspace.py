"""The learner's files: laid out at the first start, begun, reset and solved exercise by exercise.

Nothing here overwrites a file of the learner's without keeping a copy, and a step that fails
leaves the files as they were.
"""

import difflib
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from widgets.base.errors import KitError
from widgets.base.files import keep_copy, text_digest, write_atomic
from widgets.base.paths import Layout
from widgets.base.processes import run_script
from widgets.base.pytest_setup import setup_digests
from widgets.exercise.definition import Catalogue, Exercise
from widgets.exercise.notebooks import renew_notebooks, sources_of
from widgets.exercise.push import Say, is_repository, nobody, push_work
from widgets.exercise.requirement import summary_of
from widgets.exercise.spare import remove_leftovers

PLAY_SECONDS = 180
BEFORE = "before"  # the folder with files as they were, while they are replaced
KIT_AUTHOR = ("maturity kit", "kit@localhost")

# Called when an exercise begins that needs more than files, for example an origin.
Provide = Callable[[str], None]


@dataclass(frozen=True)
class Change:
    """Files that were replaced or made, and where the copies of the old ones lie."""

    files: tuple[Path, ...]
    copies: tuple[Path, ...]


@dataclass(frozen=True)
class SolutionFile:
    """One file of a solution, as it is and as a difference to what the learner has."""

    path: str
    text: str
    difference: str


class Workspace:
    """The files of one learner.

    Parameters
    ----------
    layout : Layout
        Where they lie.
    catalogue : Catalogue
        The exercises that they are for.
    provide : callable
        Told the name of each thing that an exercise needs beside files.
    wait : callable, optional
        Returns when what a push has started has come to its end.
    """

    def __init__(
        self,
        layout: Layout,
        catalogue: Catalogue,
        provide: Provide,
        wait: Callable[[], None] = lambda: None,
    ) -> None:
        self._layout = layout
        self._catalogue = catalogue
        self._provide = provide
        self._wait = wait

    def start(self) -> list[str]:
        """Make the folders and lay out the notebooks; return what a person should know.

        Raises
        ------
        KitError
            If the folder cannot be written.
        """
        layout = self._layout
        try:
            new = is_new(layout)
            before = layout.kit / BEFORE
            for folder in (layout.notebooks, layout.project, layout.data, layout.logs, before):
                folder.mkdir(parents=True, exist_ok=True)
            if new:
                with suppress(PermissionError):  # a mounted folder may be somebody else's
                    layout.root.chmod(0o700)  # others on a shared machine have no business here
            remove_leftovers(before)
            return renew_notebooks(self._catalogue.root / "notebooks", layout)
        except OSError as error:
            raise KitError(
                f"{layout.root}: the workspace cannot be written ({error}). Choose another folder "
                "with the environment variable MATURITY_WORKSPACE."
            ) from error

    def begin(self, exercise: Exercise) -> None:
        """Bring the exercise's files that are not there yet; never touch one that is."""
        starter = self._catalogue.starter(exercise)
        with _said_for_people():
            for name in (*exercise.given, *exercise.files):
                target = self._layout.project / name
                if not target.exists():
                    write_atomic(target, (starter / name).read_bytes())
            self._bring(exercise)
        for thing in exercise.needs:
            self._provide(thing)

    def add(self, exercise: Exercise) -> list[str]:
        """Add what arrives when the exercise has passed; return the names of what is new."""
        solution = self._catalogue.solution(exercise)
        new = [name for name in exercise.adds if not (self._layout.project / name).exists()]
        with _said_for_people():
            for name in new:
                write_atomic(self._layout.project / name, (solution / name).read_bytes())
        return new

    def _bring(self, exercise: Exercise) -> None:
        """Put a level's new files in the place of the old ones, once; keep copies of those."""
        starter = self._catalogue.starter(exercise)
        for name in exercise.brings:
            target = self._layout.project / name
            done = self._layout.kit / "brought" / f"{exercise.key}_{target.name}"
            if done.exists():
                continue
            if target.exists():
                keep_copy(target, self._layout.copies, self._layout.root)
            write_atomic(target, (starter / name).read_bytes())
            write_atomic(done, "")

    def reset(self, exercise: Exercise, forget: Callable[[], None] = lambda: None) -> Change:
        """Bring back what the exercise starts from, and keep copies of what it replaces.

        `forget` belongs to it: if that fails, the files are as they were.
        """
        with self._all_or_nothing(exercise):
            change = self._lay_over(exercise, self._catalogue.starter(exercise))
            self._take_away(exercise)
            forget()
        return change

    def _take_away(self, exercise: Exercise) -> None:
        """Take away what has arrived with a pass, where it is unchanged: it tests what is gone."""
        solution = self._catalogue.solution(exercise)
        for name in exercise.adds:
            file = self._layout.project / name
            if file.is_file() and file.read_bytes() == (solution / name).read_bytes():
                keep_copy(file, self._layout.copies, self._layout.root)
                file.unlink()

    def solve(self, exercise: Exercise, say: Say = nobody) -> Change:
        """Put the solution in place, and do what files alone do not do; `say` is told how far.

        Raises
        ------
        KitError
            If that fails; the files are then as they were.
        """
        self.begin(exercise)
        with self._all_or_nothing(exercise):
            change = self._lay_over(exercise, self._catalogue.solution(exercise))
            self.add(exercise)
            if exercise.pushes and is_repository(self._layout.project):
                say("committing and pushing: the CI tests it")
                push_work(self._layout.project, exercise, self._as_kit(), say)
                say("waiting for the training, if the push has started one")
                self._wait()
            play = self._catalogue.solution(exercise) / "play" / f"play_{exercise.key}.py"
            if play.is_file():
                say(summary_of(play))
                self._play(play)
        return change

    def push(self, exercise: Exercise, say: Say = nobody) -> list[str]:
        """Commit the learner's work and push it to a branch, then to main; return what was said.

        Each line of it is told as it comes.

        Raises
        ------
        KitError
            If git, the CI or main refuses; the message is theirs.
        """
        env = os.environ | {"GIT_CEILING_DIRECTORIES": str(self._layout.root)}
        return push_work(self._layout.project, exercise, env, say)

    def solution(self, exercise: Exercise) -> tuple[SolutionFile, ...]:
        """Return the solution's files to be read."""
        folder = self._catalogue.solution(exercise)
        found = []
        for name in exercise.files:
            text = sources_of(folder / name)
            mine = self._layout.project / name
            before = sources_of(mine) if mine.exists() else ""
            lines = difflib.unified_diff(
                before.splitlines(), text.splitlines(), "yours", "solution", lineterm=""
            )
            found.append(SolutionFile(name, text, "\n".join(lines)))
        return tuple(found)

    def is_solution(self, exercise: Exercise) -> bool:
        """Return whether the learner's files are the solution's, to the letter."""
        folder = self._catalogue.solution(exercise)
        return all(
            (self._layout.project / name).exists()
            and sources_of(self._layout.project / name) == sources_of(folder / name)
            for name in exercise.files
        )

    def digests(self, exercise: Exercise) -> dict[str, str]:
        """Return the digest of each of the learner's files of an exercise, by its path."""
        files = {name: self._layout.project / name for name in exercise.files}
        return {
            name: text_digest(path.read_text(encoding="utf-8", errors="replace"))
            for name, path in files.items()
            if path.is_file()
        }

    def setup_digests(self) -> dict[str, str]:
        """Return the digests of what decides how pytest runs the project's tests."""

        def read(name: str) -> str | None:
            path = self._layout.project / name
            return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else None

        return setup_digests(read)

    def _lay_over(self, exercise: Exercise, source: Path) -> Change:
        new = {self._layout.project / name: (source / name).read_bytes() for name in exercise.files}
        changed = {
            path: data
            for path, data in new.items()
            if not path.exists() or path.read_bytes() != data
        }
        copies = tuple(
            keep_copy(path, self._layout.copies, self._layout.root)
            for path in changed
            if path.exists()
        )
        for path, data in changed.items():
            write_atomic(path, data)
        return Change(tuple(changed), copies)

    @contextmanager
    def _all_or_nothing(self, exercise: Exercise) -> Iterator[None]:
        """Bring the files back to what they were if what is done within fails or is stopped.

        What they were lies ready meanwhile: to move it back needs no room on the disk.
        """
        ready = self._layout.kit / BEFORE / f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        files = [self._layout.project / name for name in (*exercise.files, *exercise.adds)]
        with _said_for_people():
            try:
                ready.mkdir(parents=True)
                before = {path: ready / str(number) for number, path in enumerate(files)}
                for path, kept in before.items():
                    if path.exists():
                        shutil.copy2(path, kept)
                try:
                    yield
                except BaseException:
                    for path, kept in before.items():
                        _move_back(kept, path)
                    raise
            finally:
                shutil.rmtree(ready, ignore_errors=True)

    def _play(self, play: Path) -> None:
        words = [sys.executable, str(play)]
        try:
            env = self._as_kit() | {"PYTHONPATH": str(self._layout.project)}
            code, output = run_script(words, self._layout.project, env, PLAY_SECONDS)
        except subprocess.TimeoutExpired:
            raise KitError(f"{play.name} took longer than {PLAY_SECONDS} seconds.") from None
        if code != 0:
            last = "\n".join(output.strip().splitlines()[-15:])
            raise KitError(f"The solution could not be carried out ({play.name}):\n{last}")

    def _as_kit(self) -> dict[str, str]:
        """Return the environment in which commits and runs say that the kit made them."""
        name, mail = KIT_AUTHOR
        return os.environ | {
            "GIT_AUTHOR_NAME": name,
            "GIT_AUTHOR_EMAIL": mail,
            "GIT_COMMITTER_NAME": name,
            "GIT_COMMITTER_EMAIL": mail,
            "DO_NOT_TRACK": "true",
            "FLIGHTS_ACTOR": "kit",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "GIT_CEILING_DIRECTORIES": str(self._layout.root),
            "MATURITY_WORKSPACE": str(self._layout.root),
            "PYTHONIOENCODING": "utf-8",
        }


def _move_back(kept: Path, path: Path) -> None:
    """Let `path` be what it was: the file `kept`, or nothing."""
    if not kept.exists():
        path.unlink(missing_ok=True)
    elif not path.exists() or path.read_bytes() != kept.read_bytes():
        kept.replace(path)


@contextmanager
def _said_for_people() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise KitError(
            f"{error.filename or 'project'}: cannot be written or read ({error.strerror}). Is "
            "something else in its place, is the folder writable, is there room on the disk?"
        ) from error


def relative_to_workspace(paths: Sequence[Path], layout: Layout) -> list[str]:
    """Return paths as a learner reads them: below the workspace, with forward slashes."""
    return [path.relative_to(layout.root).as_posix() for path in paths]


def is_new(layout: Layout) -> bool:
    """Return whether a workspace's folder holds nothing yet but the kit's own notes."""
    root = layout.root
    return not root.exists() or all(path == layout.kit for path in root.iterdir())
