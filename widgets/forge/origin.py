"""Makes the bare origin of exercise 1.4 and gives it the hooks that play GitHub."""

import shlex
import subprocess
import sys
from pathlib import Path

from widgets.base.errors import KitError
from widgets.base.files import write_atomic
from widgets.forge.git import GitError, git
from widgets.forge.record import FOLDER

# What each hook does before it calls Python: a branch is not protected, so nothing need start.
HOOKS = {"update": '[ "$1" = refs/heads/main ] || exit 0\n', "post-receive": ""}
HOOK = """#!/bin/sh
# Written by the kit. It plays the part of GitHub: see widgets/forge/hook.py there.
{before}exec {python} -P -m widgets.forge.hook {hook} "$@"
"""
SETTINGS = {
    "core.logAllRefUpdates": "true",  # main's reflog shows each commit that it ever was
    "core.hooksPath": "hooks",  # a person's own setting must not switch these hooks off
    "core.autocrlf": "false",
    "gc.reflogExpire": "never",
    "gc.reflogExpireUnreachable": "never",
    "receive.autogc": "false",
    "receive.denyDeleteCurrent": "ignore",  # the update hook says it in plainer words
}


def make_origin(path: Path) -> None:
    """Make the bare repository `path`, or bring one that is there up to date.

    Commits, branches and records of an existing origin stay; its hooks are written anew, for
    the kit may have moved.

    Raises
    ------
    KitError
        If git is missing, or `path` is something else than a bare repository.
    """
    if not (path / "HEAD").is_file():
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise KitError(f"{path} is in the way: not a bare git repository. Move it elsewhere.")
        _initialise(path)
    for name, value in SETTINGS.items():
        git(path, "config", name, value)
    for hook in HOOKS:
        write_hook(path, hook)
    (path / FOLDER).mkdir(exist_ok=True)


def write_hook(path: Path, hook: str) -> None:
    """Write one hook of the origin `path`; it calls this Python."""
    file = path / "hooks" / hook
    python = shlex.quote(Path(sys.executable).as_posix())
    write_atomic(file, HOOK.format(before=HOOKS[hook], python=python, hook=hook))
    file.chmod(0o755)


def _initialise(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        done = subprocess.run(
            ["git", "init", "--bare", "--quiet", "--template=", str(path)],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
        )
    except FileNotFoundError:
        raise GitError(
            "git is not installed, or not on the PATH. Install it from https://git-scm.com"
        ) from None
    if done.returncode:
        raise GitError(f"git init {path}: {done.stderr.strip()}")
    git(path, "symbolic-ref", "HEAD", "refs/heads/main")
