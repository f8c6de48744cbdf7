"""The model says what the course says: every word of its tables, and nothing else."""

import pytest

from widgets.maturity import load

# Copied from the course's tables: level, name, boxes, bullets, characteristics.
LEVELS = [
    (
        4,
        "Full MLOps",
        "Training Automation → Performance Tracking → Deployment Automation → Feedback Loop",
        "fully automated end-to-end pipeline · near zero downtime application maintenance"
        " · continuous feedback loop",
        "complete automation of the ML lifecycle · continuous training based on new data"
        " · automated deployment with canary/blue-green strategies"
        " · comprehensive monitoring with alerts · feedback loops that trigger retraining"
        " · near zero-downtime updates · model governance and compliance automation",
    ),
    (
        3,
        "Automated Model Deployment",
        "Training Automation → Performance Tracking → Deployment Automation",
        "model training is automated · performance tracking is centralized"
        " · production deployment is automated",
        "end-to-end automation from training to deployment"
        " · centralized model registry with versioning · automated validation before deployment"
        " · basic monitoring of deployed models · still lacks comprehensive feedback loops",
    ),
    (
        2,
        "Automated Training",
        "Training Automation → Performance Tracking",
        "model training is automated · central tracking of model performance"
        " · manual deployment processes",
        "automated model training pipelines · centralized experiment tracking"
        " · model versioning and basic registry"
        " · performance metrics are tracked systematically"
        " · deployment still requires manual intervention",
    ),
    (
        1,
        "DevOps but no MLOps",
        "Build and Tests",
        "build and tests are automated · limited feedback mechanisms"
        " · model retraining is still manual",
        "basic CI/CD for code (not models) · automated testing for application code"
        " · limited feedback mechanisms · model retraining remains manual and challenging"
        " · no model versioning or registry",
    ),
    (
        0,
        "No MLOps",
        "Jupyter Notebooks",
        "development in Jupyter notebooks only · no efficient way to store models"
        " · no easy way to retrain models",
        "data scientists work in isolation using Jupyter notebooks"
        " · models are developed ad hoc with no standardization"
        " · no version control for models · manual deployment process (if any)"
        " · no systematic way to retrain models",
    ),
]
STEPS = {
    (0, 1): ["version control", "CI/CD for code", "standardized development environments"],
    (1, 2): ["automate model training", "experiment tracking", "a model registry"],
    (2, 3): ["automate model validation and deployment", "basic monitoring"],
    (3, 4): ["feedback loops", "continuous training", "advanced monitoring", "governance"],
}
LIMITS = {
    "limited feedback mechanisms",
    "model retraining is still manual",
    "model retraining remains manual and challenging",
    "no model versioning or registry",
    "manual deployment processes",
    "deployment still requires manual intervention",
    "still lacks comprehensive feedback loops",
}
PRACTICES = """
1 | version-control | a history of commits; what was trained came from a commit
1 | standard-environment | pinned requirements, a build, and CI that runs on what is pinned
1 | automated-tests | tests that exist and are run by the CI; in the course also: mutants caught
1 | ci-for-code | a record of red and green runs; `main` moved only by green ones
2 | automated-training | training runs that no person started, with what triggered them
2 | experiment-tracking | the share of runs with parameters, metrics, dataset and code version
2 | systematic-metrics | the same metrics in all runs of an experiment, on data named in the run
2 | model-registry | versions, aliases, lineage from version to run to data to commit
3 | automated-validation | every promoted version carries a decision with its reasons, made by a program
3 | automated-deployment | versions that went from training to serving with no person, and a rollback that worked
3 | serving-from-registry | the server says which version answers, and the registry agrees
3 | basic-monitoring | metrics endpoint answers; the prediction log grows
4 | monitoring-with-alerts | alert rules that are evaluated, alerts with a life
4 | feedback-loop | alerts or labels that led to retrainings, linked
4 | continuous-training | retrainings on new data over time, none by hand
4 | progressive-delivery | promotions that went through canary or blue/green steps
4 | zero-downtime | change-overs under traffic with no failed request
4 | governance | cards, policy decisions, approvals where asked, signatures, an intact audit chain
4 | end-to-end-automation | from new data to serving with no manual step, counted from the event log
"""  # noqa: E501
RULES = {
    "version-control": {"commits": 5, "days_elsewhere": 2, "dirty_runs": 0},
    "experiment-tracking": {"runs": 5, "complete_share": 0.95, "window": 20},
    "continuous-training": {"retrainings": 2},
    "serving-from-registry": {"window_hours": 1},
    "automated-tests": {"skipped": 0},
}


def test_the_title_and_the_arrow_carry_their_words() -> None:
    assert (load().title, load().direction) == ("MLOps Maturity Model", "Increasing Maturity")


def test_levels_stand_from_four_down_to_nought() -> None:
    assert [(level.number, level.name) for level in load().levels] == [row[:2] for row in LEVELS]


@pytest.mark.parametrize(("number", "name", "boxes", "bullets", "characteristics"), LEVELS)
def test_a_level_has_exactly_the_words_of_the_course(
    number: int, name: str, boxes: str, bullets: str, characteristics: str
) -> None:
    level = load().level(number)
    assert level.name == name
    assert [box.title for box in level.boxes] == boxes.split(" → ")
    assert [bullet.text for bullet in level.bullets] == bullets.split(" · ")
    assert [item.text for item in level.characteristics] == characteristics.split(" · ")


def test_steps_have_exactly_the_words_of_the_course() -> None:
    told = {
        (step.source, step.target): [action.text for action in step.actions]
        for step in load().steps
    }
    assert told == STEPS


def test_practices_are_those_of_the_course_with_their_proofs() -> None:
    told = [f"{item.level} | {item.id} | {item.proved_by}" for item in load().practices]
    assert told == PRACTICES.strip().splitlines()


def test_limits_are_marked_and_nothing_else_is() -> None:
    for level in load().levels:
        for item in level.sentences:
            assert item.limit == (level.number == 0 or item.text in LIMITS), item.text
        assert not any(box.limit for box in level.boxes)


def test_every_capability_maps_to_a_practice_and_a_limit_to_none() -> None:
    for level in load().levels:
        for item in level.sentences:
            assert bool(item.practices) != item.limit, item.text
        if level.number:
            assert all(box.practices for box in level.boxes)


def test_every_practice_is_mapped_from_a_sentence_of_its_own_level() -> None:
    for practice in load().practices:
        sentences = load().level(practice.level).sentences
        assert any(practice.id in item.practices for item in sentences), practice.id


def test_rules_hold_the_numbers_of_the_course() -> None:
    for practice, numbers in RULES.items():
        assert numbers.items() <= load().practice(practice).rule.items(), practice


def test_everything_that_opens_says_what_it_means() -> None:
    for item in load().items():
        assert len(item.meaning) > 30, item.id
        if not hasattr(item, "source"):
            assert len(item.why) > 30, item.id
