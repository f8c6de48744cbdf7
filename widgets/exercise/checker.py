"""Runs checks in spare workers, each used once, so that nothing a learner writes costs more
than a message."""

import contextlib
import shutil
import threading
import time
from pathlib import Path

from widgets.base.errors import KitError
from widgets.base.memory import is_small
from widgets.base.paths import KIT_ROOT, Layout
from widgets.exercise.account import Account, OnEvent, death, too_long
from widgets.exercise.appetite import Appetite
from widgets.exercise.definition import Catalogue, Exercise
from widgets.exercise.forks import CAN_FORK, Nursery
from widgets.exercise.result import CheckResult
from widgets.exercise.sandbox import Job, Sandbox, copy_tree
from widgets.exercise.spare import Spare, plain_environment, remove_leftovers

FLIGHTS = KIT_ROOT / "widgets" / "world" / "flights"
START_SECONDS = 120.0  # for the imports of a worker
GRACE_SECONDS = 10.0  # after its limit a worker ends itself, should nobody be there any more
STOPPED = "The check was stopped. Nothing was recorded."
SHARED = "shared"  # modules that the checks of several levels import
LOOK_EVERY = 0.005  # seconds
ANSWER_SECONDS = 0.5  # how long a stuck worker may take to say where it is
GREEDY_SECONDS = 0.2  # and one that takes more and more meanwhile

__all__ = ["Checker", "OnEvent"]


# skops looks into every module that is there, so it comes first.
MLFLOW = "skops.io mlflow.sklearn pandera.pandas"


class Checker:
    """Checks exercises of one workspace.

    Parameters
    ----------
    layout : Layout
        The workspace; its files are copied, never changed.
    catalogue : Catalogue
        Where the checks stand.
    """

    def __init__(self, layout: Layout, catalogue: Catalogue) -> None:
        self._layout = layout
        self._catalogue = catalogue
        self._spare: Spare | None = None
        self._nursery: tuple[str, Nursery] | None = None
        self._lock = threading.Lock()

    def warm(self) -> None:
        """Start a spare worker in advance, unless one is waiting.

        One that has MLflow in it takes 190 MB. Where memory is short the first seconds of a check
        are cheaper than that.
        """
        if self._imports() and is_small():
            self.close()
            return
        with self._lock:
            self._spare = self._living_spare()

    def close(self) -> None:
        """Let the spare worker and its nursery go."""
        with self._lock:
            self._let_go()

    def check(
        self,
        exercise: Exercise,
        on_event: OnEvent | None = None,
        cancelled: threading.Event | None = None,
    ) -> CheckResult:
        """Check an exercise on a copy of the project.

        Parameters
        ----------
        exercise : Exercise
            What is checked.
        on_event : callable, optional
            Told each event as it happens.
        cancelled : threading.Event, optional
            Set by somebody who does not want to wait.

        Returns
        -------
        CheckResult
            Also when the learner's code loops, crashes, ends the process or takes all memory.

        Raises
        ------
        KitError
            If the project cannot be copied.
        """
        spare = self._take()
        account = Account(on_event or (lambda event: None))
        try:
            # Only then the learner's files: a random.py of theirs must not be in the way of it.
            self._await(spare, cancelled)
            if spare.failed:  # its nursery has gone: a plain one works, or says why it does not
                spare.end()
                spare = self._start(spare.imports, None)
                self._await(spare, cancelled)
            started = time.monotonic()
            self._fill(spare.sandbox, exercise)
            spare.say(f"go {exercise.limit + GRACE_SECONDS:.0f}")
            why = _follow(spare, exercise.limit, account, cancelled)
            seconds = time.monotonic() - started
            return account.result(exercise.id, seconds, why, spare.output())
        finally:
            spare.end()
            with contextlib.suppress(KitError):  # the next check says it; this one has its result
                self.warm()

    def _await(self, spare: Spare, cancelled: threading.Event | None) -> None:
        """Wait until a worker is ready or has ended, or somebody does not want to wait any more.

        Raises
        ------
        KitError
            If it takes too long; the next check begins with another nursery.
        """
        until = time.monotonic() + START_SECONDS
        while not spare.is_ready(LOOK_EVERY):
            if cancelled is not None and cancelled.is_set():
                return
            if time.monotonic() > until:
                self.close()
                raise KitError(
                    "Nothing was checked: what a check imports was not there in "
                    f"{START_SECONDS:.0f} s. This machine is very busy, or short of memory. "
                    "Try again."
                )

    def _take(self) -> Spare:
        with self._lock:  # of two checks at once only one gets the spare worker
            spare, self._spare = self._living_spare(), None
        return spare

    def _living_spare(self) -> Spare:
        imports = self._imports()
        if self._spare is not None and self._spare.usable and self._spare.imports == imports:
            return self._spare
        self._let_go(but=imports)
        return self._start(imports, self._living_nursery(imports))

    def _start(self, imports: str, nursery: Nursery | None) -> Spare:
        folder = self._layout.kit / "checks"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            remove_leftovers(folder)
            return Spare(folder, imports, nursery)
        except (OSError, RuntimeError) as error:  # RuntimeError: no room for another thread
            raise KitError(
                f"{folder}: checks cannot be run here ({error}). Is the folder writable, and is "
                "there room on the disk and for another process?"
            ) from error

    def _living_nursery(self, imports: str) -> Nursery | None:
        """Return a process whose forks are workers; none where it would take memory for long."""
        if not CAN_FORK or (imports and is_small()):
            return None
        if self._nursery is None:
            try:
                self._nursery = imports, Nursery(plain_environment(imports))
            except OSError:  # a plain worker works, or says why it does not
                return None
        return self._nursery[1]

    def _let_go(self, but: str | None = None) -> None:
        """End the spare worker, and its nursery unless that lives and has imported just `but`."""
        if self._nursery and not (self._nursery[0] == but and self._nursery[1].alive):
            self._nursery[1].close()  # first: a fork that has not begun need not be waited for
            self._nursery = None
        if self._spare is not None:
            self._spare.end()
            self._spare = None

    def _imports(self) -> str:
        """Return what a worker imports beside what every check needs: from Level 2 on, MLflow."""
        return MLFLOW if self._layout.mlflow.exists() else ""

    def _fill(self, sandbox: Sandbox, exercise: Exercise) -> None:
        check = self._catalogue.check_file(exercise)
        level = self._catalogue.folder(exercise)
        try:
            for source, target in (
                (self._layout.project, sandbox.project),
                (self._layout.data, sandbox.data),
                (level.parent / SHARED, sandbox.checks),
                (check.parent, sandbox.checks),
            ):
                if source.is_dir():
                    copy_tree(source, target)
            sandbox.write_job(Job(check, level, self._layout.root, FLIGHTS))
        except OSError as error:  # shutil.Error too: a list of (source, target, reason)
            raise KitError(_not_copied(error, self._layout.root)) from error


