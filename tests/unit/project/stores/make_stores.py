"""Writes one small store with an older MLflow: `python make_stores.py FOLDER`, in its environment.

With mlflow-skinny 2.3.2 or 2.22.0, sqlalchemy, alembic, numpy and pandas. Two trainings with
commit, parameters and metrics; the second is registered and in the stage Production.
"""

import sys
from pathlib import Path

import mlflow
from mlflow import MlflowClient

folder = Path(sys.argv[1]).resolve()
folder.mkdir(parents=True)
version = mlflow.__version__
for kind, uri in (("database", f"sqlite:///{folder}/mlflow.db"), ("files", str(folder / "mlruns"))):
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    client = MlflowClient()
    experiment = client.create_experiment(
        "churn", artifact_location=str(folder / "artifacts" / kind)
    )
    runs = []
    for number in range(3):
        with mlflow.start_run(experiment_id=experiment) as run:
            mlflow.set_tag("mlflow.source.git.commit", f"{number + 1:040x}")
            mlflow.log_param("depth", number)
            mlflow.log_metric("auc", 0.7 + number / 100)
            if hasattr(mlflow, "log_input"):
                import pandas

                data = mlflow.data.from_pandas(pandas.DataFrame({"a": [number]}), name="customers")
                mlflow.log_input(data, context="validation")
            runs.append(run.info)
    client.create_registered_model("churn")
    client.create_model_version("churn", f"{runs[-1].artifact_uri}/model", runs[-1].run_id)
    client.transition_model_version_stage("churn", "1", "Production")
print(version)
