"""A decision for each version that was promoted, and what only looks like one."""

import pytest

from widgets.evidence import collect_workspace
from widgets.evidence.mlflow_runs import UnseenError
from widgets.evidence.validation import ValidationCollector
from widgets.maturity import State, load

PRACTICE = "automated-validation"
A_NO = {
    "gate_actor": "gate",
    "gate_champion": "none",
    "gate_judged": "2013-03-25 to 2013-03-31",
    "gate_reason_leak": "no: it asks for the delay",
    "gate_decision": "no",
}


def found(desk):
    (finding,) = ValidationCollector(load(), desk.service()).collect()
    assert finding.practice == PRACTICE
    assert bool(finding.mend) is (finding.state is not State.PROVED)
    assert finding.what.isprintable() and finding.where.isprintable()
    return finding


def test_decisions_and_promotions_are_counted_with_their_first_day(desk):
    finding = found(desk)
    assert finding.state is State.PROVED and not finding.with_kit
    assert finding.what == (
        "2 decisions by a program (2 yes, 0 no), the first about a version of 2026-11-24; "
        "2 of 2 promoted versions carry its yes, promoted since 2026-11-24"
    )


def test_without_a_gate_the_exercise_is_named(desk):
    for version in (2, 3):
        desk.tag(version, gate_decision=None)
    finding = found(desk)
    assert finding.state is State.MISSING
    assert "no gate has decided about any of 3 versions" in finding.what and "3.1" in finding.mend


def test_one_decision_is_not_enough(desk):
    desk.events, desk.versions = desk.events[:3], {n: desk.versions[n] for n in (1, 2)}
    finding = found(desk)
    assert finding.state is State.MISSING and "2 decisions by a program" in finding.mend


def test_a_no_counts_as_a_decision(desk):
    desk.events = desk.events[:3]
    desk.tag(3, gate_decision="no", gate_reason_gain="no: no proof of gain")
    finding = found(desk)
    assert finding.state is State.PROVED and "(1 yes, 1 no)" in finding.what


def test_decisions_alone_promote_nothing(desk):
    desk.events = []
    desk.put("champion", 1)
    finding = found(desk)
    assert finding.state is State.MISSING and "3.3" in finding.mend
    assert "version 1 was champion before there was a gate: not counted" in finding.what


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ({"gate_decision": None}, "nobody has decided about it"),
        ({"gate_decision": "no", "gate_reason_gain": "no: worse"}, "the gate has said no to it"),
        ({"gate_decision": "maybe"}, "its decision is 'maybe'"),
        ({"gate_actor": None}, "it has no gate.actor"),
        ({"gate_actor": "ada"}, "decided by 'ada', no program"),
        ({"gate_actor": "a\nb\x00" + "c" * 500}, "decided by 'a?b?ccc"),
        ({"gate_judged": None}, "on which days it was judged"),
        ({"gate_judged": "last week"}, "on which days it was judged"),
        ({"gate_judged": "2013-03-31 to 2013-03-25"}, "on which days it was judged"),
        ({"gate_judged": "2013-02-30 to 2013-03-25"}, "on which days it was judged"),
        ({"gate_champion": None}, "it does not say against whom"),
        ({"gate_champion": "²"}, "it does not say against whom"),
        ({"gate_champion": "3"}, "compared with version 3, which cannot be"),
        ({"gate_champion": "99"}, "compared with version 99, which cannot be"),
        ({"gate_champion": "9" * 5000}, "which cannot be"),
        ({"gate_reason_gain": "no: worse"}, "a yes although 1 of 3 reasons are none"),
        ({"gate_reason_gain": "perhaps"}, "a yes although 1 of 3 reasons are none"),
        ({"gate_reason_gain": None}, "a yes with 2 reasons"),
        ({"gate_judged": "2013-03-24 to 2013-03-31"}, "learned up to 2013-03-24, and was judged"),
    ],
)
def test_a_promoted_version_without_a_sound_yes_is_named(desk, tags, said):
    desk.tag(3, **tags)
    finding = found(desk)
    assert finding.state is State.MISSING
    assert "1 of 2 promoted versions carry its yes" in finding.what
    assert "version 3: " in finding.what and said in finding.what
    assert "flights.gate" in finding.mend


def test_a_no_without_a_reason_is_no_decision(desk):
    desk.events = desk.events[:3]
    desk.tag(3, gate_decision="no")
    finding = found(desk)
    assert finding.state is State.MISSING
    assert "not believed: version 3: a no without a reason" in finding.what


