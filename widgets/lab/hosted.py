"""Runs a program as a learner's terminal would; a host's Jupyter as the kit's own JupyterLab.

Binder and its like start the server with words of their own: where it listens, below which path,
with which token. A JupyterHub starts `jupyterhub-singleuser` and says all that by environment.
These words stay. What is started is the JupyterLab of the `.venv`, which has the kit's settings,
on the learner's workspace.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from widgets.base.errors import KitError
from widgets.base.paths import Layout
from widgets.lab.environment import Environment
from widgets.lab.start import learner_environment, prepare_workspace, workspace_options


def run_hosted(environment: Environment, layout: Layout, words: Sequence[str]) -> int:
    """Run a program in the learner's environment; return its exit code, if it returns at all.

    Raises
    ------
    KitError
        If there is no such program, or the workspace cannot be prepared.
    """
    env = learner_environment(environment.python, layout)
    server = server_words(words)
    if server is None:
        return become(words, env)
    prepare_workspace(environment, env)
    told = [*workspace_options(layout), "--ServerApp.open_browser=False"]
    return become([str(environment.python), "-m", *server, *told], env)


def server_words(words: Sequence[str]) -> list[str] | None:
    """Return the module that serves, with a host's options, or None for another program."""
    if words and Path(words[0]).stem == "jupyterhub-singleuser":
        return ["jupyterhub.singleuser", *words[1:]]
    options = server_options(words)
    return None if options is None else ["jupyterlab", *options]


def server_options(words: Sequence[str]) -> list[str] | None:
    """Return the options with which a host starts its Jupyter, or None for another program.

    The program in front of them may be `jupyter-lab`, `jupyter notebook`, or a script that
    chooses one: what they share is that the first option says where to listen.
    """
    for at, word in enumerate(words):
        if word.partition("=")[0] in ("--ip", "--ServerApp.ip"):
            return list(words[at:])
    return None


def become(words: Sequence[str], env: Mapping[str, str]) -> int:
    """Give this process to a program: a host's signals reach it, and nothing waits beside it."""
    if not words:
        raise KitError("Which program? For example: lab.py run maturity status")
    program = shutil.which(words[0], path=env["PATH"])
    if program is None:
        raise KitError(f"{words[0]}: there is no such program here, nor in the kit's .venv.")
    if os.name == "nt":  # there the shell would not wait for a process that has become another
        return subprocess.run([program, *words[1:]], env=env).returncode
    os.execve(Path(program), [program, *words[1:]], env)  # noqa: S606 (a list, no shell)
