"""Lays out the incident of Level 0: what the colleague left, the month that the notebook reads,
and a week of March on which two models can be compared.

Called as ``prepare.py SCRATCH WORKSPACE FLIGHTS``; prints the folder that the notebook works in.
"""

import shutil
import sys
from pathlib import Path

import pandas as pd

STARTER = Path(__file__).resolve().parents[1] / "starter" / "analysis"
LEFT = (
    *("note.txt", "delays.ipynb", "model.pkl", "model_final.pkl", "model_final_v2.pkl"),
    "production/model.pkl",
)


def main(scratch: Path, flights: Path) -> Path:
    """Put what was left into `scratch`, with the data where the notebook looks for it."""
    analysis = scratch / "project" / "analysis"
    for name in LEFT:
        (analysis / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(STARTER / name, analysis / name)
    (scratch / "data").mkdir()
    shutil.copyfile(flights / "2013-01.parquet", scratch / "data" / "2013-01.parquet")
    judging_week(flights).to_parquet(analysis / "judging_week.parquet")
    return analysis


def judging_week(flights: Path) -> pd.DataFrame:
    """Return the flights of 25 to 31 March that arrived, with `hour`, `weekday` and `late`."""
    march = pd.read_parquet(flights / "2013-03.parquet").dropna(subset=["arr_delay"])
    local = march["scheduled_at"].dt.tz_convert("America/New_York")
    march = march.assign(
        hour=local.dt.hour, weekday=local.dt.day_of_week, late=march["arr_delay"] > 15
    )
    return march[local.dt.day > 24]


if __name__ == "__main__":
    print(main(Path(sys.argv[1]), Path(sys.argv[3])))
