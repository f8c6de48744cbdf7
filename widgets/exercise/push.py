"""Commits a learner's work and pushes it: to a branch, where the CI tests it, and then to main."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from widgets.base.errors import KitError
from widgets.exercise.definition import Exercise

SECONDS = 360.0  # longer than a CI may take: one that is stopped still says why
LAST_LINES = 20  # of the CI's output, where main refuses
STANDS_THERE = "main is at this commit already: nothing was started."
# What may not lead git away from the learner's project: a hook or a shell may have set it.
KEPT = ("GIT_AUTHOR_", "GIT_COMMITTER_", "GIT_CONFIG", "GIT_CEILING_", "GIT_EXEC_PATH", "GIT_SSH")


def commands_of(exercise: Exercise) -> list[str]:
    """Return what a person types to do the same."""
    return [
        "git add --all",
        f'git commit -m "{exercise.pushes}"',
        f"git push origin HEAD:{exercise.branch}",
        "git push origin HEAD:main",
    ]


def is_repository(project: Path) -> bool:
    """Return whether the project is under version control and knows an origin."""
    if not (project / ".git").exists():
        return False
    return bool(_git(project, ["config", "remote.origin.url"], None).stdout.strip())


def push_work(project: Path, exercise: Exercise, env: Mapping[str, str]) -> list[str]:
    """Commit all that has changed in `project` and bring it to the origin's main.

    Parameters
    ----------
    project : Path
        The learner's project.
    exercise : Exercise
        Whose message and branch are used.
    env : mapping of str to str
        The environment: who commits.

    Returns
    -------
    list of str
        What the origin said, a line each.

    Raises
    ------
    KitError
        If a step is refused. What was committed stays; nothing else is changed.
    """
    if not is_repository(project):
        raise KitError(
            f"{project} is not under version control, or knows no origin: exercise 1.4 does that."
        )
    if unmerged := _git(project, ["ls-files", "--unmerged"], env).stdout.splitlines():
        names = sorted({line.partition("\t")[2] for line in unmerged})
        raise KitError(f"A merge is not finished: mend {', '.join(names)} and commit it first.")
    _must(project, ["add", "--all"], env)
    if _git(project, ["diff", "--cached", "--quiet"], env).returncode:
        _must(project, ["commit", "--quiet", "-m", exercise.pushes or exercise.title], env)
    said = _must(project, ["push", "--force", "origin", f"HEAD:refs/heads/{exercise.branch}"], env)
    if not said:  # the branch was there: its CI has run, or was interrupted
        commit = _git(project, ["rev-parse", "HEAD"], env).stdout.strip()
        said = _must(project, ["push", "--force", "origin", f"HEAD:refs/heads/ci-{commit}"], env)
    try:
        moved = _must(project, ["push", "origin", "HEAD:refs/heads/main"], env)
        return said + (moved or [STANDS_THERE])
    except KitError as error:
        last = "\n".join(said[-LAST_LINES:])
        raise KitError(f"{error}\n\nWhat the CI said last:\n{last}") from None


def _must(project: Path, words: list[str], env: Mapping[str, str] | None) -> list[str]:
    done = _git(project, words, env)
    remote = [
        line.removeprefix("remote:").strip()
        for line in done.stderr.splitlines()
        if line.startswith("remote:")
    ]
    if done.returncode:
        reason = "\n".join(remote) or done.stderr.strip() or done.stdout.strip()
        raise KitError(f"git {words[0]} was refused:\n{reason}")
    return remote


def _git(
    project: Path, words: list[str], env: Mapping[str, str] | None
) -> "subprocess.CompletedProcess[str]":
    given = os.environ if env is None else env
    own = {k: v for k, v in given.items() if not k.startswith("GIT_") or k.startswith(KEPT)}
    try:
        return subprocess.run(
            ["git", *words],
            cwd=project,
            env=own,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=SECONDS,
        )
    except FileNotFoundError:
        raise KitError("git is not installed: install it and try again.") from None
    except subprocess.TimeoutExpired:
        raise KitError(f"git {words[0]} took longer than {SECONDS:.0f} seconds.") from None
