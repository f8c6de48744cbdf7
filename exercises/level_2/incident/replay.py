"""Asks Level 0's question again: which model is this, and can it be made again?

Called as ``replay.py SCRATCH WORKSPACE FLIGHTS``. The champion's commit is checked out into SCRATCH
and its pipeline trains there, in a workspace of its own. Nothing outside SCRATCH is changed.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd

ASK = """
import json, dataclasses
from flights.registry import NoSuchModelError, which_model
from flights.settings import read_settings
try:
    champion = which_model("champion", read_settings())
    import mlflow
    judge_to = mlflow.get_run(champion.run_id).data.params["judge_to"]
    print(json.dumps(dataclasses.asdict(champion) | {"judge_to": judge_to}))
except (NoSuchModelError, NotImplementedError) as error:
    print(json.dumps({"nobody": str(error)}))
"""
AGAIN = """
import json
from flights.pipeline import run_pipeline
from flights.settings import read_settings
print(json.dumps(run_pipeline(read_settings()).log_loss))
"""


def python(code: str, folder: Path, workspace: Path) -> str:
    """Run a few lines in a project's folder; return the last line that they print, or an error."""
    env = {name: value for name, value in os.environ.items() if name != "MLFLOW_TRACKING_URI"}
    env |= {"FLIGHTS_WORKSPACE": str(workspace), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    if done.returncode:
        sys.exit(done.stderr.strip()[-800:])
    return done.stdout.strip().splitlines()[-1]


def lay_data(source: Path, target: Path, last_day: str) -> None:
    """Lay out the months as they lay in the night after `last_day`: more has landed since."""
    target.mkdir()
    midnight = pd.Timestamp(last_day, tz="America/New_York") + pd.Timedelta(days=1)
    for month in sorted(source.glob("????-??.parquet")):
        if month.stem <= last_day[:7]:
            flights = pd.read_parquet(month)
            known = flights["landed_at"].fillna(flights["scheduled_at"])
            flights[known < midnight].to_parquet(target / month.name, index=False)


def main(scratch: Path, workspace: Path) -> None:
    """Print what the champion says of itself, and whether it can be made again."""
    project = workspace / "project"
    if not (project / "flights" / "registry.py").is_file():
        print("There is no registry yet: exercise 2.4.")
        return
    champion = json.loads(python(ASK, project, workspace))
    if "nobody" in champion:
        print(f"There is no champion yet: exercise 2.4. ({champion['nobody']})")
        return
    git = ["git", "clone", "--quiet", str(workspace / "origin.git"), str(scratch / "project")]
    subprocess.run(git, check=True, capture_output=True)
    checkout = ["git", "checkout", "--quiet", str(champion["commit"])]
    subprocess.run(checkout, cwd=scratch / "project", check=True, capture_output=True)
    lay_data(workspace / "data", scratch / "data", str(champion["judge_to"]))
    print(f"the champion is version {champion['version']}, started by: {champion['trigger']}")
    print(f"it learned from {champion['train_from']} to {champion['train_to']}")
    loss = float(json.loads(python(AGAIN, scratch / "project", scratch)))
    same = abs(loss - float(champion["log_loss"])) < 1e-9
    print(f"its log loss in the registry:      {champion['log_loss']:.6f}")
    print(f"made again from its own commit:    {loss:.6f}")
    print("the same model" if same else "another model: were the data the same?")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
