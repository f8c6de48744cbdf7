"""Change-overs that no person made, and ways back: what is confirmed, said only, contradicted."""

import json
import os
import time

import pytest

from widgets.evidence import collect_workspace
from widgets.evidence.deployment import DeploymentCollector
from widgets.evidence.event_log import read_events
from widgets.maturity import State, load

PRACTICE = "automated-deployment"


def found(desk):
    return look(desk.service())


def look(service):
    (finding,) = DeploymentCollector(load(), service).collect()
    assert finding.practice == PRACTICE
    assert bool(finding.mend) is (finding.state is not State.PROVED)
    assert finding.what.isprintable() and finding.where.isprintable()
    return finding


def edit(desk, of: str, **changes) -> None:
    """Change the lines with an id, as somebody with an editor would."""
    desk.events = [line | changes if line["id"] == of else line for line in desk.events]


def drop(desk, of: str, step: str) -> None:
    desk.events = [line for line in desk.events if (line["id"], line["step"]) != (of, step)]


def silence(desk, begin: float, end: float) -> None:
    """Let the clients ask nothing for a while."""
    inside = [line for line in desk.traffic if desk.at(begin) <= line["at"] < desk.at(end)]
    desk.traffic = [line for line in desk.traffic if line not in inside]


FIRST, SECOND, BACK = "00000000", "00000300", "00000500"


def test_deployments_and_rollbacks_are_counted_with_their_day(desk):
    finding = found(desk)
    assert finding.state is State.PROVED and not finding.with_kit
    assert finding.what == (
        "2 deployments by a program that the clients met (version 2 on 2026-11-24, version 3 on "
        "2026-11-24); 1 rollbacks that the clients met (version 2 on 2026-11-24); events since "
        "2026-11-24"
    )


def test_without_a_log_the_exercises_are_named(desk):
    service = desk.service()
    desk.layout.events_log.unlink()
    finding = look(service)
    assert finding.state is State.MISSING and "3.3 and 3.4" in finding.mend


@pytest.mark.parametrize(
    "text", [b"", b"\n\n", b"no json\n", b"\xff" * 999, b"[" * 100_000 + b"\n"]
)
def test_a_log_without_a_deployment_proves_nothing(desk, text):
    desk.events = [text]
    finding = found(desk)
    assert finding.state is State.MISSING and "no deployment was written down" in finding.what


def test_one_deployment_is_not_enough(desk):
    desk.events = desk.events[:3]
    finding = found(desk)
    assert finding.state is State.MISSING and "3.3" in finding.mend


def test_a_way_back_that_was_never_tried_is_missing(desk):
    desk.events = desk.events[:6]
    finding = found(desk)
    assert finding.state is State.MISSING and "3.4" in finding.mend


def test_deployments_by_hand_are_a_note(desk):
    edit(desk, SECOND, actor="ada\n")
    finding = found(desk)
    assert finding.state is State.MISSING
    assert "by hand: version 3 on 2026-11-24 by ada?" in finding.what


def test_the_same_version_deployed_twice_counts_once(desk):
    drop(desk, SECOND, "done")
    desk.change("deploy", 2, 3, 800)
    desk.ask(2, 810, 830)
    finding = found(desk)
    assert finding.state is State.MISSING and finding.what.startswith("1 deployments")


def test_back_to_what_a_person_deployed_is_a_way_back(desk):
    edit(desk, FIRST, actor="ada")
    desk.register(4, **desk.versions[2].tags)
    desk.change("deploy", 4, 2, 800)
    desk.ask(4, 810, 830)
    finding = found(desk)
    assert finding.state is State.PROVED and "by hand: version 2" in finding.what


def test_back_to_the_champion_from_before_the_gate_is_a_way_back(desk):
    edit(desk, BACK, version=1)
    silence(desk, 500, 800)
    desk.ask(1, 510, 600)
    assert found(desk).state is State.PROVED


# ---- what nobody but the log says


def test_an_event_log_alone_is_only_claimed(desk):
    service = desk.service()
    desk.layout.traffic_log.unlink()
    finding = look(service)
    assert finding.state is State.CLAIMED
    assert "2 said, not confirmed" in finding.what
    assert "what the clients saw is not known: serving/traffic.jsonl" in finding.what


