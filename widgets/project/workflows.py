"""What a CI does, as its files say: GitHub Actions and GitLab CI are read, others are traces."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from posixpath import normpath
from typing import Any

from widgets.base.stranger_yaml import read_stranger
from widgets.project.commands import Command, commands

GITHUB = re.compile(r"\.github/workflows/[^/]+\.ya?ml")
GITLAB = ".gitlab-ci.yml"
FILES = 200  # are read at most
NOT_JOBS = {
    "stages",
    "variables",
    "default",
    "include",
    "workflow",
    "image",
    "cache",
    "before_script",
}
# With one of these, whether a job of GitLab runs depends on more than is looked at here.
CONDITIONS = {"rules", "only", "except", "extends", "when", "inherit", "trigger"}
BY_HAND = {"workflow_dispatch", "web", "manual", "api", "chat"}
BY_CLOCK = {"schedule"}
BY_CHANGE = {"push", "pull_request", "merge_group", "merge_request_event"}


@dataclass(frozen=True)
class Step:
    """A program that CI starts, as far as its failure makes a run red.

    Attributes
    ----------
    path : str
        The file that says so.
    line : int
        Where its script begins, from 1.
    command : Command
        What is started.
    folder : str
        Where in the repository; empty for its root.
    """

    path: str
    line: int
    command: Command
    folder: str = ""

    @property
    def where(self) -> str:
        """The place, as a person looks it up."""
        return f"{self.path}:{self.line}"

    def is_of(self, prefix: str) -> bool:
        """Return whether it works in a folder of the repository, or is given one in it."""
        project = prefix.rstrip("/")
        places = [self.folder]
        if not self.folder:
            places += [normpath(word) for word in self.command.words if not word.startswith("-")]
        return not project or any(
            place == project or place.startswith(f"{project}/") for place in places
        )


@dataclass(frozen=True)
class Workflow:
    """One CI file.

    Attributes
    ----------
    path, name : str
        The file, and what its runs are called; GitLab's runs have no name.
    starts : frozenset of str
        What starts it: "push", "schedule", …
    steps : tuple of Step
        What runs whenever it runs, and can make a run red.
    alone : bool
        Whether no other workflow has its name: else nobody can tell their runs apart.
    """

    path: str
    name: str
    starts: frozenset[str]
    steps: tuple[Step, ...]
    alone: bool = True

    def step(self, fits: Callable[[Command], object], prefix: str = "") -> Step | None:
        """Return the first step whose command fits, of those for a folder of the repository."""
        return next(
            (step for step in self.steps if fits(step.command) and step.is_of(prefix)), None
        )

    def made(self, run: str) -> bool:
        """Return whether a run of that name is one of this workflow, and of no other."""
        return self.alone and run == self.name


def read_workflows(texts: Mapping[str, str | None]) -> Iterator[Workflow]:
    """Yield what can be read of CI files, given by their paths."""
    read = [_workflow(path, text or "") for path, text in sorted(texts.items())[:FILES]]
    found = [workflow for workflow in read if workflow]
    names = Counter(workflow.name for workflow in found)
    yield from (replace(each, alone=names[each.name] == 1) for each in found)


def _workflow(path: str, text: str) -> Workflow | None:
    told = read_stranger(text)
    if not isinstance(told, dict):
        return None
    if GITHUB.fullmatch(path):
        starts = frozenset(_names(told.get("on", told.get(True))))
        scripts, name = list(_github(told)), told.get("name")
        name = name if isinstance(name, str) else path
    elif path == GITLAB:
        starts, scripts, name = frozenset({"push"}), list(_gitlab(told)), ""
    else:
        return None
    steps = tuple(
        Step(path, _line(text, script), command, _within(folder, command.at))
        for folder, script in scripts
        for command in commands(script)
        if command.held
    )
    return Workflow(path, name, starts, steps)


def _github(told: Mapping[Any, Any]) -> Iterator[tuple[str, str]]:
    """Yield folder and script of each step that always runs, and whose failure counts."""
    for job in _values(told.get("jobs")):
        if _may_not_run(job):
            continue
        steps = job.get("steps")
        for step in steps if isinstance(steps, list) else []:
            if not isinstance(step, dict) or _may_not_run(step):
                continue
            if isinstance(step.get("run"), str):
                places = (step.get("working-directory"), _default(job), _default(told), "")
                folder = next(place for place in places if isinstance(place, str))
                yield folder, step["run"]


def _default(part: Mapping[Any, Any]) -> object:
    for name in ("defaults", "run"):
        inner = part.get(name)
        part = inner if isinstance(inner, dict) else {}
    return part.get("working-directory")


def _may_not_run(part: Mapping[Any, Any]) -> bool:
    """Return whether a job or a step has a condition, or may fail unnoticed."""
    condition = str(part.get("if", "always()")).strip("${} ").lower()
    always = condition in ("always()", "success()", "true")
    return not always or part.get("continue-on-error", False) is not False


def _gitlab(told: Mapping[Any, Any]) -> Iterator[tuple[str, str]]:
    """Yield the scripts of the jobs that always run, and whose failure counts."""
    default = told.get("default")
    shared = default if isinstance(default, dict) else {}
    for name, job in told.items():
        if name in NOT_JOBS or not isinstance(job, dict) or str(name).startswith("."):
            continue
        if CONDITIONS & set(job) or job.get("allow_failure", False) is not False:
            continue
        before = job.get("before_script", shared.get("before_script", told.get("before_script")))
        lines = [line for part in (before, job.get("script")) for line in _scripts(part)]
        # One script, as GitLab runs it: a `cd` holds for the lines after it.
        yield "", "\n".join(lines)


def _scripts(part: object) -> Iterator[str]:
    for line in part if isinstance(part, list) else [part]:
        if isinstance(line, str):
            yield line


def _within(folder: str, at: str) -> str:
    place = normpath(PurePosixPath(folder or ".", at))
    return "" if place == "." else place


def _names(starts: object) -> Iterable[str]:
    if isinstance(starts, str):
        return [starts]
    return [str(each) for each in starts] if isinstance(starts, list | dict) else []


def _values(jobs: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(jobs, dict):
        yield from (job for job in jobs.values() if isinstance(job, dict))


def _line(text: str, script: str) -> int:
    """Return where the first line of a script stands, from 1."""
    first = next((line.strip() for line in script.splitlines() if line.strip()), "")
    lines = text.splitlines()
    return next((number for number, line in enumerate(lines, 1) if first in line), 1)