def _follow(spare: Spare, limit: float, account: Account, cancelled: threading.Event | None) -> str:
    """Follow the events to the end; return why it did not come to its end, or nothing."""
    if cancelled is not None and cancelled.is_set():  # it may not even have begun
        account.stopped = True
        return STOPPED
    until = time.monotonic() + limit
    appetite = Appetite(spare.family)
    while True:
        alive = spare.alive  # asked before the events are read: so the last one is not missed
        account.take(spare.new_events())
        if account.done:
            return ""
        if cancelled is not None and cancelled.is_set():
            account.stopped = True
            return STOPPED
        if not alive:
            return death(spare.process.wait())
        if time.monotonic() > until:
            return too_long(limit, _ask_where(spare, account, ANSWER_SECONDS))
        if excess := appetite.excess():
            return excess + _ask_where(spare, account, GREEDY_SECONDS)
        time.sleep(LOOK_EVERY)


def _ask_where(spare: Spare, account: Account, seconds: float) -> str:
    """Return the line of the learner's that is running, or nothing if nobody answers."""
    spare.say("where")
    until = time.monotonic() + seconds
    while account.place is None and spare.alive and time.monotonic() < until:
        time.sleep(LOOK_EVERY)
        account.take(spare.new_events())
    return account.place or ""


def _not_copied(error: OSError, root: Path) -> str:
    """Return a message: the first file that could not be copied, and why."""
    file, reason = error.filename, error.strerror or str(error)
    if isinstance(error, shutil.Error) and error.args and isinstance(error.args[0], list):
        file, _, reason = error.args[0][0]
    name = Path(str(file)).relative_to(root) if str(file).startswith(str(root)) else file
    return (
        f"Nothing was checked: {name} could not be copied ({reason}). A check runs on a copy of "
        "project/ and data/. Remove that file, or make it readable, or make room on the disk."
    )