def test_a_deployment_that_nobody_asked_anything_of_is_a_note(desk):
    silence(desk, 300, 500)
    finding = found(desk)
    assert finding.state is State.CLAIMED
    assert "version 3 on 2026-11-24: no client was answered by it" in finding.what
    assert "maturity traffic" in finding.mend


def test_a_rollback_that_nobody_asked_anything_of_is_a_note(desk):
    silence(desk, 500, 800)
    finding = found(desk)
    assert finding.state is State.CLAIMED
    assert "0 rollbacks that the clients met, 1 said, not confirmed" in finding.what


@pytest.mark.parametrize("second", [299, 703])
def test_answers_before_the_alias_moved_or_after_the_next_move_confirm_nothing(desk, second):
    silence(desk, 300, 500)
    desk.request(second, 90000, 90000, {"3": [1, 0.2]})
    assert found(desk).state is State.CLAIMED


def test_failed_requests_confirm_nothing(desk):
    silence(desk, 300, 500)
    for status in (0, 503, 200):
        wrong = {"ok": status == 200, "status": status}
        desk.request(310, 90000, 90000, {"3": [1 if status != 200 else 5, 0.2]}, **wrong)
    finding = found(desk)
    assert finding.state is State.CLAIMED
    assert "1 damaged line in serving/traffic.jsonl" in finding.what


# ---- edited events


@pytest.mark.parametrize(
    ("of", "changes", "said"),
    [
        (SECOND, {"version": 9}, "the registry has no such version"),
        (SECOND, {"previous": 3}, "it served already"),
        (SECOND, {"run_id": "c" * 32}, "the log says cccccccc"),
        (SECOND, {"run_id": None}, "the log says None"),
        (SECOND, {"run_id": "\n" * 9}, "the log says ????????"),
        (
            FIRST,
            {"version": 1, "previous": None, "run_id": f"{1:032x}"},
            "nobody has decided about it",
        ),
        (BACK, {"cause": "  \n"}, "nobody said why"),
        (BACK, {"version": 4}, "it had never served before"),
    ],
)
def test_what_the_registry_or_the_log_itself_speaks_against_does_not_count(desk, of, changes, said):
    desk.register(4)
    edit(desk, of, **changes)
    finding = found(desk)
    assert finding.state is State.MISSING
    assert " contradicted: " in finding.what and said in finding.what


@pytest.mark.parametrize("step", ["intent", "moved", "done"])
def test_a_change_over_that_lacks_a_step_is_not_whole(desk, step):
    drop(desk, SECOND, step)
    finding = found(desk)
    assert (
        finding.state is State.MISSING and "version 3 on 2026-11-24: its steps are" in finding.what
    )


def test_steps_in_another_order_are_not_whole(desk):
    desk.events[3], desk.events[4] = desk.events[4], desk.events[3]
    assert "its steps are moved, intent, done" in found(desk).what


def test_steps_of_different_versions_are_no_change_over(desk):
    desk.events[5]["version"] = 2
    assert found(desk).state is State.MISSING


def test_a_copied_change_over_is_not_a_second_one(desk):
    desk.events = desk.events[:3] + [
        line | {"at": desk.at(600 + n)} for n, line in enumerate(desk.events[:3])
    ]
    finding = found(desk)
    assert finding.state is State.MISSING
    assert "its steps are intent, moved, done, intent, moved" in finding.what


def test_a_change_over_that_was_undone_is_no_deployment(desk):
    desk.events[5] |= {"step": "undone"}
    assert "its steps are intent, moved, undone" in found(desk).what


def test_a_version_that_was_registered_later_was_not_deployed_then(desk):
    for line in desk.events[:3]:
        line["at"] = line["at"].replace("T11:", "T10:")
    finding = found(desk)
    assert finding.state is State.MISSING
    assert "it was registered only on 2026-11-24 10:52:00" in finding.what


def test_a_gates_no_is_not_overruled(desk):
    desk.tag(3, gate_decision="no", gate_reason_gain="no: worse")
    assert "the gate has said no to it" in found(desk).what


def test_events_of_a_time_to_come_are_not_believed(desk):
    for line in desk.events[3:]:
        line["at"] = line["at"].replace("2026", "2062")
    finding = found(desk)
    assert finding.state is State.MISSING
    assert "7 of a time to come in serving/events.jsonl" in finding.what


def test_events_whose_time_goes_back_are_not_believed(desk):
    desk.events = desk.events[3:6] + desk.events[:3] + desk.events[6:]
    finding = found(desk)
    assert finding.state is State.MISSING
    assert "3 with a time before that of the line above" in finding.what


