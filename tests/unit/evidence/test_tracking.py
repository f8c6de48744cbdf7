"""What the runs of an experiment prove: written down whole, and fit to be compared."""

import pytest

from widgets.maturity import State

TRACKING, METRICS = "experiment-tracking", "systematic-metrics"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"params": {}}, "1 of 7 has no parameters (run-6 "),
        ({"metrics": {}}, "1 of 7 has no metrics (run-6 "),
        ({"data": ()}, "1 of 7 has no dataset (run-6 "),
        ({"tags": {"commit": None}}, "1 of 7 has no commit (run-6 "),
        ({"tags": {"commit": "none"}}, "1 of 7 has no commit (run-6 "),
        ({"tags": {"commit": "--help"}}, "1 of 7 has no commit (run-6 "),
        ({"tags": {"commit": "f" * 40}}, "1 of 7 has a commit that the repository does not have"),
    ],
)
def test_what_a_run_lacks_is_named(lab, changes, said):
    lab.run(lab.commits[0], **changes)
    finding = lab.findings()[TRACKING]
    assert finding.state is State.MISSING
    assert said in finding.what
    assert "2.1" in finding.mend


def test_too_few_runs_say_how_many_are_asked_for(fresh):
    for commit in fresh.commits[:4]:
        fresh.run(commit)
    found = fresh.findings()
    assert found[TRACKING].mend == found[METRICS].mend == "5 runs are asked for."
    fresh.run(fresh.commits[4])
    found = fresh.findings()
    assert found[TRACKING].state is found[METRICS].state is State.PROVED


def test_one_bad_run_in_twenty_is_forgiven_and_two_are_not(lab):
    for _ in range(13):
        lab.run(lab.commits[0])
    lab.run(lab.commits[0], params={})
    finding = lab.findings()[TRACKING]
    assert finding.state is State.PROVED
    assert "19 of the last 20 runs" in finding.what
    lab.run(lab.commits[0], params={})
    assert lab.findings()[TRACKING].state is State.MISSING


def test_what_has_left_the_window_is_forgotten(lab):
    for commit in lab.commits:
        lab.run(commit, data=(), metrics={"x": 1.0})
    assert lab.findings()[TRACKING].state is State.MISSING
    for _ in range(20):
        lab.run(lab.commits[0])
    found = lab.findings()
    assert found[TRACKING].state is found[METRICS].state is State.PROVED


def test_mlflows_own_tag_is_a_code_version_too(lab):
    lab.run("x", tags={"commit": None, "mlflow.source.git.commit": lab.commits[2]})
    assert lab.findings()[TRACKING].state is State.PROVED


@pytest.mark.parametrize("status", ["FAILED", "KILLED", "RUNNING"])
def test_a_run_that_did_not_finish_is_not_counted(lab, status):
    if status == "RUNNING":
        experiment = lab.client.get_experiment_by_name("late-flights").experiment_id
        lab.client.create_run(experiment)
    else:
        lab.run(lab.commits[0], params={}, metrics={}, data=(), status=status)
    finding = lab.findings()[TRACKING]
    assert finding.state is State.PROVED
    assert "1 failed, unfinished or nested not counted" in finding.what


def test_nested_runs_and_what_only_holds_them_are_not_counted(lab):
    parent = lab.run(lab.commits[0], params={}, metrics={}, data=())
    for _ in range(3):
        lab.run(lab.commits[0], tags={"mlflow.parentRunId": parent}, params={}, data=())
    finding = lab.findings()[TRACKING]
    assert finding.state is State.PROVED
    assert "4 failed, unfinished or nested not counted" in finding.what


def test_deleted_runs_are_left_out_even_of_the_remark(lab):
    lab.client.delete_run(lab.run(lab.commits[0], params={}))
    finding = lab.findings()[TRACKING]
    assert finding.state is State.PROVED
    assert "not counted" not in finding.what


