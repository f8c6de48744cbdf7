"""Lays out the incident of Level 0: what the colleague left behind, and January.

Called as ``prepare.py SCRATCH WORKSPACE FLIGHTS``; prints the folder that the notebook works in.
"""

import shutil
import sys
from pathlib import Path

STARTER = Path(__file__).resolve().parents[1] / "starter"


def main(scratch: Path, flights: Path) -> Path:
    """Copy the starter and January into `scratch`; return the folder of the analysis."""
    shutil.copytree(STARTER, scratch / "project")
    (scratch / "data").mkdir()
    shutil.copyfile(flights / "2013-01.parquet", scratch / "data" / "2013-01.parquet")
    return scratch / "project" / "analysis"


if __name__ == "__main__":
    print(main(Path(sys.argv[1]), Path(sys.argv[3])))
