"""The command `maturity`: all that the widgets do, without a browser.

Exit codes: 0 done or passed, 1 not yet, 2 misuse or something that cannot be done.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from widgets.base.errors import KitError
from widgets.base.files import write_atomic
from widgets.base.text_bar import TextBar
from widgets.classroom import read_classroom, share, shared_before, withdraw
from widgets.classroom.folder import classroom_folder
from widgets.classroom.gradebook import gradebook
from widgets.classroom.shared import fit_name
from widgets.console import use_plain_letters, write
from widgets.evidence import Assessment
from widgets.exercise.definition import Exercise
from widgets.exercise.result import MISUSE, NOT_YET, PASSED, CheckResult, Event, Outcome
from widgets.exercise.verbs import Hint
from widgets.exercise.workspace import Change, relative_to_workspace
from widgets.kit import Kit, current_kit
from widgets.maturity import words_of
from widgets.mlflow_ui.terminal import serve_until_stopped
from widgets.project.answers import read_answers
from widgets.project.assess import Asked
from widgets.project.keep import keep_report
from widgets.project.report import read_report
from widgets.project.written import as_json, as_text
from widgets.world.sending import Progress
from widgets.world.year_words import YearProgress, policy_lines

GLYPHS = {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.NOT_REACHED: "–"}


@dataclass(frozen=True)
class Answer:
    """What a command answers: lines for a person, a value for a program, and an exit code."""

    lines: Sequence[str]
    value: object
    code: int = PASSED


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    use_plain_letters()
    words = parser().parse_args(argv)
    try:
        answer = run(words)
    except (KitError, OSError) as error:
        print(json.dumps({"error": str(error)}) if words.json else f"{error}", file=sys.stderr)
        return MISUSE
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return NOT_YET
    write(json.dumps(answer.value, indent=1) if words.json else "\n".join(answer.lines))
    return answer.code


def run(words: argparse.Namespace) -> Answer:
    """Run the command that the words ask for."""
    kit = current_kit()
    try:
        answer: Answer = words.run(kit, words)
        return answer
    finally:
        kit.checker.close()


def prepare(kit: Kit) -> None:
    """Bring the workspace up to date before a command that works in it."""
    for line in kit.start():
        print(line, file=sys.stderr)


def tell_problem(kit: Kit) -> None:
    """Say it if the progress was damaged: what comes next shows less than there was."""
    if kit.progress.problem:
        print(kit.progress.problem, file=sys.stderr)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(prog="maturity", description=__doc__.split("\n")[0])
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(
        name: str, text: str, run: Callable[[Kit, argparse.Namespace], Answer]
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.add_argument("--json", action="store_true", help="answer for a program")
        sub.set_defaults(run=run)
        return sub

    command("start", "make the workspace, or bring it up to date", start)
    command("status", "what is done, and which practices are proved", status)
    check = command("check", "check exercises, for example: check 1.1 1.2", check_exercises)
    check.add_argument("exercises", nargs="+", metavar="ID")
    for name, text, run in (
        ("hint", "give the next hint of an exercise", hint),
        ("solve", "put the kit's solution in place; a copy of yours is kept", solve),
        ("push", "commit your work, let the CI test it, and bring it to main", push),
        ("reset", "bring back what an exercise starts from; a copy of yours is kept", reset),
    ):
        command(name, text, run).add_argument("exercise", metavar="ID")
    catch_up_to = command("catch-up", "solve all that comes before an exercise", catch_up)
    catch_up_to.add_argument("exercise", metavar="ID", help='an exercise, or "end" for everything')
    clock = command("clock", "show the date in the world, or move it forward", move_clock)
    clock.add_argument("--to", metavar="DATE", help="for example 2013-04-01")
    said = command("trainings", "what main's moves have started, and how it ended", trainings)
    said.add_argument("--wait", action="store_true", help="until none runs any more")
    server = command("serve", "start your model server, until Ctrl-C", serve)
    server.add_argument("--stop", action="store_true", help="stop the one that runs")
    asked = command("traffic", "let passengers ask your model server about the day", traffic)
    asked.add_argument("--rate", type=float, default=15.0, help="requests a second (15)")
    asked.add_argument("--seconds", type=float, help="else until the day's flights are asked")
    asked.add_argument("--until", metavar="DATE", help="hour by hour and night after night")
    asked.add_argument("--serve", action="store_true", help="start a server if none runs")
    alone = command("year", "let April to December run on their own, in workspace/year", year)
    alone.add_argument("--again", action="store_true", help="begin anew; the old one is kept")
    looked = command("assess", "where a project of your own stands, by evidence", assess)
    looked.add_argument("--repo", type=Path, default=Path(), help="its folder (this one)")
    looked.add_argument("--tracking-uri", default="", help="MLflow's address, or its folder")
    looked.add_argument("--serving-url", default="", help="the running service's address")
    looked.add_argument("--serving-token-file", type=Path, help="if the service wants a token")
    looked.add_argument("--exports", type=Path, help="the folder with ci-runs.json and others")
    looked.add_argument("--answers", type=Path, action="append", default=[], help="of people")
    looked.add_argument("--experiment", default="", help="else the one that matters most")
    looked.add_argument("--model", default="", help="else the one with the youngest version")
    looked.add_argument("--since", type=Path, help="an earlier report: what has changed")
    looked.add_argument("--html", type=Path, metavar="FILE", help="write the report as a page")
    looked.add_argument("--md", type=Path, metavar="FILE", help="write it as Markdown")
    given = command("share", "show your progress to your class, once you have said yes", share_it)
    given.add_argument("--name", help="what your class reads: your name, or another")
    given.add_argument("--yes", action="store_true", help="do not ask: for scripts")
    given.add_argument("--withdraw", action="store_true", help="take back what you have shared")
    book = command("export", "a gradebook as CSV: a learner a row, an exercise a column", export)
    book.add_argument("--classroom", type=Path, metavar="FOLDER", help="of all who have shared")
    book.add_argument("--csv", type=Path, metavar="FILE", help="write it there")
    pages = command("ui", "show the runs and models in MLflow's pages, until Ctrl-C", ui)
    pages.add_argument("--port", type=int, default=0, help="else a free one")
    return top


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
        print(f"  … {event.text}", file=sys.stderr, flush=True)


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
    return changed(kit, "now the kit's solution", kit.verbs.use_solution(exercise))


def push(kit: Kit, words: argparse.Namespace) -> Answer:
    """Commit and push what an exercise asked for."""
    said = kit.verbs.push(kit.exercise(words.exercise))
    return Answer(said, {"said": said})


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


def move_clock(kit: Kit, words: argparse.Namespace) -> Answer:
    """Show the date in the world, or move it forward."""
    kit.world.start()
    today = kit.world.advance_to(words.to) if words.to else kit.world.today
    landed = kit.world.flights_landed()
    lines = [f"date in the world: {today}"]
    lines += [f"  {month}: {rows:,} flights have landed" for month, rows in landed.items()]
    return Answer(lines, {"today": str(today), "landed": landed})


def trainings(kit: Kit, words: argparse.Namespace) -> Answer:
    """Show the trainings that nobody started by hand."""
    lines = kit.trainings(dot if words.wait else None)
    none_yet = "Main has not started a training yet: exercise 2.5."
    return Answer(lines or [none_yet], {"trainings": lines})


def serve(kit: Kit, words: argparse.Namespace) -> Answer:
    """Run the learner's model server."""
    found = kit.server.status()
    if words.stop:
        kit.server.stop()
        said = "Stopped." if found.running else "No model server was running."
        return Answer([said], {"stopped": found.running})
    if found.answers:
        said = f"A model server runs already: {found.url}. `maturity serve --stop` ends it."
        return Answer([said], {"address": found.url, "started": False}, NOT_YET)
    print("The model server starts ", end="", file=sys.stderr, flush=True)
    try:
        found = kit.server.start(dot)
        plain = f"\nThe model server answers: {found.url}\nStop with Ctrl-C here."
        print(json.dumps({"address": found.url}) if words.json else plain, flush=True)
        kit.server.wait()
    except KeyboardInterrupt:
        pass
    finally:
        kit.server.stop()
    return Answer(["Stopped."], {"stopped": True})


