"""The front door: what a notebook imports. Each function shows one thing of the workspace."""

import contextlib
import os
import site
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from widgets.base.bar import Bar
from widgets.base.errors import KitError
from widgets.base.paths import Layout
from widgets.base.plot import describe_figures
from widgets.classroom import read_classroom
from widgets.classroom.example import NOTE, make_example
from widgets.classroom.folder import NAMED_BY, classroom_folder
from widgets.dashboard import Axis, Dashboard
from widgets.diagram import Diagram
from widgets.evidence.ci_records import describe_runs
from widgets.evidence.repository import Repository
from widgets.evidence.table import EvidenceTable
from widgets.exercise.incident import prepare_incident, replay_incident
from widgets.exercise.panel import ExercisePanel
from widgets.kit import Kit
from widgets.mlflow_ui.button import MlflowButton
from widgets.project.answers import read_answers
from widgets.project.assess import Asked
from widgets.project.interview import Interview
from widgets.project.questionnaire import Questionnaire
from widgets.project.shown import ShownReport
from widgets.quiz.bank import load_bank
from widgets.quiz.quiz import Quiz
from widgets.services.button import ServerButton
from widgets.world import World
from widgets.world.clock import to_day
from widgets.world.clock_widget import ClockWidget
from widgets.world.sending import Progress
from widgets.world.year_words import YearProgress

if TYPE_CHECKING:
    from widgets.base.plot import Plot
    from widgets.classroom.room import Room

# With this set to 1 every exercise is solved and checked where its panel is shown: so the
# notebooks are rendered and tested.
SOLVE = "MATURITY_SOLVE"

YEAR_DAYS = 275  # 1 April to 31 December

_shown: "weakref.WeakSet[Diagram]" = weakref.WeakSet()
_dashboards: "weakref.WeakSet[Dashboard]" = weakref.WeakSet()


def begin() -> None:
    """Prepare the workspace and this kernel; every notebook calls it first.

    The learner's project is put on the kernel's import path, and an edited module is read
    again at its next use.
    """
    kit = _kit()
    for line in kit.start():
        print(line)
    site.addsitedir(str(kit.layout.project))
    _prepare_shell()
    kit.checker.warm()
    print("Your workspace is ready. Your project's folder is on this kernel's import path;")
    print("a file that you edit and save is read again at its next use.")


def workspace() -> Path:
    """Return the folder of the workspace."""
    return _kit().layout.root


def world() -> World:
    """Return the simulated world, to be moved by code."""
    return _kit().world


def diagram() -> Diagram:
    """Return the maturity diagram; it follows what happens in this notebook."""
    kit = _kit()
    states = {result.practice.id: result for result in kit.assess().practices}
    shown = Diagram(states, kit.exercises_for_practices())
    _shown.add(shown)
    return shown


def exercise(name: str) -> ExercisePanel:
    """Return the panel of an exercise, for example ``exercise("1.1")``."""
    kit = _kit()
    asked = kit.exercise(name)
    if _solving():
        kit.verbs.use_solution(asked)
        result = kit.verbs.check(asked)
        if not result.passed:
            failed = [item.message for item in result.items if item.message]
            raise KitError(f"The solution of {name} does not pass:\n" + "\n".join(failed))
    return preview(name)


def preview(name: str) -> ExercisePanel:
    """Return the panel of an exercise whose turn has not come yet; it is never solved here."""
    kit = _kit()
    asked = kit.exercise(name)
    kit.verbs.begin(asked)
    return ExercisePanel(asked, kit.verbs, _look_again)


def passed(name: str) -> bool:
    """Return whether an exercise has passed its check."""
    return _kit().progress.passed(_kit().exercise(name).id)


def quiz(name: str) -> Quiz:
    """Return a quiz, for example ``quiz("level_0")``."""
    kit = _kit()
    titles = {practice.id: practice.title for practice in kit.model.practices}
    return Quiz(load_bank(name), kit.progress, titles)


def clock(target: str | None = None) -> ClockWidget:
    """Return the world's clock; with a target, also a button that goes there."""
    if target is not None and _solving():
        _kit().world.advance_to(target)
    return ClockWidget(_kit().world, target, _look_again)


