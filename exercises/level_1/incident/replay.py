"""Plays the incident again, on copies of the learner's project and origin: a branch, a push, main.

Called as ``replay.py SCRATCH WORKSPACE FLIGHTS``. Nothing outside SCRATCH is changed.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

TIDY = """

_untidy = build_features


def build_features(flights):
    features = _untidy(flights).dropna(subset=["temp", "pressure"])
    return features.assign(weekday=features["weekday"] + 1)
"""
IDENTITY = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "a colleague"), ("EMAIL", "colleague@localhost"))
}


def git(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run git in `place` and return what came of it."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return subprocess.run(
        ["git", *words],
        cwd=place,
        env=env | IDENTITY,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def main(scratch: Path, workspace: Path) -> None:
    """Print what each of the colleague's steps came to."""
    if git(workspace, "--git-dir=origin.git", "rev-parse", "--verify", "main").returncode != 0:
        print("Nothing has been pushed to main yet: exercise 1.4 does it.")
        return
    shutil.copytree(workspace / "origin.git", scratch / "origin.git")
    git(scratch, "clone", "--quiet", "--branch", "main", "origin.git", "project")
    project = scratch / "project"
    git(project, "switch", "--create", "tidy-again")
    with (project / "flights" / "features.py").open("a", encoding="utf-8") as file:
        file.write(TIDY)
    print("the colleague's change, in flights/features.py:")
    print("".join(f"  + {line}\n" for line in TIDY.strip().splitlines()[-2:]))
    git(project, "commit", "--all", "--message", "Tidy: weekdays from 1, no rows with gaps")
    branch = git(project, "push", "origin", "tidy-again")
    print("pushed to a branch: accepted" if branch.returncode == 0 else branch.stderr)
    commit = git(project, "rev-parse", "HEAD").stdout.strip()
    record = json.loads((scratch / "origin.git" / "ci" / f"{commit}.json").read_text("utf-8"))
    print(f"  CI: {record['result']}: {record['reason']}")
    for name in sorted({name.partition("[")[0] for name in record["tests"]["failed_names"]}):
        print("  failed:", name.rpartition("::")[2])
    main_push = git(project, "push", "origin", "tidy-again:main")
    print("pushed to main:", "accepted" if main_push.returncode == 0 else "refused")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
