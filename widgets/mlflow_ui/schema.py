"""Makes an empty MLflow database: `python -m widgets.mlflow_ui.schema FILE`."""

import sys
from pathlib import Path


def make(database: Path) -> None:
    """Make a database with all tables and the experiment 0, and nothing else."""
    from mlflow.store.model_registry.sqlalchemy_store import SqlAlchemyStore as Registry
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore as Tracking

    address = f"sqlite:///{database.resolve().as_posix()}"
    tracking = Tracking(address, "file:///nowhere")  # its place is known when it is copied
    registry = Registry(address)
    tracking._dispose_engine()
    registry.engine.dispose()


if __name__ == "__main__":
    make(Path(sys.argv[1]))
