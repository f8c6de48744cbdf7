"""Lays out the incident of Level 1: the nightly script, the tidied one, the model, a week.

Called as ``prepare.py SCRATCH WORKSPACE FLIGHTS``; prints the folder that the notebook works in.
"""

import shutil
import sys
from pathlib import Path

import pandas as pd

HERE = Path(__file__).resolve().parent
MODEL = Path("project", "analysis", "production", "model.pkl")
STARTER = HERE.parents[1] / "level_0" / "starter" / "analysis" / "production" / "model.pkl"


def main(scratch: Path, workspace: Path, flights: Path) -> Path:
    """Put everything into `scratch` and return it; the model is the learner's deployed one."""
    (scratch / "production").mkdir()
    model = workspace / MODEL
    shutil.copyfile(model if model.exists() else STARTER, scratch / "production" / "model.pkl")
    for script in ("score.py", "score_tidied.py"):
        shutil.copyfile(HERE / script, scratch / script)
    march = pd.read_parquet(flights / "2013-03.parquet")
    day = march["scheduled_at"].dt.tz_convert("America/New_York").dt.strftime("%Y-%m-%d")
    march[day >= "2013-03-25"].to_parquet(scratch / "last_week.parquet")
    return scratch


if __name__ == "__main__":
    print(main(*(Path(word) for word in sys.argv[1:4])))
