"""The answers of an MLflow server, as far as evidence needs them; the rest of them is let by."""

import math

from pydantic import BaseModel, Field

from widgets.evidence.mlflow_runs import Dataset, Run, Version, at


class Pair(BaseModel):
    """A tag or a parameter."""

    key: str
    value: str = ""


class Metric(BaseModel):
    """The last value of a metric; servers write what is no number as text."""

    key: str
    value: float | str = 0.0

    @property
    def number(self) -> float | None:
        """The value, or None if it is not a number."""
        try:
            value = float(self.value)
        except ValueError:
            return None
        return value if math.isfinite(value) else None


class ExperimentMessage(BaseModel):
    """One experiment."""

    experiment_id: str
    name: str
    lifecycle_stage: str = "active"


class Experiments(BaseModel):
    """The answer of experiments/search."""

    experiments: list[ExperimentMessage] = []


class OneExperiment(BaseModel):
    """The answer of experiments/get-by-name."""

    experiment: ExperimentMessage


class RunInfo(BaseModel):
    """What a run is called and what became of it."""

    run_id: str
    run_name: str = ""
    status: str = ""
    start_time: int = 0
    end_time: int = 0
    lifecycle_stage: str = "active"


class RunData(BaseModel):
    """What a run has logged."""

    params: list[Pair] = []
    metrics: list[Metric] = []
    tags: list[Pair] = []


class DatasetMessage(BaseModel):
    """A dataset's name and digest."""

    name: str = ""
    digest: str = ""


class DatasetInput(BaseModel):
    """A dataset, and what for."""

    tags: list[Pair] = []
    dataset: DatasetMessage = DatasetMessage()


class Inputs(BaseModel):
    """What went into a run."""

    dataset_inputs: list[DatasetInput] = []


class RunMessage(BaseModel):
    """One run."""

    info: RunInfo
    data: RunData = RunData()
    inputs: Inputs = Inputs()

    def run(self, experiment: str) -> Run:
        """Return the run as a value; the answer itself does not name the experiment."""
        tags = {pair.key: pair.value for pair in self.data.tags}
        numbers = {metric.key: metric.number for metric in self.data.metrics}
        return Run(
            id=self.info.run_id,
            name=self.info.run_name or tags.get("mlflow.runName", ""),
            experiment=experiment,
            status=self.info.status,
            started_at=at(self.info.start_time),
            finished_at=at(self.info.end_time) if self.info.end_time else None,
            deleted=self.info.lifecycle_stage != "active",
            params={pair.key: pair.value for pair in self.data.params},
            metrics={
                key: value
                for key, value in numbers.items()
                if value is not None and not key.startswith("system/")
            },
            tags=tags,
            datasets=tuple(_dataset(each) for each in self.inputs.dataset_inputs),
        )


class Runs(BaseModel):
    """The answer of runs/search."""

    runs: list[RunMessage] = []
    next_page_token: str = ""


class OneRun(BaseModel):
    """The answer of runs/get."""

    run: RunMessage


class Alias(BaseModel):
    """A name that points to a version."""

    alias: str
    version: str


class ModelMessage(BaseModel):
    """A registered model."""

    name: str
    aliases: list[Alias] = []


class OneModel(BaseModel):
    """The answer of registered-models/get."""

    registered_model: ModelMessage


class Models(BaseModel):
    """The answer of registered-models/search."""

    registered_models: list[ModelMessage] = []


class VersionMessage(BaseModel):
    """One version of a registered model."""

    name: str
    version: str = Field(pattern=r"^\d{1,9}$")
    creation_timestamp: int = 0
    source: str = ""
    run_id: str = ""
    status: str = "READY"
    current_stage: str = ""
    tags: list[Pair] = []

    def value(self, aliases: tuple[str, ...], made_by: str | None, files: bool | None) -> Version:
        """Return the version as a value, with what other answers say about it."""
        return Version(
            self.name,
            int(self.version),
            self.run_id or None,
            at(self.creation_timestamp),
            self.status,
            {pair.key: pair.value for pair in self.tags},
            aliases,
            made_by,
            files,
        )


class Versions(BaseModel):
    """The answer of model-versions/search."""

    model_versions: list[VersionMessage] = []
    next_page_token: str = ""


class LoggedModelInfo(BaseModel):
    """Which run logged a model."""

    source_run_id: str = ""


class LoggedModelBody(BaseModel):
    """A logged model."""

    info: LoggedModelInfo


class LoggedModel(BaseModel):
    """The answer of logged-models/<id>."""

    model: LoggedModelBody


class File(BaseModel):
    """One entry of a model's folder."""

    path: str


class Directory(BaseModel):
    """The answer of logged-models/<id>/artifacts/directories."""

    files: list[File] = []


def _dataset(given: DatasetInput) -> Dataset:
    tags = {pair.key: pair.value for pair in given.tags}
    context = tags.get("mlflow.data.context", "")
    return Dataset(given.dataset.name, given.dataset.digest, context)
