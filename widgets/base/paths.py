"""Where things lie: the kit's own folders, and the layout of a workspace."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

KIT_ROOT = Path(__file__).resolve().parents[2]
PREPARED = Path(sys.prefix) / "share" / "maturity"  # what the environment's setup has made


@dataclass(frozen=True)
class Layout:
    """The folders of one workspace: everything that is the learner's lies below `root`."""

    root: Path

    @classmethod
    def current(cls) -> "Layout":
        """Return the workspace that MATURITY_WORKSPACE names, else the one beside the kit."""
        named = os.environ.get("MATURITY_WORKSPACE")
        return cls(Path(named).expanduser().resolve() if named else KIT_ROOT / "workspace")

    @property
    def notebooks(self) -> Path:
        """The learner's own copies of the notebooks."""
        return self.root / "notebooks"

    @property
    def project(self) -> Path:
        """The learner's project; from exercise 1.4 on a git repository."""
        return self.root / "project"

    @property
    def origin(self) -> Path:
        """The bare remote of exercise 1.4."""
        return self.root / "origin.git"

    @property
    def data(self) -> Path:
        """Where the flights land, every night."""
        return self.root / "data"

    @property
    def mlflow(self) -> Path:
        """MLflow's database, and the artifacts beside it."""
        return self.root / "mlflow"

    @property
    def mlflow_db(self) -> Path:
        """The SQLite file with tracking and registry."""
        return self.mlflow / "mlflow.db"

    @property
    def mlflow_artifacts(self) -> Path:
        """Where models and files of the runs lie."""
        return self.mlflow / "artifacts"

    @property
    def tracking_uri(self) -> str:
        """What MLflow is pointed at: MLFLOW_TRACKING_URI (a team's server), else the file here."""
        return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{self.mlflow_db.as_posix()}"

    @property
    def serving(self) -> Path:
        """What the learner's model server writes, and what is written about it."""
        return self.root / "serving"

    @property
    def server_file(self) -> Path:
        """Where the running model server says its address; not there if none runs."""
        return self.serving / "server.json"

    @property
    def server_token(self) -> Path:
        """What the running model server wants to hear before it answers; for this user alone."""
        return self.serving / "token"

    @property
    def events_log(self) -> Path:
        """The learner's event log: deployments and rollbacks, a JSON object a line."""
        return self.serving / "events.jsonl"

    @property
    def traffic_log(self) -> Path:
        """What the simulated clients saw: a JSON object for each request."""
        return self.serving / "traffic.jsonl"

    @property
    def predictions_db(self) -> Path:
        """The learner's prediction log, in SQLite."""
        return self.serving / "predictions.db"

    @property
    def outcomes(self) -> Path:
        """Which flights were late, as it becomes known."""
        return self.serving / "outcomes.parquet"

    @property
    def year(self) -> "Layout":
        """The workspace of the year on its own, exercise 4.6: data, models and log of its own."""
        return Layout(self.root / "year")

    @property
    def own_project(self) -> Path:
        """Answers and reports about a project of one's own."""
        return self.root / "own_project"

    @property
    def kit(self) -> Path:
        """The kit's own notes about this workspace."""
        return self.root / ".kit"

    @property
    def progress(self) -> Path:
        """The SQLite file with the learner's progress."""
        return self.kit / "progress.sqlite"

    @property
    def clock(self) -> Path:
        """The file with the simulated world's date."""
        return self.kit / "clock.json"

    @property
    def copies(self) -> Path:
        """Copies of every file that the kit has replaced."""
        return self.kit / "copies"

    @property
    def logs(self) -> Path:
        """What the kit's own processes wrote."""
        return self.kit / "logs"

    def incident(self, level: int) -> Path:
        """Return the scratch folder of a level's incident; nothing in it is evidence."""
        return self.kit / "incident" / str(level)
