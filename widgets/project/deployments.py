"""What exported deployments prove: that a program brought registered models out, and back."""

from collections.abc import Sequence

from widgets.evidence import Finding
from widgets.evidence.mlflow_runs import Tracking, named
from widgets.maturity import State
from widgets.project.exports import SLACK, Deployment, Exports
from widgets.project.practices import questions
from widgets.project.workflows import BY_HAND

PRACTICE = "automated-deployment"
PLACES = ("prod", "live")  # an environment whose name begins so serves people


def deployment_finding(exports: Exports, tracking: Tracking | None) -> Finding:
    """Return what is seen of deployments.

    Proved is the practice if a program made them all, during a run of the CI that nobody had
    started by hand, each is of a commit that a registered version of the model was trained from,
    and one led back to what had served in the same place before. The way back may be a person's.

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
    back = [
        each
        for place in sorted({each.environment for each in done})
        for each in ways_back([one for one in done if one.environment == place])
    ]
    what = f"{len(done)} deployments to production, {len(by_hand)} of them by a person"
    what += f", {len(back)} back to what had served before"
    if not done:
        return Finding(PRACTICE, State.MISSING, what, where, asked.next)
    if len(by_hand) == len(done):
        people = named(sorted({each.by or "somebody" for each in by_hand}))
        return Finding(PRACTICE, State.MISSING, f"{what} ({people})", where, asked.next)
    strange = {each.commit for each in done} - registered(tracking)
    if strange:
        what += f"; {len(strange)} of their commits belong to no registered version"
    pressed = [each for each in done if each not in back and not by_itself(each, exports)]
    if pressed:
        what += f"; for {len(pressed)} no run of the CI is seen that started by itself"
    if by_hand or strange or pressed or not back:
        return Finding(PRACTICE, State.CLAIMED, what, where, shows)
    return Finding(PRACTICE, State.PROVED, what, where)


def registered(tracking: Tracking | None) -> set[str | None]:
    """Return the commits that registered versions of the model were trained from."""
    if tracking is None:
        return set()
    runs = {version.run_id for version in tracking.versions}
    return {run.commit for name, run in tracking.origins.items() if name in runs and run.commit}


def by_itself(deployment: Deployment, exports: Exports) -> bool:
    """Return whether it was made during a run of the CI that no person had started."""
    return any(
        run.commit == deployment.commit
        and run.event not in BY_HAND
        and run.began - SLACK <= deployment.at <= run.ended + SLACK
        for run in exports.ci_runs or ()
    )


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
