"""What VS Code is told is what the lab does, said once more in its own words."""

import json
import os
import shlex
from typing import Any

import pytest

from widgets.base.paths import KIT_ROOT, Layout
from widgets.lab.environment import Environment
from widgets.lab.main import parser
from widgets.lab.processes import FRUGAL, QUIET
from widgets.lab.start import FIRST_NOTEBOOK, learner_environment

FOLDER = "${containerWorkspaceFolder}"


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    text = (KIT_ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8")
    return json.loads(text)


def test_kernels_and_terminals_have_the_environment_of_the_lab(told, monkeypatch):
    monkeypatch.delenv("GIT_CEILING_DIRECTORIES", raising=False)
    env = learner_environment(Environment(KIT_ROOT).python, Layout(KIT_ROOT / "workspace"))
    names = {"MATURITY_WORKSPACE", "GIT_CEILING_DIRECTORIES", "IPYTHONDIR", *QUIET, *FRUGAL}
    assert names | {"PATH"} == set(told["remoteEnv"])
    for name in names:
        said = told["remoteEnv"][name].replace(FOLDER, KIT_ROOT.as_posix())
        assert said == env[name].replace(os.sep, "/"), name


@pytest.mark.parametrize("moment", ["onCreateCommand", "postCreateCommand"])
def test_its_commands_are_words_of_the_lab(told, moment):
    python, lab, *words = shlex.split(told[moment])
    assert (python, lab) == ("python3", "lab.py")
    assert parser().parse_args(words).word in ("setup", "run")


def test_it_opens_the_first_notebook_with_the_python_of_binder(told):
    opened = told["customizations"]["codespaces"]["openFiles"]
    assert opened == [f"workspace/{FIRST_NOTEBOOK}"]
    runtime = (KIT_ROOT / ".binder" / "runtime.txt").read_text(encoding="ascii").strip()
    assert f":{runtime.removeprefix('python-')}-" in told["image"]