def traffic(kit: Kit, words: argparse.Namespace) -> Answer:
    """Ask the model server about flights: as the day goes on, or hour by hour until a day."""
    with kit.served(dot) if words.serve else nullcontext():
        if words.until:
            found = kit.live_until(words.until, show_progress)
        else:
            found = kit.traffic(words.rate, words.seconds, show_progress)
    return Answer(found.lines(), found.value(), NOT_YET if found.failed else PASSED)


def year(kit: Kit, words: argparse.Namespace) -> Answer:
    """Let the year run on its own, or go on where it stopped."""
    with TextBar(sys.stderr, shown=not words.json) as bar:

        def show(far: YearProgress) -> None:
            if far.line:
                bar.say(far.line)
            bar.show(far.days, far.of, str(far))

        done = kit.year(show, words.again)
    counted = f"{done.requests:,} requests, {done.failed:,} failed"
    lines = [f"The year is over: {counted}, in {done.seconds:,.0f} s. It ran {done.commit[:10]}."]
    lines += [*policy_lines(kit.layout.year), "`maturity year --again` begins anew."]
    return Answer(lines, json.loads(done.to_json()))


def assess(kit: Kit, words: argparse.Namespace) -> Answer:
    """Look at a project of one's own: read only, nothing of it is run, nothing is sent."""
    since = read_report(words.since) if words.since else None
    asked = Asked(
        words.repo,
        tracking_uri=words.tracking_uri,
        serving_url=words.serving_url,
        exports=words.exports,
        answers=read_answers(words.answers),
        experiment=words.experiment,
        model=words.model,
        serving_token_file=words.serving_token_file,
    )
    with TextBar(sys.stderr, shown=not words.json) as bar:
        report = kit.assess_project(asked, lambda what, done, of: bar.show(done, max(of, 1), what))
    lines = as_text(report, since)
    for file in (words.html, words.md):
        if file:
            lines += keep_report(file, report, since)
    return Answer(lines, as_json(report))


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


def show_progress(progress: Progress) -> None:
    """Show how far the traffic is, on the standard error stream."""
    if progress.day is None:
        dot()
    else:
        asked = f"{progress.flights:,} flights asked, {progress.failed:,} failed"
        print(f"  … {progress.day}: {asked}", file=sys.stderr, flush=True)


def dot() -> None:
    """Show that something goes on."""
    print(".", end="", file=sys.stderr, flush=True)


def ui(kit: Kit, words: argparse.Namespace) -> Answer:
    """Serve the MLflow UI."""

    def ready(address: str) -> None:
        plain = f"\nMLflow: {address}\nStop with Ctrl-C here."
        print(json.dumps({"address": address}) if words.json else plain, flush=True)

    print("MLflow starts ", end="", file=sys.stderr, flush=True)
    serve_until_stopped(kit.layout, words.port, ready, dot)
    return Answer(["Stopped."], {"stopped": True})


if __name__ == "__main__":
    raise SystemExit(main())
