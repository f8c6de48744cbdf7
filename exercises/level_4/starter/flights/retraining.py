"""Trains again because of an alert: the same pipeline, with the alert as its trigger."""

import mlflow

from flights.journal import record
from flights.pipeline import StepError, run_pipeline
from flights.settings import Settings
from flights.store import one_at_a_time

ACTOR = "loop"


def retrain(alert: str, number: int, settings: Settings) -> None:
    """Run the pipeline on all data that has landed, and write down what came of it.

    The pipeline hands its version to the gate, the gate's yes to the rollout. A try that a kill
    has interrupted can be called again: the same code on the same data makes no second version.

    Parameters
    ----------
    alert : str
        The alert's id: it becomes the run's trigger.
    number : int
        Which try it is for this alert, from 1.
    """
    name = f"{alert}-{number}"
    record("retraining", "started", name, settings, actor=ACTOR, cause=f"alert {alert}")
    try:
        with one_at_a_time(settings):
            outcome = run_pipeline(settings, trigger=f"alert:{alert}")
    except StepError as error:
        record("retraining", "failed", name, settings, actor=ACTOR, cause=str(error))
        return
    found = None
    if outcome.version is not None:
        found = mlflow.MlflowClient().get_model_version(settings.model, str(outcome.version))
    decision = found.tags.get("gate.decision", "none") if found else "none"
    record(
        "retraining",
        "done",
        name,
        settings,
        actor=ACTOR,
        cause=f"the gate's decision: {decision}",
        version=outcome.version,
        run_id=found.run_id if found else None,
    )
