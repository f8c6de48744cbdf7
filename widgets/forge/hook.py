"""The entry of the origin's hooks: `python -m widgets.forge.hook update|post-receive …`.

`update` is the branch protection of main; `post-receive` runs the CI of what was pushed, and starts
what the project wants done when main has moved. Git starts both in the origin's folder and shows
what they print to who pushes, as "remote: …".
"""

import contextlib
import signal
import sys
from collections.abc import Iterable
from pathlib import Path
from types import FrameType

from widgets.base.errors import KitError
from widgets.forge.git import GitError, git
from widgets.forge.record import read_record
from widgets.forge.runner import run_ci
from widgets.forge.training import start_training

MAIN = "refs/heads/main"
BRANCH = "refs/heads/"


def main(words: list[str]) -> int:
    """Run the hook that `words` name; return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    for name in ("SIGTERM", "SIGHUP", "SIGINT"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _stop)
    origin = Path.cwd()
    if words[0] == "update":
        reason = why_not(origin, *words[1:4])
        if reason:
            say(reason)
        return 1 if reason else 0
    run_pushed(origin, sys.stdin)
    return 0


def why_not(origin: Path, ref: str, old: str, new: str) -> str | None:
    """Return why `ref` may not move from `old` to `new`, or None if it may."""
    if ref != MAIN:
        return None
    if not new.strip("0"):
        return "main cannot be deleted: it is what everybody builds on."
    if old.strip("0") and not _contains(origin, old, new):
        return (
            "main only moves forward: this push would drop commits that are on it.\n"
            "Take them in first: git pull --rebase origin main, then push to a branch again."
        )
    again = f"git push origin {new[:10]}:refs/heads/ci-{new[:7]}"
    try:
        record = read_record(origin, new)
    except KitError as error:
        return str(error)
    if record is None:
        return (
            f"main takes only what the CI has found green, and {new[:10]} was not tested yet.\n"
            f"Push it to a branch first:  {again}"
        )
    if record.result == "red":
        return (
            f"main takes only what the CI has found green, and {new[:10]} is RED:\n"
            f"{record.reason}.\n"
            "Mend it, commit, push to the branch; when it is green, push to main.\n"
            f"The output of the run: {origin / 'ci' / (new + '.log')}"
        )
    if record.tree != git(origin, "rev-parse", f"{new}^{{tree}}"):
        return f"the record of {new[:10]} speaks of other files. Run the CI again:  {again}"
    return None


def run_pushed(origin: Path, lines: Iterable[str]) -> None:
    """Run the CI of each branch in `lines` (`old new ref`, as git hands them to the hook).

    Where main has moved, what the project wants done then is started.
    """
    for line in lines:
        _, new, ref = line.split()
        if not ref.startswith(BRANCH) or not new.strip("0"):
            continue
        if ref == MAIN:  # the update hook has let it through: it is green
            start_training(origin, new, say)
            continue
        branch = ref.removeprefix(BRANCH)
        try:
            known = read_record(origin, new)
        except KitError as error:
            say(str(error))
            known = None
        if known and known.result == "green":
            say(f"CI: {new[:10]} on {branch} is green already ({known.tests.run} tests).")
            continue
        say(f"CI: testing {new[:10]} of branch {branch}")
        record = run_ci(origin, new, branch, say)
        if record.result == "green":
            say(f"main may take it:  git push origin {branch}:main")
        else:
            say("The push itself is done: a branch may be red, main may not.")


def say(text: str) -> None:
    """Print for who pushes. A pusher who has gone away does not stop the run."""
    with contextlib.suppress(BrokenPipeError, ValueError):
        print(text, flush=True)


def _contains(origin: Path, old: str, new: str) -> bool:
    try:
        git(origin, "merge-base", "--is-ancestor", old, new)
    except GitError:
        return False
    return True


def _stop(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)  # so that the step that runs is ended too


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
