"""The outputs that readers see are those of the code: nbval compares them, strictly."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent


@pytest.mark.slow
def test_the_notebooks_give_their_stored_outputs_in_a_solved_workspace(tmp_path):
    env = os.environ | {
        "MATURITY_WORKSPACE": str(tmp_path / "a workspace é"),
        "MATURITY_SOLVE": "1",
    }
    words = [
        "--nbval",
        "--nbval-sanitize-with",
        str(HERE / "sanitize.cfg"),
        "-p",
        "no:cacheprovider",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words, "notebooks"],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    assert " skipped" not in done.stdout.splitlines()[-1]
