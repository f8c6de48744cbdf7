"""Collects whether what was trained came from a commit: the second half of version control."""

from collections.abc import Sequence

from widgets.evidence.finding import Finding
from widgets.evidence.mlflow_runs import Run, Tracking, Version, named
from widgets.maturity import Model, State


class ProvenanceCollector:
    """Looks for runs and versions that were trained from files that no commit holds.

    A registered version from a dirty tree is a loss for as long as it is registered. A run from
    one is a loss only while it is among the last `window` trainings: trying something before
    committing it should not count for ever. Without any training there is no finding, and none if
    the tracking cannot be read: Level 1 then stands on the history alone, as it did before.

    The tag `dirty` is the word of the learner's own code. It proves that the code looks, which is
    the habit that matters here.

    Parameters
    ----------
    model : Model
        Where the rule stands.
    tracking : Tracking
        What was read.
    """

    practices = ("version-control",)

    def __init__(self, model: Model, tracking: Tracking) -> None:
        self._rule = model.practice("version-control").rule
        self._tracking = tracking

    def collect(self) -> Sequence[Finding]:
        """Return one finding, or none if nothing was trained yet."""
        trainings, versions = self._tracking.trainings(), self._tracking.versions
        if not trainings and not versions:
            return []
        practice, where = "version-control", f"the tags dirty and commit in {self._tracking.where}"
        window = trainings[-int(self._rule["window"]) :]
        lately = [run for run in window if uncommitted(run)]
        before = [run for run in trainings[: -len(window) or None] if uncommitted(run)]
        registered = [version for version in versions if self._from_dirty(version)]
        what = f"{len(lately) or 'none'} of the last {len(window)} runs from a dirty tree"
        if lately:
            what += f" ({named(lately)})"
        if silent := sum(run.commit is None and not uncommitted(run) for run in window):
            what += f", {silent} without a word about a commit"
        if before:
            what += f"; of the earlier, which do not count any more, {named(before)}"
        if registered:
            names = named(version.version for version in registered)
            what += f"; registered from a dirty tree: version {names}"
        elif versions:
            what += f"; none of {len(versions)} versions"
        if registered:
            mend = "Delete that version in the registry; commit, and train it again."
            return [Finding(practice, State.MISSING, what, where, mend)]
        if len(lately) > int(self._rule["dirty_runs"]):
            more = int(self._rule["window"]) - (len(trainings) - 1 - trainings.index(lately[-1]))
            mend = (
                f"Commit before you train. Delete these runs, which nobody can make again; or "
                f"train on: after {more} more runs from commits they are not counted."
            )
            return [Finding(practice, State.MISSING, what, where, mend)]
        return [Finding(practice, State.PROVED, what, where)]

    def _from_dirty(self, version: Version) -> bool:
        run = self._tracking.origins.get(version.run_id or "")
        said = version.tags.get("dirty", "").lower() == "true"
        return said or (run is not None and uncommitted(run))


def uncommitted(run: Run) -> bool:
    """Return whether a run says that its files were not those of a commit."""
    return run.dirty or run.tags.get("commit") == "none"
