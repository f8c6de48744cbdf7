"""Exercise 1.4, the reading half: what lies in the project and its origin, and one real push.

The learner's own origin is only read; the push goes to a copy of it. Whether what comes out is
right is for `_judge_1_4.py` to say.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

WORKFLOW = ".github/workflows/ci.yml"
MAIN = "refs/heads/main"
SECONDS = 60


@dataclass(frozen=True)
class Ran:
    """A command that was run: its exit code and what it printed."""

    code: int
    output: str


@dataclass(frozen=True)
class Pushes:
    """All that 1.4 is judged by.

    Attributes
    ----------
    has_identity : bool
        Whether git knows the learner's name and e-mail.
    commits : int
        How many commits the project has; 0 also if it is no repository.
    remote : str or None
        The address of the project's remote "origin".
    remote_is_origin : bool
        Whether that is the origin beside the project.
    workflow : str or None
        The text of the workflow in the project.
    schema : Ran or None
        The workflow held against the published schema.
    origin : bool
        Whether there is an origin.
    records : tuple of dict
        The records of the CI, the oldest first.
    spoiled : tuple of str
        Records that cannot be read, or speak of a commit or tree that the origin does not have.
    main : str or None
        The commit that the origin's main is.
    main_tree, main_digest : str or None
        That commit's tree, and the digest of its workflow.
    main_files : tuple of str
        That commit's files.
    was_main : tuple of str
        Every commit that main ever was, as the origin's reflog has it.
    changed : dict
        For each red commit, the files in which it differs from main.
    tried : str or None
        The red commit that was pushed to main of a copy of the origin.
    push : Ran or None
        What the copy answered.
    """

    has_identity: bool = True
    commits: int = 0
    remote: str | None = None
    remote_is_origin: bool = False
    workflow: str | None = None
    schema: Ran | None = None
    origin: bool = False
    records: tuple[dict[str, object], ...] = ()
    spoiled: tuple[str, ...] = ()
    main: str | None = None
    main_tree: str | None = None
    main_digest: str | None = None
    main_files: tuple[str, ...] = ()
    was_main: tuple[str, ...] = ()
    changed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    tried: str | None = None
    push: Ran | None = None


def read_pushes(
    project: Path, workspace: Path, scratch: Path, say: Callable[[str], None]
) -> Pushes:
    """Return what lies in `project` and in `workspace`/origin.git; work in `scratch`."""
    scratch.mkdir(parents=True)
    origin = workspace / "origin.git"
    say("Reading the project, its origin and the records of the CI")
    found = _project(project, workspace)
    if not (origin / "HEAD").is_file():
        return Pushes(**found)
    records, spoiled = _records(origin)
    main = _ask(origin, "rev-parse", "--verify", "--quiet", MAIN)
    reds = [str(record["commit"]) for record in records if record["result"] == "red"]
    found |= {"origin": True, "records": records, "spoiled": spoiled, "main": main}
    if main:
        found |= {
            "main_tree": _ask(origin, "rev-parse", f"{main}^{{tree}}"),
            "main_digest": _digest(origin, main),
            "main_files": tuple(
                (_ask(origin, "ls-tree", "-r", "--name-only", main) or "").split("\n")
            ),
            "was_main": _reflog(origin),
            "changed": {red: _difference(origin, red, main) for red in reds},
        }
    failing = [
        str(record["commit"])
        for record in records
        if record["result"] == "red" and record["tests"]["failed"]  # type: ignore[index]
    ]
    if failing:
        say("Pushing the red commit to main of a copy of your origin")
        found |= {"tried": failing[-1], "push": _try_push(origin, failing[-1], scratch)}
    return Pushes(**found)


def _project(project: Path, workspace: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    file = project / WORKFLOW
    if file.is_file():
        words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema"]
        found["workflow"] = file.read_text(encoding="utf-8", errors="replace")
        found["schema"] = _run([*words, "vendor.github-workflows", str(file)])
    known = [_git(project, "config", name).output.strip() for name in ("user.name", "user.email")]
    found["has_identity"] = all(known)
    if not (project / ".git").exists():
        return found
    count = _git(project, "rev-list", "--count", "--all")
    found["commits"] = int(count.output) if count.code == 0 else 0
    remote = _git(project, "config", "remote.origin.url")
    if remote.code == 0:
        url = remote.output.strip()
        target = (workspace / "project" / url.removeprefix("file://")).resolve()
        found |= {
            "remote": url,
            "remote_is_origin": target == (workspace / "origin.git").resolve(),
        }
    return found


def _records(origin: Path) -> tuple[tuple[dict[str, object], ...], tuple[str, ...]]:
    good, spoiled = [], []
    for file in sorted((origin / "ci").glob("*.json")):
        try:
            record = json.loads(file.read_text(encoding="utf-8"))
            tree = _ask(origin, "rev-parse", "--verify", "--quiet", f"{file.stem}^{{tree}}")
            true = record["commit"] == file.stem and record["tree"] == tree
            true = true and {"run", "failed", "errors", "skipped"} <= set(record["tests"])
            _ = record["result"], record["finished_at"], record["ci_file"], record["branch"]
        except (ValueError, KeyError, TypeError):
            true = False
        if true:
            good.append(record)
        else:
            spoiled.append(file.name)
    return tuple(sorted(good, key=lambda record: str(record["finished_at"]))), tuple(spoiled)


def _reflog(origin: Path) -> tuple[str, ...]:
    file = origin / "logs" / MAIN
    if not file.is_file():
        return ()
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return tuple(found[1] for line in lines if (found := re.match(r"\S+ ([0-9a-f]{40,}) ", line)))


def _digest(origin: Path, commit: str) -> str | None:
    done = subprocess.run(
        ["git", "--git-dir", str(origin), "cat-file", "blob", f"{commit}:{WORKFLOW}"],
        capture_output=True,
        env=_environment(),
    )
    return f"sha256:{hashlib.sha256(done.stdout).hexdigest()}" if done.returncode == 0 else None


def _difference(origin: Path, commit: str, main: str) -> tuple[str, ...]:
    return tuple((_ask(origin, "diff", "--name-only", commit, main) or "").split("\n"))


def _try_push(origin: Path, commit: str, scratch: Path) -> Ran:
    copy = scratch / "origin.git"
    shutil.copytree(origin, copy)
    # Main goes back to where the red commit came from: then only its record speaks against it.
    before = _ask(copy, "rev-parse", "--verify", "--quiet", f"{commit}^")
    _ask(copy, "update-ref", *((MAIN, before) if before else ("-d", MAIN)))
    return _run(["git", "--git-dir", str(origin), "push", str(copy), f"{commit}:{MAIN}"])


def _ask(repository: Path, *words: str) -> str | None:
    done = _run(["git", "--git-dir", str(repository), *words])
    return done.output.strip() if done.code == 0 else None


def _git(project: Path, *words: str) -> Ran:
    return _run(["git", "-C", str(project), *words])


def _run(command: list[str]) -> Ran:
    done = subprocess.run(
        command,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        timeout=SECONDS,
    )
    return Ran(done.returncode, done.stdout)


def _environment() -> dict[str, str]:
    drop = (
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_AUTHOR_",
        "GIT_COMMITTER_",
        "PYTHONPATH",
    )
    return {name: text for name, text in os.environ.items() if not name.startswith(drop)}
