"""The commands for exercises: `check`, `hint`, `solve`, `push`, `reset`, `catch-up`."""

import argparse
import sys

from widgets.commands.answer import Answer, prepare, tell_problem
from widgets.exercise.definition import Exercise
from widgets.exercise.push import matters, nobody
from widgets.exercise.result import NOT_YET, PASSED, CheckResult, Event, Outcome
from widgets.exercise.verbs import Hint
from widgets.exercise.workspace import Change, relative_to_workspace
from widgets.kit import Kit

GLYPHS = {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.NOT_REACHED: "–"}


def check_exercises(kit: Kit, words: argparse.Namespace) -> Answer:
    """Check one or more exercises."""
    exercises = [kit.exercise(name) for name in words.exercises]
    prepare(kit)
    results = []
    for exercise in exercises:
        if exercise.slow and not words.json:
            print(f"{exercise.id}: {exercise.slow}", file=sys.stderr)
        results.append(kit.verbs.check(exercise, None if words.json else show_event))
    lines = [line for result in results for line in result_lines(kit, result)]
    passed = all(result.passed for result in results)
    return Answer(
        lines, [result_value(result) for result in results], PASSED if passed else NOT_YET
    )


def show_event(event: Event) -> None:
    """Show what a check is doing, on the standard error stream."""
    if event.kind == "say":
        show_line(event.text)


def show_line(line: str) -> None:
    """Show a line of what is being done, on the standard error stream."""
    print(f"  … {line}", file=sys.stderr, flush=True)


def result_lines(kit: Kit, result: CheckResult) -> list[str]:
    """Return the result of a check for a person."""
    exercise = kit.exercise(result.exercise)
    verdict = "passed" if result.passed else "not yet"
    lines = [f"{exercise.id} {exercise.title}: {verdict} ({result.seconds:.1f} s)"]
    for item in result.items:
        lines.append(f"  {GLYPHS[item.outcome]} {item.requirement}")
        lines += [f"      {line}" for line in item.message.splitlines()]
    if not result.passed and result.output.strip():
        lines.append("  Your code printed, at the end:")
        lines += [f"      {line}" for line in result.output.strip().splitlines()[-5:]]
    return lines


def result_value(result: CheckResult) -> dict[str, object]:
    """Return the result of a check for a program."""
    return {
        "exercise": result.exercise,
        "passed": result.passed,
        "seconds": round(result.seconds, 3),
        "items": [
            {"requirement": i.requirement, "outcome": i.outcome.value, "message": i.message}
            for i in result.items
        ],
    }


def hint(kit: Kit, words: argparse.Namespace) -> Answer:
    """Give the next hint."""
    tell_problem(kit)
    given: Hint = kit.verbs.hint(kit.exercise(words.exercise))
    lines = [f"Hint {given.number} of {given.total}: {given.text}"]
    return Answer(lines, {"number": given.number, "total": given.total, "text": given.text})


def solve(kit: Kit, words: argparse.Namespace) -> Answer:
    """Use the kit's solution."""
    exercise = kit.exercise(words.exercise)
    prepare(kit)
    change = kit.verbs.use_solution(exercise, nobody if words.json else show_line)
    return changed(kit, "now the kit's solution", change)


def push(kit: Kit, words: argparse.Namespace) -> Answer:
    """Commit and push what an exercise asked for."""
    said = kit.verbs.push(kit.exercise(words.exercise), nobody if words.json else show_line)
    return Answer(matters(said), {"said": said})


def reset(kit: Kit, words: argparse.Namespace) -> Answer:
    """Bring back the starter."""
    exercise = kit.exercise(words.exercise)
    prepare(kit)
    return changed(kit, "as it came", kit.verbs.reset(exercise))


def changed(kit: Kit, what: str, change: Change) -> Answer:
    """Say which files were replaced, and where the copies lie."""
    files = relative_to_workspace(change.files, kit.layout)
    copies = relative_to_workspace(change.copies, kit.layout)
    lines = [f"{file}: {what}" for file in files] or [f"Nothing to do: it is {what} already."]
    lines += [f"copy of yours: {copy}" for copy in copies]
    return Answer(lines, {"files": files, "copies": copies})


def catch_up(kit: Kit, words: argparse.Namespace) -> Answer:
    """Solve what comes before an exercise."""
    kit.catalogue.before(words.exercise)  # an unknown id is said before anything is done
    prepare(kit)

    def tell(exercise: Exercise) -> None:
        print(f"  … solving {exercise.id}", file=sys.stderr, flush=True)

    changes: list[Change] = []
    results = kit.verbs.catch_up(words.exercise, tell, changes.append)
    lines = [line for result in results for line in result_lines(kit, result)]
    copies = [path for change in changes for path in change.copies]
    lines += [f"copy of yours: {copy}" for copy in relative_to_workspace(copies, kit.layout)]
    passed = all(result.passed for result in results)
    value = [result_value(result) for result in results]
    return Answer(lines or ["Nothing to do."], value, PASSED if passed else NOT_YET)
