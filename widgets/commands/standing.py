"""The commands `start` and `status`: the workspace, and how far it is."""

import argparse

from widgets.commands.answer import Answer, tell_problem
from widgets.evidence import Assessment
from widgets.kit import Kit
from widgets.maturity import words_of


def start(kit: Kit, words: argparse.Namespace) -> Answer:
    """Lay out the workspace."""
    news = kit.start()
    lines = [f"workspace: {kit.layout.root}", f"date in the world: {kit.world.today}", *news]
    value = {"workspace": str(kit.layout.root), "today": str(kit.world.today), "news": news}
    return Answer(lines, value)


def status(kit: Kit, words: argparse.Namespace) -> Answer:
    """Show what is done: exercise by exercise, practice by practice."""
    tell_problem(kit)
    exercises = [
        {
            "id": each.id,
            "title": each.title,
            "standing": kit.verbs.standing(each).value,
            "checks": kit.progress.attempts(each.id),
            "hints": kit.progress.hints_shown(each.id),
        }
        for each in kit.catalogue.exercises
    ]
    lines = ["Exercises"]
    lines += [
        f"  {each['id']}  {each['title']:28} {each['standing']}"
        + (f"  ({each['checks']} checks, {each['hints']} hints)" if each["checks"] else "")
        for each in exercises
    ]
    assessment = kit.assess()
    lines += ["", "Practices", *practice_lines(assessment)]
    return Answer(lines, {"exercises": exercises, **assessment_value(assessment)})


def practice_lines(assessment: Assessment) -> list[str]:
    """Return the table of practices as text, with the two levels under it."""
    lines = [
        f"  {result.practice.level}  {result.practice.title:26} {words_of(result)}"
        + (f": {result.reason}" if result.reason and result.state.value != "missing" else "")
        for result in assessment.practices
    ]
    lines.append("")
    for word, level, held in (
        ("proved", assessment.proved_level, assessment.proved_held_by),
        ("if all claims hold", assessment.claimed_level, assessment.claimed_held_by),
    ):
        because = f", held back by: {held.title.lower()}" if held else ""
        lines.append(f"  Level {level} {word}{because}")
    return lines


def assessment_value(assessment: Assessment) -> dict[str, object]:
    """Return an assessment for a program."""
    return {
        "practices": [
            {
                "id": result.practice.id,
                "level": result.practice.level,
                "state": result.state.value,
                "with_kit": result.with_kit,
                "reason": result.reason,
                "mend": result.mend,
            }
            for result in assessment.practices
        ],
        "proved_level": assessment.proved_level,
        "claimed_level": assessment.claimed_level,
    }
