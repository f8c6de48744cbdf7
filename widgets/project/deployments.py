"""What exported deployments prove: that a program brought registered models out, and back."""

from collections.abc import Sequence

from widgets.evidence import Finding
from widgets.evidence.mlflow_runs import Tracking, named
from widgets.maturity import State
from widgets.project.exports import Deployment, Exports
from widgets.project.practices import questions

PRACTICE = "automated-deployment"
PLACES = ("prod", "live")  # an environment whose name begins so serves people


def deployment_finding(exports: Exports, tracking: Tracking | None) -> Finding:
    """Return what is seen of deployments.

    Proved is the practice if a program made them all, each is of a commit that a registered
    version of the model was trained from, and one led back to what had served before.

    Parameters
    ----------
    exports : Exports
        With the deployments that there were.
    tracking : Tracking or None
        The registry.
    """
    asked = questions()[PRACTICE]
    shows = f"Would show it: {asked.shows}."
    if exports.deployments is None:
        what = "deployments are not in a clone"
        return Finding(PRACTICE, State.HIDDEN, what, "no deployments.json", shows)
    where = "deployments.json"
    done = sorted(
        (each for each in exports.deployments if each.worked and in_production(each)),
        key=lambda each: each.at,
    )
    by_hand = [each for each in done if not each.by_program]
    back = ways_back(done)
    what = f"{len(done)} deployments to production, {len(by_hand)} of them by a person"
    what += f", {len(back)} back to what had served before"
    if not done:
        return Finding(PRACTICE, State.MISSING, what, where, asked.next)
    if len(by_hand) == len(done):
        people = named(sorted({each.by or "somebody" for each in by_hand}))
        return Finding(PRACTICE, State.MISSING, f"{what} ({people})", where, asked.next)
    trained = {run.commit for run in tracking.origins.values()} if tracking else set()
    strange = {each.commit for each in done} - trained
    if strange:
        what += f"; {len(strange)} of their commits belong to no registered version"
    if by_hand or strange or not back:
        return Finding(PRACTICE, State.CLAIMED, what, where, shows)
    return Finding(PRACTICE, State.PROVED, what, where)


def in_production(deployment: Deployment) -> bool:
    """Return whether people are served there."""
    return deployment.environment.lower().startswith(PLACES)


def ways_back(done: Sequence[Deployment]) -> list[Deployment]:
    """Return the deployments of a commit that had served before the last one; oldest first."""
    found, served = [], list[str]()
    for each in done:
        if served and each.commit != served[-1] and each.commit in served:
            found.append(each)
        if not served or each.commit != served[-1]:
            served.append(each.commit)
    return found
