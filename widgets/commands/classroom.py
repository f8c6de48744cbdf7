"""The commands for a class: `share` and `export`."""

import argparse
import sys

from widgets.base.errors import KitError
from widgets.base.files import write_atomic
from widgets.classroom import read_classroom, share, shared_before, withdraw
from widgets.classroom.folder import classroom_folder
from widgets.classroom.gradebook import gradebook
from widgets.classroom.shared import fit_name
from widgets.commands.answer import Answer
from widgets.exercise.result import NOT_YET
from widgets.kit import Kit


def share_it(kit: Kit, words: argparse.Namespace) -> Answer:
    """Show what would leave the workspace, ask, and write it into the class's folder."""
    folder = classroom_folder()
    if words.withdraw:
        found = withdraw(folder, kit.share_key())
        kit.renew_share_key()
        said = "Taken back: your file is gone." if found else "You have shared nothing there."
        return Answer([said], {"withdrawn": found})
    shared = kit.shared(own_name(kit, words.name))
    lines = [f"This would go to {folder}, as one file, and nothing else:", *shared.words()]
    lines += ["No code, no path, no e-mail, no text of an answer leaves. Who can read the folder,"]
    lines += ["can read this. `maturity share --withdraw` takes it back."]
    before = shared_before(folder, kit.share_key())
    if before not in (None, shared.name):
        lines += [f"It takes the place of what this workspace has shared as {before}. If that is"]
        lines += ["somebody else, this workspace is a copy of theirs: share from a fresh one."]
    if not words.yes:
        print("\n".join(lines), file=sys.stderr)
        if not sys.stdin.isatty():
            raise KitError("Nothing was shared: nobody is here to say yes. --yes says it.")
        if input("Share it? (yes/no) ").strip().lower() != "yes":
            return Answer(["Nothing was shared."], {"shared": False}, NOT_YET)
    kit.progress.set_note("classroom name", shared.name)
    file = share(folder, kit.share_key(), shared)
    shown = lines if words.yes else []
    return Answer([*shown, f"Shared: {file}"], {"shared": True, "file": str(file)})


def own_name(kit: Kit, told: str | None) -> str:
    """Return the name that was told, else the one of the last time."""
    name = told or kit.progress.note("classroom name")
    if not isinstance(name, str):
        raise KitError('What may your class call you? Say it: maturity share --name "…"')
    try:
        return fit_name(name)
    except ValueError as error:
        raise KitError(f"--name: {error}.") from None


def export(kit: Kit, words: argparse.Namespace) -> Answer:
    """Write a gradebook: of this workspace, or of all who have shared with a class."""
    if words.classroom:
        room = read_classroom(words.classroom)
        learners, problems = room.learners, room.problems
        if not learners:
            print(f"{words.classroom}: nobody has shared yet.", file=sys.stderr)
    else:
        kept = kit.progress.note("classroom name")
        learners, problems = (kit.shared(kept if isinstance(kept, str) else "me"),), ()
    for problem in problems:
        print(problem, file=sys.stderr)
    text = gradebook(learners, kit.catalogue)
    value = {"learners": [each.model_dump(mode="json") for each in learners]}
    if not words.csv:
        return Answer(text.splitlines(), value)
    write_atomic(words.csv, text)
    number = "1 learner" if len(learners) == 1 else f"{len(learners)} learners"
    return Answer([f"{words.csv}: {number}"], value | {"file": str(words.csv)})