def evidence(level: int = 4) -> EvidenceTable:
    """Return what is proved, claimed and missing, up to a level; it is kept for the climb."""
    return EvidenceTable(_kit().assess_at_end_of(level), level)


def climb() -> "Plot":
    """Return what was proved at each level's end, and now."""
    return _kit().climb()


def questionnaire(file: Path | None = None) -> Questionnaire:
    """Return the questions about a team; the answers are kept in `file`, else in the workspace."""
    return Questionnaire(Interview(file or answers_file()))


def answers_file() -> Path:
    """Return where the questionnaire keeps its answers."""
    return _kit().layout.own_project / "answers.yaml"


def assess(
    repo: str | Path,
    tracking_uri: str = "",
    serving_url: str = "",
    exports: str | Path | None = None,
    answers: Sequence[str | Path] = (),
    experiment: str = "",
    model: str = "",
    serving_token_file: str | Path | None = None,
) -> ShownReport:
    """Return where a project stands: read only, nothing of it is run, nothing is sent.

    Parameters
    ----------
    repo : path
        The project's folder.
    tracking_uri, serving_url : str, optional
        MLflow's address or folder, and the running service's address.
    exports : path, optional
        The folder with ci-runs.json, deployments.json and alerts.json, as far as they are there.
    answers : sequence of paths, optional
        Files of the questionnaire; one that is not there yet holds no answers.
    experiment, model : str, optional
        Names in the tracking; what is not named is chosen, and the report says so.
    serving_token_file : path, optional
        The file with the token, if the service wants one.
    """
    asked = Asked(
        Path(repo),
        tracking_uri=tracking_uri,
        serving_url=serving_url,
        exports=Path(exports) if exports else None,
        answers=read_answers([Path(file) for file in answers if Path(file).exists()]),
        experiment=experiment,
        model=model,
        serving_token_file=Path(serving_token_file) if serving_token_file else None,
    )
    with Bar(100, not _solving()) as bar:
        report = _kit().assess_project(
            asked, lambda what, done, of: bar.show(100 * done // max(of, 1), what)
        )
    return ShownReport(report)


def classroom(folder: str | Path | None = None) -> "Room":
    """Return what a class has shared in `folder`, else in the one MATURITY_CLASSROOM names.

    Where neither is told, an example class is made, in a folder that goes away.
    """
    from widgets.classroom.room import Room  # pandas and matplotlib: only a teacher waits

    if folder or os.environ.get(NAMED_BY):
        return Room(read_classroom(Path(folder) if folder else classroom_folder()))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        scratch = Path(name)
        room = scratch / "class"
        make_example(
            scratch, room, _kit().catalogue, lambda layout, called: Kit(layout).shared(called)
        )
        seen = read_classroom(room)
    return Room(seen, NOTE.format(len(seen.learners)))


def tracking_uri() -> str:
    """Return the address of the workspace's runs and models; empty before there are any."""
    layout = _kit().layout
    return layout.tracking_uri if layout.mlflow_db.exists() else ""


def ci_runs() -> list[str]:
    """Return one line for each CI run in the learner's origin, oldest first."""
    origin = _kit().layout.origin
    lines = describe_runs(origin / "ci", Repository(origin))
    return lines or ["No push has been tested yet: exercise 1.4 makes the first."]


def mlflow(what: str | Sequence[str] = "", text: str = "") -> MlflowButton:
    """Return a button that opens the MLflow UI at what it names.

    For example ``"experiments/late-flights"``, ``"runs/<run id>"``, ``"models"``,
    ``"models/late-flights@champion"``, or a list of run ids, to be compared.
    """
    return MlflowButton(_kit().layout, what, text)


def trainings() -> list[str]:
    """Wait for the trainings that main has started; return what each came to, oldest first."""
    lines = _kit().trainings(tick=lambda: None)
    return lines or ["Main has not started a training yet: exercise 2.5."]


def server(restart: bool = False) -> ServerButton:
    """Return the button that starts and stops the model server; it ends with this kernel.

    With `restart`, one that runs is started anew: a process keeps the code it was started with.
    """
    running = _kit().server
    anew = restart and running.status().running
    if anew:
        running.stop()
    if _solving():
        running.start()
    button = ServerButton(running)
    if anew and not _solving():
        button.do("start")
    return button


def ask(path: str, question: object = None) -> tuple[int, dict[str, object]]:
    """Ask the model server, as a stranger would; return the HTTP status and the answer."""
    return _kit().server.ask(path, question)


def traffic(rate: float = 15, seconds: float = 20) -> None:
    """Let passengers ask about the flights of the world's day, and print what came of it."""
    with _told_plainly(), Bar(round(rate * seconds), not _solving()) as bar:
        print(_kit().traffic(rate, seconds, lambda far: bar.show(far.flights, _asked(far))))


def live_until(day: str) -> None:
    """Let the days pass until `day`, each flight asked about in its hour, and print what came."""
    kit = _kit()
    begin = kit.world.today
    with _told_plainly(), Bar((to_day(day) - begin).days, not _solving()) as bar:

        def show(far: Progress) -> None:
            if far.day:
                bar.show((far.day - begin).days + 1, f"{far.day:%d %B}: {_asked(far)}")

        print(kit.live_until(day, show))
    _look_again()


def dashboard(axis: Axis = "now") -> Dashboard:
    """Return the live dashboard of the model server; the newest one follows the traffic.

    It begins with the last 120 seconds ("now") or with the days of the flights ("days").
    """
    for each in list(_dashboards):
        each.pause("Paused: a newer dashboard follows the traffic.")
    made = Dashboard(_kit().layout, axis)
    _dashboards.add(made)
    return made


def dashboard_figure(axis: Axis = "now") -> "Plot":
    """Return the dashboard as a figure that stands still."""
    from widgets.dashboard.figure import figure  # matplotlib takes half a second

    return figure(_kit().layout, axis)


def summer_figure() -> "Plot":
    """Return what the model said, week by week, beside what became of the flights."""
    from widgets.dashboard.summer import summer

    return summer(_kit().layout)


def year() -> None:
    """Let the year run on its own, or go on where it stopped; print what the loop did."""
    kit = _kit()
    with _told_plainly(), Bar(YEAR_DAYS, not _solving()) as bar:

        def show(far: YearProgress) -> None:
            if far.line and far.now:
                print(far.line, flush=True)
            bar.show(far.days, f"{far} {far.line}")

        done = kit.year(show)
        print(f"The year is over: {done.requests:,} requests, {done.failed:,} failed.")
    _look_again()


def year_figure() -> "Plot":
    """Return the last finished year: the policies by month, and what the loop did when."""
    from widgets.dashboard.year_figure import year_figure

    return year_figure(_kit().layout)


def year_table() -> None:
    """Print the last finished year month by month, and how many steps were done by hand."""
    from widgets.dashboard.year_report import read_year, table

    with _told_plainly():
        print(table(read_year(_kit().layout)))


def incident(level: int) -> Path:
    """Lay a level's incident out anew in a scratch folder, and return the folder."""
    return prepare_incident(level, _kit().layout)


def replay(level: int) -> None:
    """Play a level's incident again on copies of the learner's work, and print what happens."""
    print(replay_incident(level, _kit().layout))


@cache
def _kit() -> Kit:
    return Kit(Layout.current())


def _solving() -> bool:
    return os.environ.get(SOLVE) == "1"


def _asked(far: Progress) -> str:
    return f"{far.flights:,} flights asked, {far.failed:,} failed"


@contextlib.contextmanager
def _told_plainly() -> Iterator[None]:
    """Print what a person can mend; a notebook goes on after it."""
    try:
        yield
    except KitError as error:
        print(error)


def _look_again() -> None:
    states = {result.practice.id: result for result in _kit().assess().practices}
    for each in list(_shown):
        each.update(states)


def _prepare_shell() -> None:
    """Let figures have words, and let edited modules be read again."""
    with contextlib.suppress(ImportError):
        from IPython.core.getipython import get_ipython

        if shell := get_ipython():
            describe_figures(shell)
            shell.run_line_magic("load_ext", "autoreload")
            shell.run_line_magic("autoreload", "2")
