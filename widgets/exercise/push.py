"""Commits a learner's work and pushes it: to a branch, where the CI tests it, and then to main."""

import os
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from widgets.base.errors import KitError
from widgets.exercise.definition import Exercise

SECONDS = 360.0  # longer than a CI may take: one that is stopped still says why
LAST_SECONDS = 5.0  # for what git has said and nobody has read
ORIGINS = "remote:"  # how git begins a line that the origin has said
NO_GIT = "git is not installed: install it and try again."
LAST_LINES = 20  # of the CI's output, where main refuses
UNCHANGED = "=\t"  # how git begins the line of a branch that was there already (--porcelain)
MOVED = "main is at this commit now."
STANDS_THERE = "main is at this commit already: nothing was started."
# What may not lead git away from the learner's project: a hook or a shell may have set it.
KEPT = ("GIT_AUTHOR_", "GIT_COMMITTER_", "GIT_CONFIG", "GIT_CEILING_", "GIT_EXEC_PATH", "GIT_SSH")

Say = Callable[[str], None]


def commands_of(exercise: Exercise) -> list[str]:
    """Return what a person types to do the same."""
    return [
        "git add --all",
        f'git commit -m "{exercise.pushes}"',
        f"git push origin HEAD:{exercise.branch}",
        "git push origin HEAD:main",
    ]


def matters(said: Sequence[str]) -> list[str]:
    """Return the lines of a push that matter when it is over."""
    return [line for line in said if line.startswith(("CI is", "tests:", "main ", "Watch it"))]


def is_repository(project: Path) -> bool:
    """Return whether the project is under version control and knows an origin."""
    if not (project / ".git").exists():
        return False
    return bool(_git(project, ["config", "remote.origin.url"], None).stdout.strip())


def nobody(line: str) -> None:
    """Tell nobody."""


def push_work(
    project: Path, exercise: Exercise, env: Mapping[str, str], say: Say = nobody
) -> list[str]:
    """Commit all that has changed in `project` and bring it to the origin's main.

    Parameters
    ----------
    project : Path
        The learner's project.
    exercise : Exercise
        Whose message and branch are used.
    env : mapping of str to str
        The environment: who commits.
    say : callable, optional
        Told each line of what the origin says, as it comes.

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
    branch = f"HEAD:refs/heads/{exercise.branch}"
    said, there = _push(project, ["--force", "origin", branch], env, say)
    if there:  # its CI has run, or was interrupted
        commit = _git(project, ["rev-parse", "HEAD"], env).stdout.strip()
        said, _ = _push(project, ["--force", "origin", f"HEAD:refs/heads/ci-{commit}"], env, say)
    try:
        moved, there = _push(project, ["origin", "HEAD:refs/heads/main"], env, say)
        return said + (moved or [STANDS_THERE if there else MOVED])
    except KitError as error:
        last = "\n".join(said[-LAST_LINES:])
        raise KitError(f"{error}\n\nWhat the CI said last:\n{last}") from None


def _push(
    project: Path, words: list[str], env: Mapping[str, str], say: Say
) -> tuple[list[str], bool]:
    """Push; return what the origin said, a line each, and whether it had the commit there."""
    try:
        process = subprocess.Popen(
            ["git", "push", "--porcelain", *words],
            cwd=project,
            env=_own(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
    except FileNotFoundError:
        raise KitError(NO_GIT) from None
    lines: list[str] = []
    remote: list[str] = []

    def read() -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                lines.append(line.strip())
                if line.startswith(ORIGINS):
                    remote.append(line.removeprefix(ORIGINS).strip())
                    if remote[-1]:
                        with suppress(OSError):  # nobody listens any more; git goes on all the same
                            say(remote[-1])

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        code = process.wait(SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        raise KitError(f"git push took longer than {SECONDS:.0f} seconds.") from None
    reader.join(LAST_SECONDS)
    if code:
        reason = "\n".join(remote or lines)
        raise KitError(f"git push was refused:\n{reason}")
    return remote, any(line.startswith(UNCHANGED) for line in lines)


def _must(project: Path, words: list[str], env: Mapping[str, str]) -> None:
    done = _git(project, words, env)
    if done.returncode:
        reason = done.stderr.strip() or done.stdout.strip()
        raise KitError(f"git {words[0]} was refused:\n{reason}")


def _git(
    project: Path, words: list[str], env: Mapping[str, str] | None
) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(
            ["git", *words],
            cwd=project,
            env=_own(os.environ if env is None else env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=SECONDS,
        )
    except FileNotFoundError:
        raise KitError(NO_GIT) from None
    except subprocess.TimeoutExpired:
        raise KitError(f"git {words[0]} took longer than {SECONDS:.0f} seconds.") from None


def _own(given: Mapping[str, str]) -> dict[str, str]:
    return {k: v for k, v in given.items() if not k.startswith("GIT_") or k.startswith(KEPT)}
