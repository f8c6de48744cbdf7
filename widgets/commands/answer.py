"""What a command answers, and what it shows while it works."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from widgets.exercise.result import PASSED
from widgets.kit import Kit


@dataclass(frozen=True)
class Answer:
    """What a command answers: lines for a person, a value for a program, and an exit code.

    A program that has been told everything while the command ran gets no value: None.
    """

    lines: Sequence[str]
    value: object
    code: int = PASSED


def prepare(kit: Kit) -> None:
    """Bring the workspace up to date before a command that works in it."""
    for line in kit.start():
        print(line, file=sys.stderr)


def tell_problem(kit: Kit) -> None:
    """Say it if the progress was damaged: what comes next shows less than there was."""
    if kit.progress.problem:
        print(kit.progress.problem, file=sys.stderr)


def dot() -> None:
    """Show that something goes on."""
    print(".", end="", file=sys.stderr, flush=True)
