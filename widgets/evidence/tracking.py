"""Collects what the tracking shows of each training: is it written down, can it be compared."""

from collections.abc import Callable, Sequence

from widgets.evidence.finding import Finding
from widgets.evidence.mlflow_runs import ON_TRAINING_DATA, Run, Tracking, named
from widgets.maturity import Model, State

Lack = tuple[str, Callable[[Run], bool]]  # what a run has not, and how that is seen


class TrackingCollector:
    """Looks at the last trainings of one experiment.

    The records lie where their subject may write: they prove that the project's code writes them,
    not that every number in them is true. A commit is therefore looked up in the repository.

    Parameters
    ----------
    model : Model
        Where the rules stand: how many runs, which share, which window.
    tracking : Tracking
        What was read.
    commits : set of str
        Those of the commits named in it that the repository has.
    """

    practices = ("experiment-tracking", "systematic-metrics")

    def __init__(self, model: Model, tracking: Tracking, commits: set[str]) -> None:
        self._model = model
        self._tracking = tracking
        self._commits = commits
        self._trainings = tracking.trainings()

    def collect(self) -> Sequence[Finding]:
        """Return one finding for each of the two practices."""
        return [self._complete(), self._comparable()]

    def _complete(self) -> Finding:
        practice = "experiment-tracking"
        rule = self._model.practice(practice).rule
        window = self._trainings[-int(rule["window"]) :]
        lacks: list[Lack] = [
            ("no parameters", lambda run: not run.params),
            ("no metrics", lambda run: not run.metrics),
            ("no dataset", lambda run: not any(data.digest for data in run.datasets)),
            ("no commit", lambda run: run.commit is None),
            (
                "a commit that the repository does not have",
                lambda run: run.commit is not None and run.commit not in self._commits,
            ),
        ]
        good, faults = _judge(window, lacks)
        enough = len(good) >= float(rule["complete_share"]) * len(window)
        what = f"{len(good)} of the last {len(window)} runs have parameters, metrics, data, commit"
        mend = "Exercise 2.1 writes all four into each run; commit and push what was trained."
        return self._finding(practice, window, good, what, faults, "" if enough else mend)

    def _comparable(self) -> Finding:
        practice = "systematic-metrics"
        rule = self._model.practice(practice).rule
        window = self._trainings[-int(rule["window"]) :]
        usual = usual_metrics(window)
        common = set.intersection(*(set(run.metrics) for run in window)) if window else set()
        poor = {
            run.id: named(sorted(lacking))
            for index, run in enumerate(window)
            if (lacking := missing_metrics(run, index, usual))
        }
        same = [run for run in window if run.id not in poor]
        told, faults = _judge(window, [("no data named beside what it learned from", unjudged)])
        good = [run for run in same if run in told]
        if poor:
            lines = (f"{run}: no {poor[run.id]}" for run in window if run.id in poor)
            faults.insert(0, f"{len(poor)} of {len(window)} lack usual metrics ({named(lines)})")
        if not common:
            faults.insert(0, "no metric that all of them have")
        enough = (
            bool(common)
            and len(same) >= float(rule["same_metrics_share"]) * len(window)
            and len(told) >= float(rule["data_named_share"]) * len(window)
        )
        what = f"{len(good)} of the last {len(window)} runs have the {len(usual)} usual metrics"
        what += " and named data"
        mend = "Exercises 2.1 and 2.6: the same metrics each time, and the judging data as input."
        return self._finding(practice, window, good, what, faults, "" if enough else mend)

    def _finding(
        self,
        practice: str,
        window: Sequence[Run],
        good: Sequence[Run],
        what: str,
        faults: Sequence[str],
        mend: str,
    ) -> Finding:
        asked = int(self._model.practice(practice).rule["runs"])
        where = f"experiment {self._tracking.experiment} in {self._tracking.where}"
        if not self._trainings:
            return no_training(practice, self._tracking)
        since = f"; {len(self._trainings)} in all since {self._trainings[0].started_at:%Y-%m-%d}"
        seen = f"{what}{since}{self._tracking.not_counted()}"
        if faults:
            seen += f"; {'; '.join(faults)}"
        if len(self._trainings) < asked:
            few = f"{asked} runs are asked for."
            return Finding(practice, State.MISSING, seen, where, f"{few} {mend}".strip())
        if mend:
            return Finding(practice, State.MISSING, seen, where, mend)
        own = [run for run in good if not run.by_kit]
        return Finding(practice, State.PROVED, seen, where, with_kit=len(own) < asked)


def no_training(practice: str, tracking: Tracking) -> Finding:
    """Return the finding for an experiment without a finished run; it names those that are."""
    others = [name for name in tracking.experiments if name not in ("Default", tracking.experiment)]
    what = f"no finished run in experiment {tracking.experiment}{tracking.not_counted()}"
    if others:
        what += f"; there is {named(others)}"
    return Finding(practice, State.MISSING, what, tracking.where, EXERCISES[practice])


def usual_metrics(runs: Sequence[Run]) -> dict[str, int]:
    """Return the metrics that are usual, each with the index of the first run that has it.

    A metric is usual if at least half of the runs have it, counted from its first: so a metric
    that is added today is not asked of yesterday's runs, and one that was tried once of none.
    """
    usual = {}
    for name in {name for run in runs for name in run.metrics}:
        having = [index for index, run in enumerate(runs) if name in run.metrics]
        if 2 * len(having) >= len(runs) - having[0]:
            usual[name] = having[0]
    return usual


def missing_metrics(run: Run, index: int, usual: dict[str, int]) -> set[str]:
    """Return the usual metrics that `run`, number `index` of its row, should have and has not."""
    return {name for name, first in usual.items() if index >= first and name not in run.metrics}


def unjudged(run: Run) -> bool:
    """Return whether a run names no data, with a digest, that it says it was not trained on."""
    judging = (data for data in run.datasets if data.context not in {"", *ON_TRAINING_DATA})
    return not any(data.digest for data in judging)


def _judge(runs: Sequence[Run], lacks: Sequence[Lack]) -> tuple[list[Run], list[str]]:
    """Return the runs that lack nothing, and a sentence for each thing that some lack."""
    good = list(runs)
    faults = []
    for words, lacking in lacks:
        if poor := [run for run in runs if lacking(run)]:
            verb = "has" if len(poor) == 1 else "have"
            faults.append(f"{len(poor)} of {len(runs)} {verb} {words} ({named(poor)})")
            good = [run for run in good if run not in poor]
    return good, faults


EXERCISES = {
    "experiment-tracking": "Exercise 2.1: track every run.",
    "systematic-metrics": "Exercises 2.1 and 2.6: the same metrics in every run, on named data.",
    "model-registry": "Exercises 2.3 and 2.4: register what was trained, and name it by alias.",
    "automated-training": "Exercises 2.2, 2.3 and 2.5: a pipeline that a push to main starts.",
}
