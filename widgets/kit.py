"""Wires the rooms together for one workspace; notebooks and the command line both start here."""

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from widgets.base.errors import KitError
from widgets.base.memory import is_small
from widgets.base.paths import Layout
from widgets.base.plot import Plot
from widgets.classroom import Shared, collect
from widgets.evidence import Assessment, Claim, ProvedTests, assess, collect_workspace
from widgets.evidence.climb import keep_step
from widgets.evidence.repository import Repository
from widgets.exercise.checker import Checker
from widgets.exercise.definition import Catalogue, Exercise, load_catalogue
from widgets.exercise.verbs import Verbs, passed_files
from widgets.exercise.workspace import Workspace
from widgets.forge.follow import describe_trainings, has_failed, wait_for_trainings
from widgets.forge.origin import make_origin
from widgets.forge.training import LIMIT_SECONDS, running
from widgets.maturity import Model, load
from widgets.mlflow_ui.store import ensure_store, is_of_workspace, own_address_aside
from widgets.progress import Progress
from widgets.project.assess import Asked, Tick, assess_project
from widgets.project.report import Report, report_of
from widgets.services.server import ModelServer
from widgets.services.status import OUTDATED
from widgets.world import World
from widgets.world.sending import Tell, send_live, send_until
from widgets.world.summary import Summary
from widgets.world.year import Year
from widgets.world.year_state import YearState
from widgets.world.year_words import YearProgress

PATIENCE = 300.0  # seconds that a check waits for a training
MUTATION = "1.2"  # the exercise whose check plants bugs


