"""Trainings that no person started, and those that only say so."""

import pytest

from widgets.maturity import State

PRACTICE = "automated-training"


def test_runs_that_people_started_are_not_automatic(fresh):
    for trigger in ("manual", "sweep", "manual"):
        fresh.run(fresh.commits[0], trigger)
    finding = fresh.findings()[PRACTICE]
    assert finding.state is State.MISSING
    assert "none says that something else than a person started it" in finding.what
    assert "2.5" in finding.mend


def test_what_started_them_is_named(lab):
    what = lab.findings()[PRACTICE].what
    assert what.startswith("2 trainings that no person started (by push); runs say so since 2026-")


def test_one_is_not_enough(lab):
    lab.client.delete_run(lab.runs[4])
    finding = lab.findings()[PRACTICE]
    assert finding.state is State.MISSING
    assert "2 runs that a push to main started" in finding.mend


def test_a_tag_written_by_hand_alone_is_only_claimed(fresh):
    for commit in fresh.commits[3:]:
        fresh.run(commit, "push")
    finding = fresh.findings()[PRACTICE]
    assert finding.state is State.CLAIMED
    assert "2 said, not confirmed" in finding.what
    assert "the origin has no record of a training of" in finding.what


def test_a_manual_run_that_is_called_a_push_afterwards_is_contradicted(lab):
    lab.client.delete_run(lab.runs[4])
    lab.client.set_tag(lab.runs[5], "trigger", "push")
    finding = lab.findings()[PRACTICE]
    assert finding.state is State.MISSING
    assert "ran at another time" in finding.what


def test_a_copy_of_a_run_does_not_count_twice(lab):
    lab.client.delete_run(lab.runs[4])
    lab.run(lab.commits[3], "push", minutes=3)
    finding = lab.findings()[PRACTICE]
    assert "1 trainings that no person started" in finding.what
    assert "its record is that of an earlier run" in finding.what
    assert finding.state is State.CLAIMED


def test_a_commit_that_does_not_exist_contradicts(fresh):
    for sign in "ab":
        run = fresh.run(sign * 40, "push")
        fresh.train_record(sign * 40, run)
    finding = fresh.findings()[PRACTICE]
    assert finding.state is State.MISSING
    assert "2 contradicted" in finding.what
    assert "the shared repository has no commit aaaaaaaa" in finding.what


def test_a_commit_that_main_never_pointed_at_contradicts(fresh):
    for commit in fresh.commits[:2]:
        fresh.train_record(commit, fresh.run(commit, "push"))
    finding = fresh.findings()[PRACTICE]
    assert finding.state is State.MISSING
    assert f"main never pointed at {fresh.commits[0][:8]}" in finding.what


def test_a_clean_checkout_is_never_dirty(lab):
    lab.client.set_tag(lab.runs[4], "dirty", "true")
    finding = lab.findings()[PRACTICE]
    assert finding.state is State.MISSING
    assert "a clean checkout is never dirty" in finding.what


@pytest.mark.parametrize(
    ("changes", "said", "state"),
    [
        ({"exit_code": 1}, "failed (exit code 1)", State.MISSING),
        ({"exit_code": None}, "was stopped", State.MISSING),
        (
            {"started_at": "2026-11-23T13:00:00Z", "finished_at": "2026-11-23T13:01:00Z"},
            "at another time",
            State.MISSING,
        ),
        (
            {"started_at": "0001-01-01T00:00:00Z", "finished_at": "0001-01-01T00:00:00Z"},
            "at another time",
            State.MISSING,
        ),
        ({"commit": "c" * 40}, "no record of a training", State.CLAIMED),
        ({"exit_code": "well"}, "no record of a training", State.CLAIMED),
    ],
)
def test_the_hooks_record_has_to_agree(lab, changes, said, state):
    lab.train_record(lab.commits[4], lab.runs[4], **changes)
    finding = lab.findings()[PRACTICE]
    assert said in finding.what
    assert finding.state is state


