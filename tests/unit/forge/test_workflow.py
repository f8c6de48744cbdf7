"""A workflow is read as far as the forge can run it; the rest is refused, with its place."""

import pytest

from widgets.forge.workflow import WorkflowError, read_workflow

JOBS = "jobs: {test: {runs-on: ubuntu-latest, steps: [{uses: actions/checkout@v5}, {run: 'x'}]}}\n"


@pytest.mark.parametrize(
    "on", ["push", "[push]", "[push, pull_request]", "{push: }", "{push: {branches: ['**']}}"]
)
def test_every_way_to_write_push_runs_on_a_branch(on):
    assert read_workflow(f"on: {on}\n{JOBS}").runs_on("feature/one")
    assert read_workflow(f"'on': {on}\n{JOBS}").runs_on("feature/one")


@pytest.mark.parametrize("on", ["pull_request", "[pull_request]", "{push: {branches: [main]}}",
                                "{push: {branches: ['*']}}", "{workflow_dispatch: }"])  # fmt: skip
def test_other_triggers_do_not(on):
    assert not read_workflow(f"on: {on}\n{JOBS}").runs_on("feature/one")


def test_a_star_stops_at_a_slash():
    flow = read_workflow(f"on: {{push: {{branches: ['feature/*']}}}}\n{JOBS}")
    assert flow.runs_on("feature/one") and not flow.runs_on("feature/one/two")


def test_steps_keep_order_name_and_environment():
    flow = read_workflow(
        "on: push\nenv: {A: 1}\njobs:\n  one:\n    env: {B: two}\n    steps:\n"
        "      - {uses: actions/checkout@v5}\n      - {name: Build, run: 'a\n\n  b', env: {A: 3}}\n"
        "  two: {steps: [{run: python ci.py}]}\n"
    )
    assert [step.name for step in flow.steps] == ["actions/checkout@v5", "Build", "python ci.py"]
    assert flow.steps[1].env == {"A": "3", "B": "two"}
    assert flow.steps[2].env == {"A": "1"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the file is empty"),
        ("on: push\n", "jobs is empty"),
        ("jobs: [", "line 1"),
        (JOBS, "`on:` is missing"),
        ("on: push\njobs: {a: {runs-on: x}}\n", "jobs.a has no steps"),
        ("on: push\njobs: {a: {steps: [{uses: b}]}}\n", "no step has a `run:`"),
        ("on: push\njobs: {a: {steps: [{name: b}]}}\n", "jobs.a.steps[1] needs either"),
        ("on: push\njobs: {a: {steps: [{run: b, if: c}]}}\n", "jobs.a.steps[1]: `if`"),
        ("on: push\njobs: {a: {strategy: {}, steps: [{run: b}]}}\n", "`strategy` is not supported"),
        ("on: push\njobs: {a: {steps: [{run: 'echo ${{ x }}'}]}}\n", "jobs.a.steps[1].run"),
        ("on: {push: {paths: [a]}}\n" + JOBS, "on.push: `paths`"),
    ],
)
def test_what_it_cannot_run_is_refused_with_its_place(text, says):
    with pytest.raises(WorkflowError) as refusal:
        read_workflow(text)
    assert says in str(refusal.value)
