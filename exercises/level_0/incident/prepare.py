"""Lays out the incident of Level 0: what Sam left, and the month that his notebook reads.

Called as ``prepare.py SCRATCH WORKSPACE FLIGHTS``; prints the folder that the notebook works in.
"""

import shutil
import sys
from pathlib import Path

STARTER = Path(__file__).resolve().parents[1] / "starter" / "analysis"
LEFT = (
    *("note.txt", "delays.ipynb", "model.pkl", "model_final.pkl", "model_final_v2.pkl"),
    "production/model.pkl",
)


def main(scratch: Path, flights: Path) -> Path:
    """Put what Sam left into `scratch`, with the data where his notebook looks for it."""
    analysis = scratch / "project" / "analysis"
    for name in LEFT:
        (analysis / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(STARTER / name, analysis / name)
    (scratch / "data").mkdir()
    shutil.copyfile(flights / "2013-01.parquet", scratch / "data" / "2013-01.parquet")
    return analysis


if __name__ == "__main__":
    print(main(Path(sys.argv[1]), Path(sys.argv[3])))
