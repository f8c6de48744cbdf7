"""The pipeline: from the months that have landed to a registered version, in one command.

First the steps that only compute, then the two that write: what fails or is killed before
them leaves no trace in the registry, and the same input again finds what is there.
"""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import mlflow
import pandas as pd
from mlflow.exceptions import MlflowException

from flights.code import CodeVersion, code_version
from flights.contract import ContractError, check_months, read_month
from flights.registry import CANDIDATE
from flights.settings import Settings, read_settings, resolve
from flights.store import StoreError, connect, explain, one_at_a_time
from flights.tracking import data_digest, log_training, tags
from flights.training import train_and_measure

MEND_DATA = "Put the months in data/ right, then run this again."


class StepError(Exception):
    """A step of the pipeline failed; none but the last, `register`, can have registered anything.

    Attributes
    ----------
    step : str
        Its name.
    """

    def __init__(self, step: str, error: Exception) -> None:
        left = "run this again to end it" if step == "register" else "nothing was registered"
        mend = f"\n{MEND_DATA}" if isinstance(error, ContractError) else ""
        super().__init__(f"step {step} failed, {left}: {explain(error)}{mend}")
        self.step = step


@dataclass(frozen=True)
class Outcome:
    """What one call of the pipeline came to.

    Attributes
    ----------
    version : int or None
        The registered version; None if the code was not committed: tracked, not registered.
    repeated : bool
        Whether this commit had been trained on these data before: then nothing new was made.
    log_loss : float
        The version's log loss on the judging days.
    """

    version: int | None
    repeated: bool
    log_loss: float


@contextmanager
def step(name: str) -> Iterator[None]:
    """Say which step begins, and name it if it fails."""
    print(f"-- {name}", flush=True)
    try:
        yield
    except Exception as error:
        raise StepError(name, error) from error


def ingest(settings: Settings) -> dict[str, pd.DataFrame]:
    """Return every month that has landed, by its name (YYYY-MM).

    Raises
    ------
    ContractError
        If there is none, or a file cannot be read.
    """
    files = sorted(settings.data.glob("????-??.parquet"))
    if not files:
        raise ContractError(f"no month (YYYY-MM.parquet) in {settings.data}")
    return {file.stem: read_month(file) for file in files}


def run_pipeline(settings: Settings, trigger: str = "manual") -> Outcome:
    """Ingest, validate, train, evaluate, register; return what came of it.

    The same commit on the same data makes no second version. A run of code that is not
    committed is tracked, but never registered: nobody could make that model again.

    Raises
    ------
    StepError
        If a step fails. Nothing is registered then, unless the last step was cut short: another
        call ends it. If one before it failed, a failed run says which.
    """
    connect(settings)
    code = code_version(settings.root)
    try:
        with step("ingest"):
            months = ingest(settings)
        # TODO 2.3: the steps "validate", "train and evaluate" and "track", in this order, each
        # within `with step(…):`. Before training: if this code and these data have a version
        # already (find_version), return it as repeated; make sure that it is the candidate.
        raise NotImplementedError("the pipeline ends after its first step")
    except StepError as failure:
        record_failure(failure, code, trigger)
        raise
    log_loss = training.measures.overall["log_loss"]
    # TODO 2.3: register the run as the last step, but never what was not committed.
    return Outcome(None, repeated=False, log_loss=log_loss)


def find_version(settings: Settings, code: CodeVersion, digest: str) -> int | None:
    """Return the version that this commit made of these data, if there is one."""
    if code.dirty:
        return None
    found = mlflow.MlflowClient().search_model_versions(f"name = '{settings.model}'")
    # TODO 2.3: the versions whose tags name this commit and these data; the first of them, or None
    return None


def register(run_id: str, labels: dict[str, str], settings: Settings) -> int:
    """Make a version of a run's model, complete from its first moment; return its number."""
    client = mlflow.MlflowClient()
    try:
        client.create_registered_model(settings.model)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    (model,) = mlflow.search_logged_models(
        filter_string=f"source_run_id = '{run_id}'", output_format="list"
    )
    kept = {name: labels[name] for name in ("commit", "data_digest", "trigger", "actor")}
    # TODO 2.3: create the version of model.model_uri and run_id, with the tags `kept` from its
    # first moment on; then make it the candidate.
    return int(version.version)


def make_candidate(settings: Settings, version: int) -> None:
    """Point the alias candidate at a version, if none that is newer has it; tell who waits for it.

    Both can be done twice: a kill may come before either.
    """
    client = mlflow.MlflowClient()
    now = client.get_registered_model(settings.model).aliases.get(CANDIDATE, "0")
    if int(now) < version:
        client.set_registered_model_alias(settings.model, CANDIDATE, str(version))
    if after := settings.seams.get("after_register"):
        resolve(after)(version, settings)


def log_loss_of(settings: Settings, version: int) -> float:
    """Return the log loss of a version's run."""
    found = mlflow.MlflowClient().get_model_version(settings.model, str(version))
    return float(mlflow.get_run(found.run_id).data.metrics["log_loss"])


def record_failure(failure: StepError, code: CodeVersion, trigger: str) -> None:
    """Leave a failed run that names the step, the commit and the reason, if MLflow lets us."""
    labels = {"trigger": trigger, "commit": code.commit, "failed_step": failure.step}
    with suppress(MlflowException):
        begun = mlflow.last_active_run() if failure.step == "track" else None
        failed = begun.info.run_id if begun and begun.info.status == "FAILED" else None
        with mlflow.start_run(failed, tags=labels) as run:
            mlflow.set_tag("mlflow.note.content", str(failure))
        mlflow.MlflowClient().set_terminated(run.info.run_id, status="FAILED")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the pipeline once, by hand; return 0, or 1 if a step failed."""
    argparse.ArgumentParser(description=__doc__).parse_args(argv)
    settings = read_settings()
    try:
        with one_at_a_time(settings):
            outcome = run_pipeline(settings)
    except (StepError, StoreError) as failure:
        print(failure)
        return 1
    except MlflowException as failure:
        print(f"MLflow failed between two steps: {explain(failure)}")
        return 1
    print(describe(outcome))
    return 0


def describe(outcome: Outcome) -> str:
    """Return an outcome as a sentence."""
    score = f"log loss {outcome.log_loss:.4f}"
    if outcome.version is None:
        return f"tracked, not registered: commit your changes first ({score})"
    if outcome.repeated:
        return f"version {outcome.version} is this commit on these data already ({score})"
    return f"registered as version {outcome.version} ({score})"


if __name__ == "__main__":
    raise SystemExit(main())
