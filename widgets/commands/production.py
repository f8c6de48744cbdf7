"""The commands for production: `clock`, `trainings`, `serve`, `traffic`, `year`, `ui`."""

import argparse
import json
import sys
from contextlib import nullcontext

from widgets.base.text_bar import TextBar
from widgets.commands.answer import Answer, dot
from widgets.exercise.result import NOT_YET, PASSED
from widgets.kit import Kit
from widgets.mlflow_ui.terminal import serve_until_stopped
from widgets.world.sending import Progress
from widgets.world.year_words import YearProgress, policy_lines


def move_clock(kit: Kit, words: argparse.Namespace) -> Answer:
    """Show the date in the world, or move it forward."""
    kit.world.start()
    today = kit.world.advance_to(words.to) if words.to else kit.world.today
    landed = kit.world.flights_landed()
    lines = [f"date in the world: {today}"]
    lines += [f"  {month}: {rows:,} flights have landed" for month, rows in landed.items()]
    return Answer(lines, {"today": str(today), "landed": landed})


def trainings(kit: Kit, words: argparse.Namespace) -> Answer:
    """Show the trainings that nobody started by hand; main's commit decides the exit code."""
    lines = kit.trainings(dot if words.wait else None)
    none_yet = "Main has not started a training yet: exercise 2.5."
    code = NOT_YET if kit.training_failed() else PASSED
    return Answer(lines or [none_yet], {"trainings": lines}, code)


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
    return Answer(["Stopped."], None)


def traffic(kit: Kit, words: argparse.Namespace) -> Answer:
    """Ask the model server about flights: as the day goes on, or day by day until one."""
    with kit.served(dot) if words.serve else nullcontext():
        if words.until:
            found = kit.live_until(words.until, show_progress)
        else:
            found = kit.traffic(words.rate, words.seconds, show_progress)
    return Answer(found.lines(), found.value(), NOT_YET if found.failed else PASSED)


def show_progress(progress: Progress) -> None:
    """Show how far the traffic is, on the standard error stream."""
    if progress.day is None:
        dot()
    else:
        asked = f"{progress.flights:,} flights asked, {progress.failed:,} failed"
        print(f"  … {progress.day}: {asked}", file=sys.stderr, flush=True)


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


def ui(kit: Kit, words: argparse.Namespace) -> Answer:
    """Serve the MLflow UI."""

    def ready(address: str) -> None:
        plain = f"\nMLflow: {address}\nStop with Ctrl-C here."
        print(json.dumps({"address": address}) if words.json else plain, flush=True)

    print("MLflow starts ", end="", file=sys.stderr, flush=True)
    serve_until_stopped(kit.layout, words.port, ready, dot)
    return Answer(["Stopped."], None)