@pytest.mark.parametrize(
    ("params", "said"),
    [({}, "up to which day it learned"), ({"train_to": "soon"}, "up to which day it learned")],
)
def test_a_run_that_does_not_say_what_it_learned_from_proves_nothing(desk, params, said):
    desk.register(3, params, **desk.versions[3].tags)
    assert f"version 3: its run does not say {said}" in found(desk).what


def test_a_run_that_is_gone_proves_nothing(desk):
    desk.runs.clear()
    finding = found(desk)
    assert finding.state is State.MISSING and "version 2: its run is not there" in finding.what


def test_a_version_that_was_deleted_after_its_promotion_is_named(desk):
    del desk.versions[3]
    assert "version 3: it is not in the registry any more" in found(desk).what


def test_an_alias_that_was_moved_by_hand_to_what_nobody_judged_counts(desk):
    desk.register(4)
    desk.put("champion", 4)
    finding = found(desk)
    assert finding.state is State.MISSING
    assert "version 4: nobody has decided about it" in finding.what


def test_back_by_hand_to_the_champion_from_before_the_gate_counts(desk):
    desk.put("champion", 1)
    finding = found(desk)
    assert finding.state is State.MISSING
    assert "version 1: nobody has decided about it" in finding.what


def test_back_in_order_to_the_champion_from_before_the_gate_does_not(desk):
    desk.change("rollback", 1, 2, 720, actor="ada", cause="all of it")
    desk.put("champion", 1)
    finding = found(desk)
    assert finding.state is State.PROVED and "version 1 was champion before" in finding.what


def test_a_former_champion_to_which_the_gate_has_said_no_since_counts(desk):
    desk.change("rollback", 1, 2, 720, actor="ada", cause="all of it")
    desk.put("champion", 1)
    desk.tag(1, **A_NO)
    finding = found(desk)
    assert finding.state is State.MISSING
    assert "version 1: the gate has said no to it" in finding.what


def test_a_champion_that_is_younger_than_the_first_judged_version_counts(desk):
    desk.events = []
    desk.register(4)
    desk.put("champion", 4)
    assert "version 4: nobody has decided about it" in found(desk).what


def test_without_an_alias_what_was_deployed_counts(desk):
    desk.put("candidate", 3)
    assert found(desk).state is State.PROVED


def test_what_the_kit_decided_is_with_the_kit(desk):
    desk.tag(2, gate_actor="kit")
    finding = found(desk)
    assert finding.state is State.PROVED and finding.with_kit


def test_damaged_events_are_said(desk):
    desk.events += [b"\xff\xfe{}\n", b'{"kind": "deploy", "step": "done"}\n']
    finding = found(desk)
    assert finding.state is State.PROVED
    assert "2 damaged lines in serving/events.jsonl" in finding.what


def test_an_event_log_that_cannot_be_read_hides_what_was_promoted(desk):
    service = desk.service()
    desk.layout.events_log.unlink()
    desk.layout.events_log.mkdir()
    (finding,) = ValidationCollector(load(), service).collect()
    assert finding.state is State.HIDDEN and finding.mend


def test_a_registry_that_cannot_be_read_hides_it(desk, monkeypatch):
    def refuse(*names):
        raise UnseenError(State.HIDDEN, "no answer", "http://far", "Start it.")

    monkeypatch.setattr(desk, "read", refuse)
    finding = found(desk)
    assert (finding.state, finding.mend) == (State.HIDDEN, "Start it.")


def of_real(lab):
    findings = collect_workspace(load(), lab.layout, None)
    return next(finding for finding in findings if finding.practice == PRACTICE)


def test_a_real_registry_is_read(whole):
    lab, desk = whole
    desk.service()
    assert of_real(lab).state is State.PROVED
    lab.client.set_registered_model_alias("late-flights", "champion", "1")
    assert "version 1: nobody has decided about it" in of_real(lab).what
    lab.client.set_model_version_tag("late-flights", "1", "gate.decision", "yes")
    assert "version 1: it has no gate.actor" in of_real(lab).what


def test_a_tag_written_by_hand_after_the_deployment_is_not_told_apart(whole):
    """MLflow keeps no time of a tag: this is a limit, and it is stated."""
    lab, desk = whole
    desk.service()
    tags = lab.client.get_model_version("late-flights", "3").tags
    lab.client.delete_model_version_tag("late-flights", "3", "gate.decision")
    assert of_real(lab).state is State.MISSING
    lab.client.set_model_version_tag("late-flights", "3", "gate.decision", tags["gate.decision"])
    assert of_real(lab).state is State.PROVED
    assert "MLflow does not say when" in " ".join((ValidationCollector.__doc__ or "").split())
