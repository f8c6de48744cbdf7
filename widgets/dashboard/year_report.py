"""What a finished year says: the policies by month, what the loop did when, and steps by hand."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import yaml

from widgets.base.errors import KitError
from widgets.base.paths import Layout

UNTOUCHED, MONTHLY, LOOP, BOOSTING = "untouched", "monthly", "loop", "boosting"
NAMES = {
    UNTOUCHED: "nobody touches it",
    MONTHLY: "trained every month, blindly",
    LOOP: "the full loop",
    BOOSTING: "gradient boosting, untouched",
}
# Which events are shown, and in which lane; the names of the lanes say what they mean.
LANES = {
    ("alert", "fired"): "alert: drift",  # "alert: loss" where the loss is the cause
    ("retraining", "done"): "retrained",
    ("retraining", "failed"): "retrained",
    ("policy", "refused"): "refused",
    ("canary", "step"): "canary step",
    ("canary", "promoted"): "promoted",
    ("canary", "withdrawn"): "withdrawn or back",
    ("rollback", "done"): "withdrawn or back",
}
LOSS_ALERT, REFUSED = "alert: loss", "refused"
PROGRAMS = frozenset({"loop", "gate", "canary", "policy", "pipeline"})  # whoever else is a person
EQUAL = 0.002  # nats a flight; less than that is no difference worth a word


@dataclass(frozen=True)
class Moment:
    """Something that happened in the year, in its lane."""

    at: datetime
    lane: str


@dataclass(frozen=True)
class YearReport:
    """A finished year.

    Attributes
    ----------
    months : tuple of str
        YYYY-MM.
    late : tuple of float
        The share of each month's flights that was late.
    losses : mapping of str to sequence of float
        The log loss of each policy, month by month, in nats a flight.
    whole : mapping of str to float
        That of the whole year.
    trainings : mapping of str to int
        How often each policy has trained.
    moments : tuple of Moment
        What happened, the earliest first.
    by_hand : int
        Steps by hand, counted from the event log.
    before : int or None
        Those of one retraining at Level 0, as the learner wrote them down in exercise 0.3.
    requests, failed : int
        What was asked, and how often there was no good answer.
    """

    months: tuple[str, ...]
    late: tuple[float, ...]
    losses: Mapping[str, Sequence[float]]
    whole: Mapping[str, float]
    trainings: Mapping[str, int]
    moments: tuple[Moment, ...]
    by_hand: int
    before: int | None
    requests: int
    failed: int

    def count(self, lane: str) -> int:
        """Return how many moments a lane has."""
        return sum(moment.lane == lane for moment in self.moments)

    def not_helped(self) -> list[str]:
        """Return the months in which the untouched model was better than the loop."""
        pairs = zip(self.months, self.losses[LOOP], self.losses[UNTOUCHED], strict=True)
        return [month for month, loop, untouched in pairs if loop > untouched + EQUAL]


def read_year(layout: Layout) -> YearReport:
    """Return what the last finished year of a workspace says.

    Raises
    ------
    KitError
        If there is none, or its files cannot be read.
    """
    year = layout.year
    try:
        state = json.loads((year.root / "year.json").read_text(encoding="utf-8"))
        if state["state"] != "done":
            raise KitError("The year is not over yet. `maturity year` lets it go on.")
        compared = json.loads((year.root / "policies.json").read_text(encoding="utf-8"))
        policies = {name: compared["policies"][name] for name in NAMES}
        events = read_events(year)
        return YearReport(
            months=tuple(compared["months"]),
            late=tuple(compared["late"]),
            losses={name: policy["loss"] for name, policy in policies.items()},
            whole={name: policy["all"] for name, policy in policies.items()},
            trainings={name: policy["trainings"] for name, policy in policies.items()},
            moments=moments(events),
            by_hand=by_hand(events),
            before=steps_at_level_0(layout),
            requests=int(state["requests"]),
            failed=int(state["failed"]),
        )
    except FileNotFoundError:
        raise KitError("No year has run yet. `maturity year` lets it run (exercise 4.6).") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise KitError(
            f"The year in {year.root} cannot be read ({type(error).__name__}: {error}). "
            "`maturity year --again` makes it anew."
        ) from error


def read_events(year: Layout) -> list[dict[str, Any]]:
    """Return the lines of the year's event log; a torn one is none."""
    found = []
    for line in year.events_log.read_text(encoding="utf-8").splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            found.append(entry)
    return found


def moments(events: Sequence[Mapping[str, Any]]) -> tuple[Moment, ...]:
    """Return what is shown of the events."""
    found = []
    for event in events:
        lane = LANES.get((event.get("kind", ""), event.get("step", "")))
        if lane is None or not event.get("event_time"):
            continue
        if lane == "alert: drift" and str(event.get("cause", "")).startswith("loss_excess"):
            lane = LOSS_ALERT
        at = datetime.fromisoformat(event["event_time"])
        found.append(Moment(at, lane))
        if lane == "retrained" and str(event.get("cause", "")).endswith("decision: no"):
            found.append(Moment(at, REFUSED))
    return tuple(sorted(found, key=lambda moment: moment.at))


def by_hand(events: Sequence[Mapping[str, Any]]) -> int:
    """Return how many things people did: several lines of one thing are one."""
    return len(
        {
            (event.get("kind"), event.get("id"))
            for event in events
            if event.get("actor") not in PROGRAMS
        }
    )


def steps_at_level_0(layout: Layout) -> int | None:
    """Return how many steps by hand exercise 0.3 took, as the learner wrote them down."""
    try:
        file = layout.project / "analysis" / "steps.yaml"
        return len(yaml.safe_load(file.read_text(encoding="utf-8"))["manual_steps"])
    except (OSError, yaml.YAMLError, KeyError, TypeError):
        return None


def table(report: YearReport) -> str:
    """Return the year month by month, and what it took, as lines of text."""
    order = (UNTOUCHED, MONTHLY, LOOP, BOOSTING)
    head = f"{'log loss':10}{'late':>7}" + "".join(f"{name:>11}" for name in order)
    lines = [head]
    for place, month in enumerate(report.months):
        losses = "".join(f"{report.losses[name][place]:11.3f}" for name in order)
        lines.append(f"{month:10}{report.late[place]:7.0%}{losses}")
    whole = "".join(f"{report.whole[name]:11.4f}" for name in order)
    lines.append(f"{'all':10}{'':7}{whole}")
    trainings = "".join(f"{report.trainings[name]:11}" for name in order)
    lines.append(f"{'trainings':10}{'':7}{trainings}")
    worse = ", ".join(report.not_helped()) or "none"
    lines += ["", f"Months in which the loop did not help: {worse}."]
    before = "unknown" if report.before is None else report.before
    lines += [
        f"Steps by hand: {before} for one retraining at Level 0, {report.by_hand} in this year.",
        f"{report.requests:,} requests, {report.failed:,} failed.",
    ]
    return "\n".join(lines)
