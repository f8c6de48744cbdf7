"""Collects what the model registry shows: versions, aliases, and the way back from each version."""

from collections.abc import Sequence

from widgets.evidence.finding import Finding
from widgets.evidence.mlflow_runs import Run, Tracking, Version, named
from widgets.evidence.tracking import EXERCISES
from widgets.maturity import Model, State


class RegistryCollector:
    """Walks from each version to its run, its data, its commit and its files.

    The registry lies where its subject may write, and so does the folder with the models. What
    is looked up elsewhere is the commit, in the repository; that a file is there is seen, not
    that it is the one that was trained: only a signature would prove that.

    Parameters
    ----------
    model : Model
        Where the rules stand: how many versions and aliases, which share can be walked back.
    tracking : Tracking
        What was read.
    commits : set of str
        Those of the commits named in it that the repository has.
    """

    practices = ("model-registry",)

    def __init__(self, model: Model, tracking: Tracking, commits: set[str]) -> None:
        self._rule = model.practice("model-registry").rule
        self._tracking = tracking
        self._commits = commits

    def collect(self) -> Sequence[Finding]:
        """Return one finding for the registry."""
        practice, versions = "model-registry", self._tracking.versions
        where = f"model {self._tracking.model or '–'} in {self._tracking.where}"
        if not versions:
            what = f"no version of {self._tracking.model or 'any model'}"
            others = [name for name in self._tracking.models if name != self._tracking.model]
            what += f"; there is {named(others)}" if others else ""
            return [Finding(practice, State.MISSING, what, where, EXERCISES[practice])]
        broken = {
            version.version: why
            for version in versions
            if (why := self._broken(version, self._tracking.origins.get(version.run_id or "")))
        }
        whole = [version for version in versions if version.version not in broken]
        aliases = sorted(
            (name, version.version) for version in versions for name in version.aliases
        )
        what = (
            f"{len(whole)} of {len(versions)} versions lead back to run, data and commit; the "
            f"first on {versions[0].created_at:%Y-%m-%d}; "
            + (named(f"{name} is version {number}" for name, number in aliases) or "no alias")
        )
        if unseen := [version.version for version in whole if version.files is None]:
            what += f"; the files of version {named(unseen)} cannot be seen from here"
        if broken:
            what += "; " + named(f"version {number}: {why}" for number, why in broken.items())
        asked = int(self._rule["versions"])
        gap = ""
        if len(versions) < asked:
            gap = f"{asked} versions are asked for: exercises 2.3 and 2.5."
        elif len(aliases) < int(self._rule["aliases"]):
            gap = "An alias such as champion says which version counts: exercise 2.4."
        elif len(whole) < float(self._rule["lineage_share"]) * len(versions):
            gap = "Register from a finished run with data and commit (2.3); delete the others."
        if gap:
            return [Finding(practice, State.MISSING, what, where, gap)]
        if unseen:
            mend = "Look from a machine that can read the folder with the models."
            return [Finding(practice, State.CLAIMED, what, where, mend)]
        own = [v for v in whole if not self._tracking.origins[v.run_id or ""].by_kit]
        return [Finding(practice, State.PROVED, what, where, with_kit=len(own) < asked)]

    def _broken(self, version: Version, run: Run | None) -> str | None:
        """Return where the way back from `version` ends too early, or None."""
        if version.status != "READY":
            return f"it is {version.status.lower().replace('_', ' ')}"
        if version.run_id is None:
            return "it names no run"
        if run is None:
            return f"there is no run {version.run_id[:8]}"
        if run.deleted:
            return f"its run {run} was deleted"
        if run.status != "FINISHED":
            return f"its run {run} is {run.status.lower()}"
        if version.made_by and version.made_by != run.id:
            return f"its model was made by another run, {version.made_by[:8]}"
        if not any(data.digest for data in run.datasets):
            return f"its run {run} names no data"
        if run.commit is None:
            return f"its run {run} names no commit"
        if run.commit not in self._commits:
            return f"the repository has no commit {run.commit[:8]}"
        for tag, of_run in (("commit", run.commit), ("data_digest", run.tags.get("data_digest"))):
            said = version.tags.get(tag)
            if said and of_run and said != of_run:
                return f"its {tag} is {said[:8]}, its run's {of_run[:8]}"
        if version.files is False:
            return "the model's files are not where the registry says (was the folder moved?)"
        return None