def test_a_deleted_experiment_has_no_runs(lab):
    lab.client.delete_experiment(lab.client.get_experiment_by_name("late-flights").experiment_id)
    finding = lab.findings()[TRACKING]
    assert finding.state is State.MISSING
    assert "no finished run" in finding.what


def test_the_kit_is_named_if_the_learners_own_runs_are_too_few(lab):
    first = "', '".join(lab.runs[:2])
    lab.sql(f"UPDATE tags SET value = 'kit' WHERE key = 'actor' AND run_uuid IN ('{first}')")
    found = lab.findings()
    assert found[TRACKING].with_kit and found[METRICS].with_kit  # four of one's own
    lab.run(lab.commits[0])
    found = lab.findings()
    assert not found[TRACKING].with_kit and not found[METRICS].with_kit


def test_a_forgotten_metric_is_named_with_its_run(lab):
    lab.run(lab.commits[0], metrics={"log_loss": 0.5, "roc_auc": 0.7})
    finding = lab.findings()[METRICS]
    assert finding.state is State.MISSING
    assert "1 of 7 lack usual metrics (run-6 " in finding.what
    assert "no brier, calibration_error" in finding.what
    assert lab.findings()[TRACKING].state is State.PROVED


def test_a_metric_that_is_not_a_number_is_a_forgotten_one(lab):
    scores = {"log_loss": float("nan"), "roc_auc": 0.7, "brier": 0.2, "calibration_error": 0.1}
    lab.run(lab.commits[0], metrics=scores)
    assert "no log_loss" in lab.findings()[METRICS].what


def test_a_metric_that_is_added_is_not_asked_of_earlier_runs(lab):
    more = {"log_loss": 0.5, "roc_auc": 0.7, "brier": 0.2, "calibration_error": 0.1, "new": 1.0}
    for _ in range(7):
        lab.run(lab.commits[0], metrics=more)
        assert lab.findings()[METRICS].state is State.PROVED
    more.pop("new")
    lab.run(lab.commits[0], metrics=more)
    assert "no new" in lab.findings()[METRICS].what


def test_a_metric_that_was_tried_once_is_asked_of_nobody(lab):
    lab.run(
        lab.commits[0],
        metrics={"odd": 1.0}
        | dict.fromkeys(("log_loss", "roc_auc", "brier", "calibration_error"), 0.5),
    )
    for _ in range(2):
        lab.run(lab.commits[0])
    assert lab.findings()[METRICS].state is State.PROVED


def test_metrics_that_no_two_runs_share_compare_nothing(fresh):
    for number, commit in enumerate(fresh.commits):
        fresh.run(commit, metrics={f"metric_{number}": 1.0})
    finding = fresh.findings()[METRICS]
    assert finding.state is State.MISSING
    assert "no metric that all of them have" in finding.what


@pytest.mark.parametrize("contexts", [(), ("training",), ("train",)])
def test_scores_on_data_that_is_not_named_cannot_be_compared(lab, contexts):
    lab.run(lab.commits[0], data=contexts)
    finding = lab.findings()[METRICS]
    assert finding.state is State.MISSING
    assert "no data named beside what it learned from (run-6 " in finding.what


@pytest.mark.parametrize("contexts", [("",), ("training",), ("", "train")])
def test_data_without_a_word_what_for_is_not_judging_data(lab, contexts):
    lab.run(lab.commits[0], data=contexts)
    assert lab.findings()[METRICS].state is State.MISSING


@pytest.mark.parametrize("contexts", [("judging",), ("train", "eval"), ("test",)])
def test_any_name_for_the_judging_data_will_do(lab, contexts):
    lab.run(lab.commits[0], data=contexts)
    assert lab.findings()[METRICS].state is State.PROVED


def test_runs_without_any_metric_compare_nothing(fresh):
    for commit in fresh.commits:
        fresh.run(commit, metrics={})
    assert fresh.findings()[METRICS].state is State.MISSING
