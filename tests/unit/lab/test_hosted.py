"""A program in the learner's environment, and a host's Jupyter that becomes the kit's."""

import subprocess
import sys
from pathlib import Path

import pytest

from widgets.base.errors import KitError
from widgets.base.paths import KIT_ROOT, Layout
from widgets.lab.environment import Environment
from widgets.lab.hosted import become, server_options, server_words
from widgets.lab.main import parser, split_pytest_words
from widgets.lab.start import learner_environment

OPTIONS = ["--ip=0.0.0.0", "--port=8888", "--NotebookApp.base_url=/user/x/"]
RUN = """\
import sys
from pathlib import Path
from widgets.base.paths import KIT_ROOT, Layout
from widgets.lab.environment import Environment
from widgets.lab.hosted import run_hosted
sys.exit(run_hosted(Environment(KIT_ROOT), Layout(Path(sys.argv[1])), sys.argv[2:]))"""


@pytest.mark.parametrize(
    "program",
    [
        ["jupyter-lab"],
        ["jupyter", "notebook"],
        ["python3", "-c", "import os, sys; os.execvp('jupyter-lab', sys.argv)"],
    ],
)
def test_of_a_hosts_jupyter_only_the_options_are_taken(program):
    assert server_options([*program, *OPTIONS]) == OPTIONS


def test_the_address_may_stand_in_a_word_of_its_own():
    assert server_options(["jupyter", "notebook", "--ip", "0.0.0.0"]) == ["--ip", "0.0.0.0"]


@pytest.mark.parametrize("words", [["bash"], ["maturity", "status", "--json"], []])
def test_every_other_program_is_itself(words):
    assert server_options(words) is None


def test_a_hubs_server_is_started_from_the_kits_environment():
    words = ["/opt/hub/bin/jupyterhub-singleuser", "--allow-root"]
    assert server_words(words) == ["jupyterhub.singleuser", "--allow-root"]
    assert server_words(["jupyter-lab", *OPTIONS]) == ["jupyterlab", *OPTIONS]


def test_it_runs_in_the_learners_environment_and_its_exit_code_comes_back(tmp_path):
    show = "import os, sys; print(os.environ['MATURITY_WORKSPACE'], sys.prefix); sys.exit(7)"
    words = [sys.executable, "-c", RUN, str(tmp_path), "python", "-c", show]
    ended = subprocess.run(words, cwd=KIT_ROOT, capture_output=True, text=True, encoding="utf-8")
    assert ended.returncode == 7, ended.stderr
    assert ended.stdout.split() == [str(tmp_path), str(Environment(KIT_ROOT).folder)]


def test_a_program_that_is_not_there_is_named():
    env = learner_environment(Environment(KIT_ROOT).python, Layout(Path("workspace")))
    with pytest.raises(KitError, match="no-such-program: there is no such program"):
        become(["no-such-program"], env)
    with pytest.raises(KitError, match="Which program"):
        become([], env)


def test_all_words_behind_run_are_the_programs():
    words = ["run", "jupyter", "test", "--ip=0.0.0.0", "--help"]
    own, for_pytest = split_pytest_words(words)
    assert parser().parse_args(own).program == words[1:]
    assert not for_pytest
