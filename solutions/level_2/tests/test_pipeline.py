"""The pipeline on a few months of its own: once, twice, and with a fault."""

import subprocess
from pathlib import Path

import mlflow
import pytest
from stores import make_store

from flights.pipeline import StepError, run_pipeline
from flights.settings import Settings, read_settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch, many_flights) -> Settings:
    """A committed project with one month, in a workspace of its own."""
    root = tmp_path / "project"
    root.mkdir()
    (tmp_path / "data").mkdir()
    make_store(tmp_path)
    for name in ("pyproject.toml", "requirements.txt"):
        (root / name).write_bytes((Path(__file__).parents[1] / name).read_bytes())
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "One"]):
        who = ["-c", "user.name=test", "-c", "user.email=test@localhost"]
        subprocess.run(["git", *who, *words], cwd=root, check=True)
    monkeypatch.setenv("FLIGHTS_WORKSPACE", str(tmp_path))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    many_flights.astype({"flight_id": "int32"}).to_parquet(tmp_path / "data" / "2013-01.parquet")
    return read_settings(root)


def versions(settings: Settings) -> int:
    return len(mlflow.MlflowClient().search_model_versions(f"name = '{settings.model}'"))


def test_the_same_input_twice_makes_one_version(settings):
    first, second = run_pipeline(settings), run_pipeline(settings)
    assert (first.version, first.repeated) == (1, False)
    assert (second.version, second.repeated) == (1, True)
    assert versions(settings) == 1


def test_a_bad_month_registers_nothing_and_names_the_step(settings):
    (settings.data / "2013-02.parquet").write_bytes(b"")
    with pytest.raises(StepError) as failure:
        run_pipeline(settings)
    assert failure.value.step == "ingest"
    assert versions(settings) == 0
