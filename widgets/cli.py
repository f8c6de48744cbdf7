"""The command `maturity`: all that the widgets do, without a browser.

Exit codes: 0 done or passed, 1 not yet, 2 misuse or something that cannot be done.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from widgets.base.errors import KitError
from widgets.commands.answer import Answer
from widgets.commands.classroom import export, share_it
from widgets.commands.exercises import catch_up, check_exercises, hint, push, reset, solve
from widgets.commands.production import move_clock, serve, traffic, trainings, ui, year
from widgets.commands.standing import start, status
from widgets.commands.team import assess
from widgets.console import use_plain_letters, write
from widgets.exercise.result import MISUSE, NOT_YET
from widgets.kit import Kit, current_kit


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
    if not words.json:
        write("\n".join(answer.lines))
    elif answer.value is not None:
        write(json.dumps(answer.value, indent=1))
    return answer.code


def run(words: argparse.Namespace) -> Answer:
    """Run the command that the words ask for."""
    kit = current_kit()
    try:
        answer: Answer = words.run(kit, words)
        return answer
    finally:
        kit.checker.close()


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
    asked.add_argument("--until", metavar="DATE", help="day by day, with the nights between")
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


if __name__ == "__main__":
    raise SystemExit(main())
