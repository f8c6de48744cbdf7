"""What the tracking proves of Levels 2 and 4, held against git and the exported history."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from widgets.evidence import Finding
from widgets.evidence.mlflow_runs import ON_TRAINING_DATA, Run, Tracking, named
from widgets.evidence.registry import RegistryCollector
from widgets.evidence.tracking import TrackingCollector
from widgets.maturity import Model, State
from widgets.project.alerts import about_the_model
from widgets.project.exports import GREEN, SLACK, CiRun, Exports
from widgets.project.practices import questions
from widgets.project.serving import NO_MORE
from widgets.project.workflows import BY_CHANGE, BY_CLOCK, Workflow

LONGEST = timedelta(hours=12)  # a run of the CI; one that waited for a person may last for days
ANSWERED = timedelta(days=7)  # an alert is answered by a training within
# What is usually called a score; a metric with another name may be one, or a count of rows.
SCORE = re.compile(
    r"acc|auc|auroc|f1|fbeta|prec|recall|loss|error|mae|mse|rmse|mape|r2|brier|score|calib|gini|lift"
    r"|kappa|mcc|nll|deviance|likelihood|perplexity|bleu|rouge|wer|map|ndcg|mrr|iou|dice|sens|spec",
    re.IGNORECASE,
)
OF_TIME = re.compile(
    r"time|duration|seconds|latency|memory|epoch|step|progress|rows|samples|rate$", re.IGNORECASE
)
ALERT = re.compile(r"alert:(?P<name>.+)")
BY_EVENT = {"repository_dispatch", "trigger", "pipeline"}
DECISION = re.compile(r"(gate|validation|approv\w*|evaluation)([._-]\w+)*", re.IGNORECASE)


@dataclass(frozen=True)
class Trainings:
    """The runs of one experiment and the versions of one model.

    Attributes
    ----------
    tracking : Tracking
        What was read.
    commits : frozenset of str
        Those of the commits named in it that the repository has.
    exports : Exports
        The history of the CI and of alerts.
    workflows : tuple of Workflow
        Those in which a step trains.
    rules : mapping of str to str
        The alert rules in git, each with its place.
    """

    tracking: Tracking
    commits: frozenset[str]
    exports: Exports
    workflows: tuple[Workflow, ...] = ()
    rules: Mapping[str, str] = field(default_factory=dict)

    def findings(self, model: Model) -> list[Finding]:
        """Return what is seen of the practices that training has a part in."""
        seen = model, self.tracking, set(self.commits)
        return [
            *self._from_commits(int(model.practice("version-control").rule["window"])),
            self._started(int(model.practice("automated-training").rule["runs"])),
            *(self._scored(each) for each in TrackingCollector(*seen).collect()),
            *(self._counting(each) for each in RegistryCollector(*seen).collect()),
            self._decided(),
            self._fed_back(),
            self._continued(model),
        ]

    @property
    def _where(self) -> str:
        return f"experiment {self.tracking.experiment} in {self.tracking.where}"

    def by_ci(self) -> dict[str, CiRun]:
        """Return the trainings that a run of the CI made, by the run's id: at most one for each."""
        made: dict[str, CiRun] = {}
        used: set[int] = set()
        for run in self.tracking.trainings():
            for number, ci in enumerate(self.exports.ci_runs or ()):
                if number in used or not self._may_train(ci):
                    continue
                during = ci.began - SLACK <= run.started_at <= ci.ended + SLACK
                if during and run.commit == ci.commit and not run.dirty:
                    made[run.id] = ci
                    used.add(number)
                    break
        return made

    def _may_train(self, ci: CiRun) -> bool:
        """Return whether a run of the CI can have trained, and without a person who started it."""
        by_itself = ci.event in BY_CLOCK | BY_EVENT | BY_CHANGE
        known = any(each.made(ci.workflow) for each in self.workflows)
        return by_itself and known and ci.result in GREEN and ci.ended - ci.began <= LONGEST

    def _from_commits(self, window: int) -> list[Finding]:
        """Return whether the last trainings came from commits; none if nothing was trained."""
        practice = "version-control"
        last = self.tracking.trainings()[-window:]
        if not last:
            return []
        made = self.by_ci()
        named_commit = [run for run in last if run.commit in self.commits]
        clean = [
            run
            for run in named_commit
            if run.id in made or run.tags.get("dirty", "").lower() == "false"
        ]
        what = f"of the last {len(last)} runs, {len(named_commit)} name a commit of the repository"
        what += f", {len(clean)} of a clean tree"
        if any(run.dirty for run in last) or not named_commit:
            mend = questions()[practice].next
            return [Finding(practice, State.MISSING, what, self._where, mend)]
        if len(clean) < len(last):
            mend = "Whether the tree was clean MLflow does not say: log a tag dirty, true or false."
            return [Finding(practice, State.CLAIMED, what, self._where, mend)]
        return [Finding(practice, State.PROVED, what, self._where)]

    def _scored(self, finding: Finding) -> Finding:
        """Take metrics that only say how long something took for none, and some for a beginning."""
        last = self.tracking.trainings()[-20:]
        common = set.intersection(*(set(run.metrics) for run in last)) if last else set()
        scores = [name for name in common if SCORE.search(name) and not OF_TIME.search(name)]
        unknown = [name for name in common if not OF_TIME.search(name)]
        if finding.practice != "systematic-metrics":
            return finding
        if finding.state is State.MISSING and scores:
            mend = f"{finding.mend} (`mlflow.log_input`, with a context, names the data.)"
            return Finding(finding.practice, State.CLAIMED, finding.what, finding.where, mend)
        if scores or finding.state is not State.PROVED:
            return finding
        what = (
            f"{finding.what}; none of the metrics that all have is known to say how good a model is"
        )
        if unknown:
            mend = "Give it a usual name, or answer for it in the questionnaire."
            return Finding(finding.practice, State.CLAIMED, what, finding.where, mend)
        return Finding(
            finding.practice, State.MISSING, what, finding.where, questions()[finding.practice].next
        )

    def _counting(self, finding: Finding) -> Finding:
        """Take an alias that says "no more" for none."""
        aliases = {name.lower() for each in self.tracking.versions for name in each.aliases}
        if finding.state is not State.PROVED or aliases - NO_MORE:
            return finding
        mend = questions()[finding.practice].next
        return Finding(finding.practice, State.MISSING, finding.what, finding.where, mend)

    def _started(self, asked: int) -> Finding:
        practice = "automated-training"
        trainings = self.tracking.trainings()
        if not trainings:
            what = f"no finished run{self.tracking.not_counted()}"
            return Finding(practice, State.MISSING, what, self._where, questions()[practice].next)
        made = self.by_ci()
        if len(made) >= asked:
            events = named(sorted({ci.event for ci in made.values()}))
            what = f"{len(made)} of {len(trainings)} trainings were made by the CI ({events}): "
            what += "same commit, same time"
            return Finding(practice, State.PROVED, what, f"{self._where}; ci-runs.json")
        said = [run for run in trainings if run.trigger not in ("", "manual")]
        mend = questions()[practice].shows
        if said:
            triggers = named(sorted({run.trigger for run in said}))
            what = f"{len(said)} of {len(trainings)} trainings say what started them ({triggers})"
            what += f"; {len(made)} match a run of the CI"
            return Finding(practice, State.CLAIMED, what, self._where, f"Would show it: {mend}.")
        if self.exports.ci_runs is None:
            what = f"{len(trainings)} trainings, and none says what started it"
            return Finding(practice, State.HIDDEN, what, self._where, "Export ci-runs.json.")
        what = f"{len(made)} of {len(trainings)} trainings match a run of the CI"
        if made:
            mend = f"{asked} are asked for."
            return Finding(practice, State.CLAIMED, what, f"{self._where}; ci-runs.json", mend)
        mend = questions()[practice].next
        if lost := sum(self._may_train(ci) for ci in self.exports.ci_runs):
            what += f"; {lost} green runs of a workflow that trains left no run in this store"
            mend = "Let the training in the CI log to the tracking that all use."
        return Finding(practice, State.MISSING, what, self._where, mend)

    def _decided(self) -> Finding:
        practice = "automated-validation"
        asked = questions()[practice]
        promoted = [version for version in self.tracking.versions if version.aliases]
        tags = sorted(
            {tag for version in promoted for tag in version.tags if DECISION.fullmatch(tag)}
        )
        where = f"model {self.tracking.model} in {self.tracking.where}"
        if tags:
            what = f"{len(promoted)} promoted versions, with the tags {named(tags)}"
            mend = "Who wrote them, and by which rules, only your code says."
            return Finding(practice, State.CLAIMED, what, where, mend)
        what = f"no decision is seen on {len(promoted)} promoted versions"
        if not promoted:
            what = "no version has an alias, so none is known to be promoted"
        return Finding(practice, State.HIDDEN, what, where, f"Would show it: {asked.shows}.")

    def _fed_back(self) -> Finding:
        practice = "feedback-loop"
        runs = [run for run in self.tracking.trainings() if ALERT.fullmatch(run.trigger)]
        asked = questions()[practice]
        if not runs:
            what = "no run names an alert as its trigger"
            return Finding(
                practice, State.HIDDEN, what, self._where, f"Would show it: {asked.shows}."
            )
        linked = [run for run in runs if self._alert_of(run) and run.commit in self.commits]
        if linked:
            what = f"{len(linked)} retrainings name an alert about the model, of a rule in git, "
            what += "that had begun at most a week before"
            return Finding(practice, State.PROVED, what, f"{self._where}; alerts.json")
        what = f"{len(runs)} runs name an alert ({named(run.trigger for run in runs)})"
        return Finding(practice, State.CLAIMED, what, self._where, "Export alerts.json with them.")

    def _alert_of(self, run: Run) -> bool:
        found = ALERT.fullmatch(run.trigger)
        name = found["name"].strip() if found else ""
        return any(
            name == alert.name
            and name in self.rules
            and about_the_model(alert)
            and alert.began <= run.started_at <= alert.began + ANSWERED
            for alert in self.exports.alerts or ()
        )

    def _continued(self, model: Model) -> Finding:
        practice, rule = "continuous-training", model.practice("continuous-training").rule
        made = self.by_ci()
        trainings = self.tracking.trainings()
        alone = [
            run for run in trainings if run.id in made and made[run.id].event in BY_CLOCK | BY_EVENT
        ]
        shows = f"Would show it: {questions()[practice].shows}."
        if not alone:
            what = "no training is seen that the clock or an event started"
            return Finding(practice, State.HIDDEN, what, self._where, shows)
        since = trainings[trainings.index(alone[0]) :]
        others = [run for run in since if run.id not in made]
        data = {digest for run in alone for digest in digests(run)}
        what = f"{len(alone)} trainings by the clock or an event, on {len(data)} states of the data"
        if others:
            what += f"; {len(others)} since then that nobody confirms ({named(others)})"
        enough = len(alone) >= int(rule["retrainings"]) and len(data) >= int(rule["data_digests"])
        if enough and not others:
            return Finding(practice, State.PROVED, what, f"{self._where}; ci-runs.json")
        return Finding(practice, State.CLAIMED, what, self._where, shows)


def digests(run: Run) -> Sequence[str]:
    """Return the digests of the data that a run says it learned from."""
    learned = {"", *ON_TRAINING_DATA}
    return [data.digest for data in run.datasets if data.digest and data.context in learned]
