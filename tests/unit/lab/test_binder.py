"""Binder's own program reads the repository and says what it would build."""

import os
import subprocess
import sys

import pytest

from widgets.base.paths import KIT_ROOT

BINDER = KIT_ROOT / ".binder"
pytestmark = pytest.mark.skipif(os.name == "nt", reason="repo2docker is for Linux and macOS")


@pytest.fixture(scope="module")
def dockerfile() -> str:
    """What `repo2docker` would give to a docker engine; it needs none to say so."""
    words = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(KIT_ROOT)]
    said = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", timeout=120)
    assert said.returncode == 0, said.stderr
    return said.stdout + said.stderr


def test_binder_takes_the_python_of_the_lock(dockerfile):
    assert "Building conda environment for python=3.11" in dockerfile


def test_binder_sets_the_kit_up_and_starts_it(dockerfile):
    assert "RUN ./.binder/postBuild" in dockerfile
    assert 'ENV R2D_ENTRYPOINT="${REPO_DIR}/.binder/start"' in dockerfile


def test_binder_installs_nothing_of_ours_into_its_own_environment(dockerfile):
    assert "pip install" not in dockerfile


@pytest.mark.parametrize("name", ["postBuild", "start"])
def test_binders_scripts_are_programs(name):
    script = BINDER / name
    assert os.access(script, os.X_OK)
    assert b"\r" not in script.read_bytes()
    assert subprocess.run(["bash", "-n", str(script)]).returncode == 0
