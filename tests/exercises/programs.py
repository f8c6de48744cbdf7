"""Runs the learner's programs for the tests of faults, as a check runs them: warm where it can."""

import os
import subprocess
from collections.abc import Sequence

from widgets.base.paths import Layout
from widgets.exercise.programs import Program
from widgets.mlflow_ui.store import QUIET

SECONDS = 120.0


def start(layout: Layout, words: Sequence[str]) -> Program:
    """Start Python in the project, as a learner would."""
    os.environ.pop("MLFLOW_TRACKING_URI", None)  # the workspace's own store alone is meant
    return Program(words, layout.project, QUIET | {"FLIGHTS_WORKSPACE": str(layout.root)})


def run(layout: Layout, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run Python in the project to its end; both streams together."""
    code, said = start(layout, words).end(SECONDS)
    return subprocess.CompletedProcess(words, code, said)
