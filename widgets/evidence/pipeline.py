"""Collects the trainings that no person started; holds each against git and the hook's record."""

import tomllib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from widgets.evidence.finding import Finding
from widgets.evidence.mlflow_runs import Run, Tracking, named
from widgets.evidence.repository import Repository
from widgets.evidence.tracking import EXERCISES, no_training
from widgets.evidence.training_records import denial, read_training_record
from widgets.maturity import Model, State

BY_A_PERSON = {"", "manual", "sweep"}
PUSH = "push"
IDLE = 2  # pushes in a row that called on_main and left no run: it does nothing any more
Doubt = tuple[Run, str]  # a run, and why its word is not taken


class PipelineCollector:
    """Looks at what the runs say started them.

    A tag is a word that anybody can write with one line of Python, so alone it is only claimed.
    A run is confirmed if three things that were written by others agree with it: the commit is in
    the shared repository, main once pointed at it, and the hook's record says that a training of
    this commit ran at this time and ended well. The records lie in the same workspace: who wants
    to can write them too. They show that things were done, not that nobody cheated; a forge keeps
    them where its users cannot write.

    Parameters
    ----------
    model : Model
        Where the rules stand.
    tracking : Tracking
        What was read.
    repository : Repository
        The shared repository, whose main starts trainings.
    records : Path
        The folder with the hook's records.
    """

    practices = ("automated-training",)

    def __init__(
        self, model: Model, tracking: Tracking, repository: Repository, records: Path
    ) -> None:
        self._rule = model.practice("automated-training").rule
        self._tracking = tracking
        self._repository = repository
        self._records = records

    def collect(self) -> Sequence[Finding]:
        """Return one finding: how many runs were started by what, and what confirms them."""
        practice = "automated-training"
        trainings = self._tracking.trainings()
        if not trainings:
            return [no_training(practice, self._tracking)]
        said = [run for run in trainings if run.trigger not in BY_A_PERSON]
        where = f"the tag trigger in {self._tracking.where}, {self._records.name} in the origin"
        if not said:
            what = (
                f"{len(trainings)} runs, and none says that something else than a person started it"
            )
            return [Finding(practice, State.MISSING, what, where, EXERCISES[practice])]
        confirmed, unsure, denied = self._sort(said)
        share, nameless = self._named_share(trainings, said[0])
        asked = int(self._rule["runs"])
        what = f"{len(confirmed)} trainings that no person started" + _triggers(confirmed)
        what += f"; runs say so since {said[0].started_at:%Y-%m-%d}"
        for words, doubtful in (("said, not confirmed", unsure), ("contradicted", denied)):
            if doubtful:
                what += f"; {len(doubtful)} {words}: {named(_told(doubtful))}"
        if nameless:
            what += f"; {len(nameless)} since then name no trigger ({named(nameless)})"
        if share < float(self._rule["trigger_named_share"]):
            mend = "Each run names what started it: the tag trigger (exercise 2.5)."
            return [Finding(practice, State.MISSING, what, where, mend)]
        if len(confirmed) >= asked and (asleep := self._asleep(trainings)):
            what += f"; {asleep}"
            return [Finding(practice, State.MISSING, what, where, EXERCISES[practice])]
        if len(confirmed) >= asked:
            own = [run for run in confirmed if not run.by_kit]
            return [Finding(practice, State.PROVED, what, where, with_kit=len(own) < asked)]
        mend = f"{asked} runs that a push to main started and the origin recorded: exercise 2.5."
        kit = all(run.by_kit for run in (*confirmed, *(run for run, _ in unsure)))
        enough = len(confirmed) + len(unsure) >= asked
        state = State.CLAIMED if enough else State.MISSING
        return [Finding(practice, state, what, where, mend, with_kit=enough and kit)]

    def _asleep(self, trainings: Sequence[Run]) -> str:
        """Return why the next push would train nothing, or nothing.

        What a push did once says nothing of today: main may name no function any more, or one that
        does nothing. The hook records each call, so calls that have left no run are seen. One is
        no sign: a training may fail, and a push of words alone needs none.
        """
        if not self._repository.exists:
            return ""
        tip = self._repository.resolve("refs/heads/main")
        if tip and not named_on_main(self._repository.read(tip, "pyproject.toml") or ""):
            return "the pyproject.toml on main names nothing that a push calls (on_main)"
        trained = {run.commit for run in trainings}
        idle: list[str] = []
        for commit in reversed(self._repository.positions("main")):
            if commit in trained:
                break
            record = read_training_record(self._records, commit)
            if record and record.exit_code is not None:
                idle.append(commit[:8])
        if len(idle) < IDLE:
            return ""
        return f"the last {len(idle)} pushes have trained nothing ({named(idle)})"

    def _named_share(self, trainings: Sequence[Run], first: Run) -> tuple[float, list[Run]]:
        since = trainings[trainings.index(first) :][-int(self._rule["window"]) :]
        nameless = [run for run in since if not run.trigger]
        return 1 - len(nameless) / len(since), nameless

    def _sort(self, said: Sequence[Run]) -> tuple[list[Run], list[Doubt], list[Doubt]]:
        """Return the confirmed runs, the unconfirmed and the contradicted, with the reasons."""
        known = self._repository.known(run.commit for run in said if run.commit)
        moves = set(self._repository.positions("main"))
        confirmed: dict[str, Run] = {}
        unsure: list[Doubt] = []
        denied: list[Doubt] = []
        for run in said:
            against, lacking = self._hold(run, known, moves)
            if against:
                denied.append((run, against))
            elif lacking:
                unsure.append((run, lacking))
            elif run.commit in confirmed:
                unsure.append((run, "its record is that of an earlier run"))
            elif run.commit:
                confirmed[run.commit] = run
        return list(confirmed.values()), unsure, denied

    def _hold(self, run: Run, known: set[str], moves: set[str]) -> tuple[str, str]:
        """Return what speaks against a run's word, and what is lacking to confirm it."""
        if run.commit is None:
            return "", "it names no commit"
        if not self._repository.exists:
            return "", "there is no shared repository to hold it against"
        if run.commit not in known:
            return f"the shared repository has no commit {run.commit[:8]}", ""
        if run.dirty:
            return "a clean checkout is never dirty", ""
        if run.trigger != PUSH:
            return "", f"nothing here records what {run.trigger[:40]!r} starts"
        if not moves:
            return "", "main has no log of its moves"
        if run.commit not in moves:
            return f"main never pointed at {run.commit[:8]}", ""
        record = read_training_record(self._records, run.commit)
        if record is None:
            return "", f"the origin has no record of a training of {run.commit[:8]}"
        return denial(record, run) or "", ""


def named_on_main(text: str) -> str:
    """Return the dotted name of on_main in [tool.flights.seams] of a pyproject.toml, or nothing."""
    table: object = {}
    with suppress(tomllib.TOMLDecodeError):
        table = tomllib.loads(text)
    for name in ("tool", "flights", "seams", "on_main"):
        table = table.get(name) if isinstance(table, dict) else None
    name = table if isinstance(table, str) else ""
    return name if all(map(str.isidentifier, name.split("."))) else ""


def _triggers(runs: Sequence[Run]) -> str:
    return f" (by {named(sorted({run.trigger for run in runs}))})" if runs else ""


def _told(doubtful: Sequence[Doubt]) -> list[str]:
    return [f"{run}: {why}" for run, why in doubtful]