def test_a_deployment_by_the_kit_is_with_the_kit(desk):
    edit(desk, SECOND, actor="kit")
    finding = found(desk)
    assert finding.state is State.PROVED and finding.with_kit


def test_a_deployment_of_what_the_kit_judged_is_with_the_kit(desk):
    desk.tag(2, gate_actor="kit")
    finding = found(desk)
    assert finding.state is State.PROVED and finding.with_kit


# ---- a log that somebody, or a kill, has damaged


def test_a_torn_last_line_is_ignored(desk):
    desk.events.append(b'{"at": "2026-11-24T11:15:00+00:00", "kind": "dep')
    finding = found(desk)
    assert finding.state is State.PROVED and "damaged" not in finding.what


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe\x00\n",
        b"null\n",
        b'{"kind": "deploy", "step": "moved"}\n',
        b"[" * 60_000 + b"\n",
        b"x" * 200_000 + b"\n",
        b'{"kind": "deploy", "step": "moved", "at": 1, "id": "a", "version": 1e999}\n',
    ],
)
def test_a_damaged_line_is_counted_and_said(desk, line):
    desk.events.insert(4, line)
    finding = found(desk)
    assert finding.state is State.PROVED
    assert "1 damaged line in serving/events.jsonl" in finding.what


@pytest.mark.parametrize(
    "changes",
    [
        {"at": "2026-11-24T11:05:00"},
        {"at": "0001-01-01T00:00:00+00:00"},
        {"at": 1795000000},
        {"version": "3"},
        {"version": True},
        {"version": -3},
        {"version": 10**30},
        {"id": ""},
        {"cause": None},
        {"actor": 7},
    ],
)
def test_a_line_with_something_else_in_it_is_damaged(desk, changes):
    desk.events.append(desk.events[0] | changes)
    assert "1 damaged line" in found(desk).what


def test_kinds_and_steps_that_are_not_known_here_are_let_by(desk):
    desk.events.insert(1, {"kind": "canary", "step": "10 %", "more": [1, 2]})
    desk.events.insert(2, {"kind": "deploy", "step": "baked"})
    finding = found(desk)
    assert finding.state is State.PROVED and "damaged" not in finding.what


def test_windows_line_ends_and_empty_lines_are_read(desk):
    desk.events = [json.dumps(line).encode() + b"\r\n\r\n" for line in desk.events]
    finding = found(desk)
    assert finding.state is State.PROVED and "damaged" not in finding.what


def test_a_huge_log_is_read_from_its_end(desk):
    desk.events.insert(0, b'{"kind": "noise"}\n' * 300_000)
    finding = found(desk)
    assert finding.state is State.PROVED
    assert "MB of serving/events.jsonl were not read" in finding.what


def test_thousands_of_forged_change_overs_take_a_moment(desk):
    line = {"kind": "rollback", "run_id": None, "actor": "x", "cause": "y", "previous": 3}
    for number in range(2500):
        for step in ("intent", "moved", "done"):
            more = {"at": desk.at(750), "id": str(number), "version": 2, "step": step}
            desk.events.append(line | more)
    service = desk.service()
    begun = time.perf_counter()
    look(service)
    assert time.perf_counter() - begun < 30


def test_a_pipe_in_the_place_of_the_log_is_not_waited_for(desk):
    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes here")
    service = desk.service()
    desk.layout.events_log.unlink()
    os.mkfifo(desk.layout.events_log)
    assert look(service).state is State.HIDDEN


def test_the_reader_leaves_the_log_as_it_is(desk):
    desk.service()
    before = desk.layout.events_log.read_bytes()
    assert len(read_events(desk.layout.events_log, desk.now).events) == 10
    assert desk.layout.events_log.read_bytes() == before
    assert {path.name for path in desk.layout.serving.iterdir()} == {
        "events.jsonl",
        "traffic.jsonl",
        "predictions.db",
    }


# ---- with a real registry


def test_a_real_registry_is_read(whole):
    lab, desk = whole
    desk.service()

    def real():
        findings = collect_workspace(load(), lab.layout, None)
        return next(finding for finding in findings if finding.practice == PRACTICE)

    assert real().state is State.PROVED
    lab.client.delete_run(desk.events[3]["run_id"])
    assert "version 3" in real().what and "its run is not there" in real().what
