"""Lays out and replays the incidents: scratch folders in which things really go wrong.

What an incident needs stands in `exercises/level_N/incident/`: `prepare.py` lays it out,
`replay.py` plays it again on what the learner has built. Nothing in a scratch folder is evidence.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from widgets.base.errors import KitError
from widgets.base.paths import KIT_ROOT, Layout
from widgets.base.processes import run_script

FLIGHTS = KIT_ROOT / "widgets" / "world" / "flights"
SECONDS = 600


def prepare_incident(level: int, layout: Layout) -> Path:
    """Lay the level's incident out anew; return the folder that the notebook works in."""
    return Path(_play(level, "prepare.py", layout, layout.incident(level)))


def replay_incident(level: int, layout: Layout) -> str:
    """Play the incident again on copies of the learner's work; return what it says."""
    return _play(level, "replay.py", layout, layout.incident(level) / "again")


def _play(level: int, name: str, layout: Layout, scratch: Path) -> str:
    script = KIT_ROOT / "exercises" / f"level_{level}" / "incident" / name
    if not script.is_file():
        raise KitError(f"Level {level} has no {name}: {script} is not there.")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    words = [sys.executable, str(script), str(scratch), str(layout.root), str(FLIGHTS)]
    # git must not answer for a repository that lies around the workspace.
    env = os.environ | {"GIT_CEILING_DIRECTORIES": str(layout.root), "PYTHONIOENCODING": "utf-8"}
    try:
        code, said = run_script(words, scratch, env, SECONDS)
    except subprocess.TimeoutExpired:
        raise KitError(f"The incident of Level {level} took longer than {SECONDS} s.") from None
    if code != 0:
        last = "\n".join(said.strip().splitlines()[-5:])
        raise KitError(f"The incident of Level {level} could not be played ({script}):\n{last}")
    return said.strip()