class Kit:
    """Everything that belongs to one workspace.

    Parameters
    ----------
    layout : Layout
        The workspace.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.model: Model = load()
        self.catalogue: Catalogue = load_catalogue()
        self.progress = Progress(layout.progress)
        self.workspace = Workspace(layout, self.catalogue, self._provide, self.trainings_over)
        self.checker = Checker(layout, self.catalogue)
        self.verbs = Verbs(
            layout, self.catalogue, self.progress, self.workspace, self.checker, self._settle
        )
        self.world = World(layout)
        self.server = ModelServer(layout)

    def start(self) -> list[str]:
        """Lay out the workspace and let the world begin; return what a person should know."""
        news = self.workspace.start()
        self.world.start()
        return [*news, *(said for said in (self.progress.problem, self.world.problem) if said)]

    def assess(self) -> Assessment:
        """Look at the workspace and return where it stands, practice by practice."""
        by_kit = self._left_by_kit()
        findings = [
            replace(finding, with_kit=finding.with_kit or finding.practice in by_kit)
            for finding in collect_workspace(self.model, self.layout, self._tested())
        ]
        return assess(self.model, findings, self.claims())

    def assess_at_end_of(self, level: int) -> Assessment:
        """Look at the workspace at a level's end, and keep what is seen for the climb."""
        assessment = self.assess()
        keep_step(self.progress, level, assessment)
        return assessment

    def climb(self) -> Plot:
        """Return what was proved at each level's end, and now."""
        from widgets.evidence.climb_figure import climb_figure  # matplotlib takes half a second

        return climb_figure(self.progress, self.model, self.assess())

    def assess_project(self, asked: Asked, tick: Tick) -> Report:
        """Look at a project of a team; see `widgets.project.assess`."""
        return report_of(assess_project(asked, tick), self.exercises_for_practices())

    def shared(self, name: str) -> Shared:
        """Return what this workspace would share with a class, under a name; nothing leaves."""
        practices = {result.practice.id: result for result in self.assess().practices}
        return collect(name, self.catalogue, self.progress, practices)

    def share_key(self) -> str:
        """Return the name of this workspace's file in a class's folder; made at the first use."""
        return str(self.progress.note_once("classroom key", secrets.token_hex(8)))

    def renew_share_key(self) -> None:
        """Make a new name for the file: a copied workspace has the old one too."""
        self.progress.set_note("classroom key", secrets.token_hex(8))

    def trainings(self, tick: Callable[[], None] | None = None) -> list[str]:
        """Return what the trainings that main has started came to; with `tick`, wait for them."""
        origin = self.layout.origin
        if tick is not None:
            wait_for_trainings(origin, tick)
        return describe_trainings(origin, Repository(origin).subject)

    def training_failed(self) -> bool:
        """Return whether the training of main's present commit has failed, or was killed."""
        main = Repository(self.layout.origin).resolve("refs/heads/main")
        return main is not None and has_failed(self.layout.origin, main)

    def trainings_over(self) -> None:
        """Wait for the trainings that main has started."""
        wait_for_trainings(self.layout.origin, lambda: None, LIMIT_SECONDS + 60)

    def _settle(self, say: Callable[[str], None], cancelled: threading.Event) -> None:
        """Let the trainings end that a push has started, where memory is short."""
        if not is_small() or not running(self.layout.origin):
            return
        say("a training that main has started runs: memory is short here, so it ends first")
        until = time.monotonic() + PATIENCE
        while running(self.layout.origin) and not cancelled.wait(0.5):
            if time.monotonic() > until:
                say(f"it still runs after {PATIENCE:.0f} s: the check begins beside it")
                return

    def traffic(self, rate: float, seconds: float | None, tell: Tell) -> Summary:
        """Let passengers ask about the flights of the world's day; see `send_live`."""
        self.world.start()
        return send_live(self.layout, rate, seconds, tell)

    def live_until(self, day: str, tell: Tell) -> Summary:
        """Let days pass, each flight asked about in its hour; see `send_until`.

        Raises
        ------
        KitError
            If the server runs older code than the project's: days do not come back.
        """
        self.world.start()
        if self.server.status().outdated:
            raise KitError(f"The days would pass with an old server. {OUTDATED}")
        return send_until(self.layout, day, tell)

    def year(self, tell: Callable[[YearProgress], None], again: bool = False) -> YearState:
        """Let the year run on its own, in a workspace of its own; see `Year.run`.

        Raises
        ------
        KitError
            If MLflow's notes go to a team's server: the year needs a champion of its own.
        """
        with own_address_aside(self.layout):
            if not is_of_workspace(self.layout.year):
                raise KitError(
                    "The year keeps its models apart, in its own workspace. MLFLOW_TRACKING_URI "
                    "names another place: call this where it is not set."
                )
            self.checker.close()  # the memory is needed
            with self._aside(tell):
                server = ModelServer(self.layout.year)
                return Year(self.layout, server, ensure_store, tell).run(again)

    @contextmanager
    def _aside(self, tell: Callable[[YearProgress], None]) -> Iterator[None]:
        """Stop the learner's own server for a while, where memory is short."""
        stops = is_small() and self.server.status().answers
        if stops:
            line = "memory is short: your own server rests meanwhile"
            tell(YearProgress(0, 1, line=line))
            self.server.stop()
        try:
            yield
        finally:
            if stops:
                self.server.start()

    @contextmanager
    def served(self, tick: Callable[[], None]) -> Iterator[None]:
        """Have the model server run; one that was started for this is stopped at the end."""
        own = not self.server.status().answers
        if own:
            self.server.start(tick)
        try:
            yield
        finally:
            if own:
                self.server.stop()

    def _tested(self) -> ProvedTests | None:
        """Return which test files have caught planted bugs, as the check of 1.2 kept them."""
        match self.progress.note(passed_files(MUTATION)):
            case {**digests} if digests and MUTATION in self.progress.claims():
                by_kit = self.progress.claims()[MUTATION] == "kit"
                texts = {str(path): str(digest) for path, digest in digests.items()}
                return ProvedTests(texts, f"the check of {MUTATION}", by_kit)
        return None

    def claims(self) -> dict[str, Claim]:
        """Return what the passed checks claim, by practice."""
        actors = self.progress.claims()
        claims = {}
        for practice in self.model.practices:
            passed = [e for e in self.catalogue.for_practice(practice.id) if e.id in actors]
            if passed:
                ids = " and ".join(each.id for each in passed)
                by_kit = any(actors[each.id] == "kit" for each in passed)
                claims[practice.id] = Claim(f"the check of {ids} passed", by_kit)
        return claims

    def _left_by_kit(self) -> set[str]:
        """Return the practices of which the kit's solution may have left the evidence.

        A reset takes the solution away, not the runs and versions that it has made: only who has
        passed the exercise on their own since then has evidence of their own.
        """
        actors = self.progress.claims()
        return {
            practice.id
            for practice in self.model.practices
            for exercise in self.catalogue.for_practice(practice.id)
            if actors.get(exercise.id) != "learner"
            and self.progress.solution_seen(exercise.id, "used")
        }

    def exercises_for_practices(self) -> dict[str, list[tuple[str, str]]]:
        """Return the exercises that prove each practice, as (id, title)."""
        return {
            practice.id: [(e.id, e.title) for e in self.catalogue.for_practice(practice.id)]
            for practice in self.model.practices
        }

    def exercise(self, exercise: str) -> Exercise:
        """Return an exercise by its id."""
        return self.catalogue.exercise(exercise)

    def _provide(self, thing: str) -> None:
        match thing:
            case "origin":
                make_origin(self.layout.origin)
            case "mlflow":
                if is_of_workspace(self.layout):
                    ensure_store(self.layout)
            case _:
                raise KitError(f"exercises.yaml: nobody provides {thing!r}: origin or mlflow.")


def current_kit() -> Kit:
    """Return the kit for the workspace that the environment names."""
    return Kit(Layout.current())
