"""What a learner can do with an exercise; the panel and the command line call the same verbs."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from widgets.base.errors import KitError
from widgets.base.paths import Layout
from widgets.exercise.checker import Checker, OnEvent
from widgets.exercise.definition import Catalogue, Exercise
from widgets.exercise.push import Say, nobody
from widgets.exercise.result import CheckResult, Event
from widgets.exercise.workspace import Change, SolutionFile, Workspace
from widgets.progress import Progress


class Standing(StrEnum):
    """How far an exercise is; the value is what the learner reads."""

    OPEN = "open"
    NOT_YET = "not yet"
    PASSED = "passed"
    PASSED_WITH_KIT = "passed, with the kit's solution"


@dataclass(frozen=True)
class Hint:
    """One hint, and the how-manieth of how many it is."""

    number: int
    total: int
    text: str


# Called before a check: waits for what should not run beside it, and says so. It looks at the
# event now and then: somebody may not want to wait any longer.
Settle = Callable[[Callable[[str], None], threading.Event], None]


def passed_files(exercise: str) -> str:
    """Return the name of the note that keeps which files have passed, with pytest's set-up."""
    return f"passed files {exercise}"


def last_check(exercise: str) -> str:
    """Return the name of the note that keeps what the last check in a panel has found."""
    return f"last check {exercise}"


class Verbs:
    """The verbs, for one workspace.

    Parameters
    ----------
    layout, catalogue, progress, workspace, checker
        The parts that they work on.
    settle : callable, optional
        Waits, before a check, for what should not run beside it.
    """

    def __init__(
        self,
        layout: Layout,
        catalogue: Catalogue,
        progress: Progress,
        workspace: Workspace,
        checker: Checker,
        settle: Settle = lambda say, cancelled: None,
    ) -> None:
        self.layout = layout
        self.catalogue = catalogue
        self.progress = progress
        self.workspace = workspace
        self.checker = checker
        self._settle = settle

    def standing(self, exercise: Exercise) -> Standing:
        """Return how far the exercise is."""
        actor = self.progress.claims().get(exercise.id)
        if actor is not None:
            return Standing.PASSED if actor == "learner" else Standing.PASSED_WITH_KIT
        return Standing.NOT_YET if self.progress.attempts(exercise.id) else Standing.OPEN

    def begin(self, exercise: Exercise) -> None:
        """Bring the exercise's files, where they are not there yet."""
        self.workspace.begin(exercise)

    def check(
        self,
        exercise: Exercise,
        on_event: OnEvent | None = None,
        cancelled: threading.Event | None = None,
    ) -> CheckResult:
        """Check the exercise and keep the result; a check that somebody stopped leaves none."""
        self.workspace.begin(exercise)
        tell = on_event or (lambda event: None)
        cancelled = cancelled or threading.Event()
        self._settle(lambda text: tell(Event("say", text)), cancelled)
        before = self._state(exercise)
        result = self.checker.check(exercise, on_event, cancelled)
        if not result.stopped and self._state(exercise) != before:
            raise KitError(
                f"The files of {exercise.id} were changed while they were checked. The result "
                "belongs to neither state and is not kept: check again."
            )
        if not result.stopped:
            used = self.progress.solution_seen(exercise.id, "used")
            actor = "kit" if used and self.workspace.is_solution(exercise) else "learner"
            self.progress.record_check(exercise.id, result.passed, result.seconds, actor)
        if result.passed:
            self.progress.set_note(passed_files(exercise.id), before)
            self.workspace.add(exercise)
        return result

    def _state(self, exercise: Exercise) -> dict[str, str]:
        """Return the digests of what a check's result holds for."""
        return self.workspace.digests(exercise) | self.workspace.setup_digests()

    def push(self, exercise: Exercise, say: Say = nobody) -> list[str]:
        """Commit what was done and bring it to main, if the CI finds it green; say what it says."""
        return self.workspace.push(exercise, say)

    def hints(self, exercise: Exercise) -> list[Hint]:
        """Return the hints that have been asked for so far."""
        shown = self.progress.hints_shown(exercise.id)
        total = len(exercise.hints)
        return [
            Hint(number, total, text) for number, text in enumerate(exercise.hints[:shown], start=1)
        ]

    def hint(self, exercise: Exercise) -> Hint:
        """Return the next hint; after the last one, the last one again."""
        number = min(self.progress.hints_shown(exercise.id) + 1, len(exercise.hints))
        self.progress.record_hint(exercise.id, number)
        return Hint(number, len(exercise.hints), exercise.hints[number - 1])

    def show_solution(self, exercise: Exercise) -> tuple[SolutionFile, ...]:
        """Return the solution to be read, and keep that it was."""
        self.progress.record_solution(exercise.id, "shown")
        return self.workspace.solution(exercise)

    def use_solution(self, exercise: Exercise, say: Say = nobody) -> Change:
        """Put the solution in place of the learner's files; copies are kept. Say how far it is."""
        # Kept first: a solution that stands there unrecorded would pass as the learner's work.
        self.progress.record_solution(exercise.id, "used")
        return self.workspace.solve(exercise, say)

    def reset(self, exercise: Exercise) -> Change:
        """Bring back what the exercise starts from, and forget that it has passed."""

        def forget() -> None:
            self.progress.set_note(last_check(exercise.id), {})
            self.progress.forget_exercise(exercise.id)

        return self.workspace.reset(exercise, forget)

    def catch_up(
        self,
        exercise: str,
        on_step: Callable[[Exercise], None] = lambda exercise: None,
        on_change: Callable[[Change], None] = lambda change: None,
    ) -> list[CheckResult]:
        """Solve and check what comes before `exercise` ("end": everything) and has not passed.

        Parameters
        ----------
        exercise : str
            An id, or "end".
        on_step : callable, optional
            Told each exercise before it is solved.
        on_change : callable, optional
            Told each time which files were replaced, and where their copies lie.

        Returns
        -------
        list of CheckResult
            One for each exercise that was solved; it ends with the first that does not pass.
        """
        results: list[CheckResult] = []
        for each in self.catalogue.before(exercise):
            if self.progress.passed(each.id):
                continue
            on_step(each)
            on_change(self.use_solution(each))
            results.append(self.check(each))
            if not results[-1].passed:
                break
        return results
