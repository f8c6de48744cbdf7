"""A class to look at before there is one: thirty workspaces whose progress is really kept.

Nobody is behind it: "Learner 01" and so on walk by dice through the exercises and quizzes. What
they do is written into real progress files, collected and shared by the code that learners use.
"""

import random
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from widgets.base.paths import Layout
from widgets.classroom.folder import share
from widgets.classroom.shared import Shared
from widgets.exercise.definition import Catalogue, Exercise
from widgets.progress import Progress
from widgets.quiz.bank import Bank, load_bank

SEED = 2013
NOTE = "An example class: MATURITY_CLASSROOM is not set. Learners 01 to {:02} are dice, not people."


def make_example(
    scratch: Path,
    folder: Path,
    catalogue: Catalogue,
    collect: Callable[[Layout, str], Shared],
    learners: int = 30,
) -> None:
    """Let made-up learners work in workspaces below `scratch`, and share into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    banks = {level: load_bank(f"level_{level}") for level in range(5)}

    def learn(number: int) -> None:
        dice = random.Random(SEED + number)  # noqa: S311 (no secret)
        layout = Layout(scratch / f"{number:02}")
        walk(Progress(layout.progress), catalogue, banks, dice)
        share(folder, f"{number:016x}", collect(layout, f"Learner {number:02}"))

    with ThreadPoolExecutor(8) as class_:  # each write waits for the disk
        list(class_.map(learn, range(1, learners + 1)))


def walk(
    progress: Progress, catalogue: Catalogue, banks: Mapping[int, Bank], dice: random.Random
) -> None:
    """Do some of the course: every exercise up to a point, and the quiz of each level reached."""
    skill = dice.uniform(0.45, 0.9)
    reached = catalogue.exercises[: dice.randint(4, 14)]
    for exercise in reached:
        work(progress, exercise, skill, dice, last=exercise is reached[-1])
    for level in sorted({exercise.level for exercise in reached[:-1]}):
        bank = banks[level]
        for place, question in enumerate(bank.questions):
            right = dice.random() < skill + (0.15 if place % 3 else -0.15)
            progress.record_answer(bank.bank, question.id, "", right)
            if not right and dice.random() < 0.5:
                progress.record_answer(bank.bank, question.id, "", True)


def work(
    progress: Progress, exercise: Exercise, skill: float, dice: random.Random, last: bool
) -> None:
    """Try an exercise until it passes, is solved with the kit, or the lesson is over."""
    hard = min(exercise.minutes / 60, 0.5)
    failed = 0
    while dice.random() > skill - hard / 2 and failed < 6:
        failed += 1
        progress.record_check(exercise.id, False, 1.0, "learner")
        if failed > 1:
            progress.record_hint(exercise.id, min(failed - 1, len(exercise.hints)))
    if last:
        return
    if failed > 3:
        progress.record_solution(exercise.id, "used")
    elif failed > 2:
        progress.record_solution(exercise.id, "shown")
    progress.record_check(exercise.id, True, 1.0, "kit" if failed > 3 else "learner")
