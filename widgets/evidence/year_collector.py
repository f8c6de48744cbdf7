"""Collects what a year on its own proves: the seven practices of Level 4."""

from collections.abc import Sequence
from functools import cached_property

from widgets.base.paths import Layout
from widgets.evidence.finding import Finding
from widgets.evidence.mlflow_runs import UnseenError, Version, named
from widgets.evidence.year import RUN_IT, Thing, Year, read_year
from widgets.maturity import Model, State

PROGRAMS = frozenset({"loop", "gate", "canary", "policy", "pipeline"})  # others are people
AGAIN = "Mend it, push it, and let the year run anew: maturity year --again."
MOST_AT_HALF = 0.6  # of the flights, while a canary has at most a half


class YearCollector:
    """Holds the year's event log against its registry, its predictions and what its clients saw.

    All of it lies where its subject may write, the key too: it shows that things were done, and
    that nothing was changed by accident or by somebody else. Against its owner nothing here helps.

    Parameters
    ----------
    model : Model
        Where the rules stand.
    layout : Layout
        The workspace around the year.
    names : tuple of str
        The experiment and the registered model.
    """

    practices = (
        "monitoring-with-alerts",
        "feedback-loop",
        "continuous-training",
        "progressive-delivery",
        "zero-downtime",
        "governance",
        "end-to-end-automation",
    )

    def __init__(self, model: Model, layout: Layout, names: tuple[str, str]) -> None:
        self._model = model
        self._layout = layout
        self._names = names
        looks = [self._monitoring, self._feedback, self._training, self._delivery]
        looks += [self._downtime, self._governance, self._automation]
        self._looks = dict(zip(self.practices, looks, strict=True))

    @cached_property
    def _year(self) -> Year:
        return read_year(self._layout, self._names)

    def collect(self) -> Sequence[Finding]:
        """Return one finding for each practice."""
        try:
            year = self._year
        except UnseenError as error:
            return [
                Finding(name, error.state, error.what, error.where, error.mend or RUN_IT)
                for name in self._looks
            ]
        found = []
        for name, look in self._looks.items():
            what, lacking = look(year)
            told = f"{what}; {lacking}" if lacking else what
            state = State.MISSING if lacking else State.PROVED
            found.append(Finding(name, state, told, year.where, AGAIN if lacking else ""))
        return found

    def _rule(self, practice: str, name: str) -> int:
        return int(self._model.practice(practice).rule[name])

    def _monitoring(self, year: Year) -> tuple[str, str]:
        looked = {n["day"] for n in year.nights if isinstance(n.get("loss_excess"), float)}
        whole = [
            alert
            for alert in year.of("alert")
            if alert.line("fired") and alert.line("resolved") and alert.id[-10:] in looked
        ]
        what = (
            f"{len(year.rules)} alert rules, {len(looked)} nights on which the loss was looked at, "
            f"{len(whole)} alerts fired and resolved"
        )
        asked = {"rules": len(year.rules), "evaluations": len(looked), "alerts": len(whole)}
        return what, self._short("monitoring-with-alerts", asked)

    def _short(self, practice: str, found: dict[str, int]) -> str:
        """Return what there is too little of, or nothing."""
        lacking = [
            f"{self._rule(practice, name)} {name.replace('_', ' ')} are asked for"
            for name, number in found.items()
            if number < self._rule(practice, name)
        ]
        return ", ".join(lacking)

    def _linked(self, year: Year) -> list[tuple[Thing, Thing, Version]]:
        """Return each alert with a retraining for it, and the version that came of that."""
        runs = {run.id: run for run in year.tracking.runs}
        found = []
        for retraining in year.of("retraining"):
            alert = year.things.get(("alert", retraining.id.rpartition("-")[0]))
            done = retraining.line("done")
            if alert is None or not alert.line("fired") or done is None:
                continue
            trigger = f"alert:{alert.id}"
            for version in year.tracking.versions:
                run = runs.get(version.run_id or "")
                fits = version.version == done.get("version") and run and run.trigger == trigger
                if fits and version.tags.get("gate.decision") in ("yes", "no"):
                    found.append((alert, retraining, version))
        return found

    def _feedback(self, year: Year) -> tuple[str, str]:
        linked = self._linked(year)
        ids = named(alert.id for alert, _, _ in linked)
        what = f"{len(linked)} retrainings that an alert started, judged by the gate ({ids})"
        return what, self._short("feedback-loop", {"linked_retrainings": len(linked)})

    def _training(self, year: Year) -> tuple[str, str]:
        linked = self._linked(year)
        digests = {version.tags.get("data_digest") for _, _, version in linked} - {None}
        mine = {version.run_id for _, _, version in linked}
        others = [run for run in year.tracking.trainings()[1:] if run.id not in mine]
        what = f"{len(linked)} retrainings on {len(digests)} states of the data, none by hand"
        found = {"retrainings": len(linked), "data_digests": len(digests)}
        lacking = self._short("continuous-training", found)
        if len(others) > self._rule("continuous-training", "by_hand"):
            lacking = f"{len(others)} trainings that no alert has started ({named(others)})"
        return what.replace(", none by hand", "" if lacking else ", none by hand"), lacking

    def _promotions(self, year: Year) -> list[Thing]:
        """Return the change-overs after the first deployment of all."""
        whole = [t for t in year.of("deploy") if t.line("moved") and t.line("done")]
        return whole[1:]

    def _delivery(self, year: Year) -> tuple[str, str]:
        promotions = self._promotions(year)
        rollouts = year.of("canary") + year.of("blue-green")
        faults = []
        for promotion in promotions:
            number = promotion.lines[0].get("version")
            mine = [each for each in rollouts if each.lines[0].get("version") == number]
            fault = _stepped(year, mine[0]) if mine else "without a canary"
            if fault:
                faults.append(f"version {number} {fault}")
        what = f"{len(promotions)} promotions, {len(promotions) - len(faults)} of them step by step"
        lacking = self._short("progressive-delivery", {"promotions": len(promotions)})
        return what, "; ".join(filter(None, [lacking, *faults]))

    def _downtime(self, year: Year) -> tuple[str, str]:
        what = (
            f"{year.requests:,} requests over {year.change_overs} change-overs, "
            f"{year.failed} failed"
        )
        lacking = self._short("zero-downtime", {"change_overs": year.change_overs})
        told = int(year.state.get("requests") or 0)
        if year.failed > self._rule("zero-downtime", "failed_requests"):
            lacking = "requests have failed"
        elif not year.requests or year.requests < told:
            lacking = f"the clients' log has {year.requests:,} of {told:,} requests"
        return what, lacking

    def _governance(self, year: Year) -> tuple[str, str]:
        served = {
            int(line["version"])
            for kind in ("deploy", "canary", "blue-green")
            for thing in year.of(kind)
            for line in thing.lines
            if isinstance(line.get("version"), int)
        }
        decided = {v.version for v in year.tracking.versions
                   if v.tags.get("policy.decision") == "yes"}  # fmt: skip
        written = {
            thing.lines[-1].get("version") for thing in year.of("policy") if thing.line("passed")
        }
        faults = [f"the audit log: {year.chain.problem}"] if year.chain.problem else []
        for number in sorted(served):
            if problem := year.sealed(number):
                faults.append(f"version {number}: {problem}")
            if number not in decided or number not in written:
                faults.append(f"version {number}: the policy has not said yes to it")
        if not served:
            faults.append("no version has served")
        what = (
            f"{len(year.chain.entries)} lines in the chain, {len(served)} versions that met "
            "passengers, each with card, signature and the policy's yes"
        )
        return (what if not faults else what.partition(", each")[0]), "; ".join(faults)

    def _automation(self, year: Year) -> tuple[str, str]:
        rounds = [
            alert.id
            for alert, _, version in self._linked(year)
            if alert.line("resolved")
            and any(p.lines[0].get("version") == version.version for p in self._promotions(year))
        ]
        hands = {
            (entry.get("kind"), entry.get("id")): entry
            for entry in year.chain.entries
            if entry.get("actor") not in PROGRAMS
        }
        what = f"{len(rounds)} rounds from an alert to a new champion, {len(hands)} steps by hand"
        lacking = self._short("end-to-end-automation", {"rounds": len(rounds)})
        if year.chain.problem:
            lacking = f"the audit log cannot be believed: {year.chain.problem}"
        elif len(hands) > self._rule("end-to-end-automation", "manual_steps"):
            told = named(f"{e.get('kind')} by {str(e.get('actor'))[:20]}" for e in hands.values())
            lacking = f"by hand: {told}"
        return what, lacking


def _stepped(year: Year, rollout: Thing) -> str:
    """Return why a rollout was none in steps, or nothing."""
    begin, end = rollout.at("started"), rollout.at("promoted") or rollout.at("ended")
    if begin is None or end is None:
        return "was not promoted by its rollout"
    if not (rollout.line("step") or rollout.line("switched")):
        return "went without a second step"
    number = rollout.lines[0].get("version")
    answered = year.answered(begin, end)
    mine, total = answered.get(int(str(number)), 0), sum(answered.values())
    if not mine:
        return "answered for nobody before it was promoted"
    if rollout.kind == "canary" and mine > MOST_AT_HALF * total:
        return f"answered for {mine / total:.0%} of the flights before it was promoted"
    return ""