def test_a_record_in_local_words_without_a_zone_is_read_as_utc(lab):
    record = {"started_at": "2026-11-23T12:03:58", "finished_at": "2026-11-23T12:04:30"}
    lab.train_record(lab.commits[4], lab.runs[4], **record)
    assert lab.findings()[PRACTICE].state is State.PROVED


def test_an_origin_without_a_log_of_main_confirms_nothing(lab):
    (lab.team.origin / "logs" / "refs" / "heads" / "main").unlink()
    finding = lab.findings()[PRACTICE]
    assert finding.state is State.CLAIMED
    assert "main has no log of its moves" in finding.what


def test_an_alert_is_another_trigger_that_nothing_confirms_yet(lab):
    lab.run(lab.commits[4], "alert:7")
    finding = lab.findings()[PRACTICE]
    assert finding.state is State.PROVED
    assert "nothing here records what 'alert:7' starts" in finding.what


def test_every_run_since_the_first_automatic_one_names_its_trigger(lab):
    lab.run(lab.commits[4], tags={"trigger": None}, minutes=1)
    assert lab.findings()[PRACTICE].state is State.PROVED  # older: not counted
    lab.run(lab.commits[4], tags={"trigger": None})
    finding = lab.findings()[PRACTICE]
    assert finding.state is State.MISSING
    assert "1 since then name no trigger (run-7 " in finding.what
    for _ in range(20):
        lab.run(lab.commits[4])
    assert lab.findings()[PRACTICE].state is State.PROVED


def test_a_run_that_is_opened_again_later_stays_confirmed(lab):
    lab.client.set_terminated(lab.runs[4], "FINISHED")  # ends now
    assert lab.findings()[PRACTICE].state is State.PROVED


def test_one_run_of_ones_own_and_one_of_the_kit_is_with_the_kit(lab):
    lab.client.set_tag(lab.runs[4], "actor", "kit")
    finding = lab.findings()[PRACTICE]
    assert finding.state is State.PROVED and finding.with_kit


SEAMS = "[tool.flights.seams]\n"


@pytest.mark.parametrize(
    "text",
    ["", f"{SEAMS}on_main = ''\n", f"{SEAMS}on_main = 'a function'\n", "[tool", "tool = 1"],
)
def test_a_main_that_calls_nothing_any_more_is_not_automatic(lab, text):
    lab.team.commit(**{"pyproject.toml": text})
    lab.team.push()
    finding = lab.findings()[PRACTICE]
    assert finding.state is State.MISSING
    assert "names nothing that a push calls (on_main)" in finding.what
    assert "2.5" in finding.mend


@pytest.mark.parametrize("code", [0, 1])
def test_an_on_main_that_trains_nothing_any_more_is_found_out_by_two_pushes(lab, code):
    pushed = []
    for number in range(2):
        pushed.append(lab.team.commit(**{"flights/trigger.py": f"number = {number}\n"}))
        lab.team.push()
        assert lab.findings()[PRACTICE].state is State.PROVED  # its training may be under way
        lab.train_record(pushed[-1], lab.runs[4], exit_code=code)
    finding = lab.findings()[PRACTICE]
    assert finding.state is State.MISSING
    assert "the last 2 pushes have trained nothing" in finding.what
    assert pushed[0][:8] in finding.what and pushed[1][:8] in finding.what


def test_trainings_that_were_stopped_are_not_held_against_the_trigger(lab):
    for number in range(3):
        commit = lab.team.commit(**{"README.md": f"again {number}\n"})
        lab.team.push()
        lab.train_record(commit, lab.runs[4], exit_code=None)
    assert lab.findings()[PRACTICE].state is State.PROVED


def test_commits_that_were_trained_by_hand_before_they_were_pushed_are_trained(lab):
    for number in range(2):
        commit = lab.team.commit(**{"README.md": f"by hand {number}\n"})
        run = lab.run(commit)
        lab.team.push()
        lab.train_record(commit, run)  # on_main found the version that was there
    assert lab.findings()[PRACTICE].state is State.PROVED
