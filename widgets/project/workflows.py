"""What a CI does, as its files say: GitHub Actions and GitLab CI are read, others are traces."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
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
BY_PERSON = {"manual", "never"}
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
    """

    path: str
    line: int
    command: Command

    @property
    def where(self) -> str:
        """The place, as a person looks it up."""
        return f"{self.path}:{self.line}"


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
        What can make a run red.
    text : str
        The file.
    """

    path: str
    name: str
    starts: frozenset[str]
    steps: tuple[Step, ...]
    text: str

    def step(self, fits: Callable[[Command], object]) -> Step | None:
        """Return the first step whose command fits."""
        return next((step for step in self.steps if fits(step.command)), None)

    def made(self, run: str) -> bool:
        """Return whether a run of that name is one of this workflow."""
        return run == self.name

    def speaks_of(self, prefix: str) -> bool:
        """Return whether it names the folder of a project that is not all of the repository."""
        return prefix.rstrip("/") in self.text


def read_workflows(texts: Mapping[str, str | None]) -> Iterator[Workflow]:
    """Yield what can be read of CI files, given by their paths."""
    for path, text in sorted(texts.items())[:FILES]:
        told = read_stranger(text or "")
        if not isinstance(told, dict):
            continue
        if GITHUB.fullmatch(path):
            starts = frozenset(_names(told.get("on", told.get(True))))
            scripts, name = list(_github(told.get("jobs"))), told.get("name")
            name = name if isinstance(name, str) else path
        elif path == GITLAB:
            starts, scripts, name = frozenset({"push"}), list(_gitlab(told)), ""
        else:
            continue
        steps = tuple(
            Step(path, _line(text or "", script), command)
            for script in scripts
            for command in commands(script)
            if command.held
        )
        yield Workflow(path, name, starts, steps, text or "")


def _github(jobs: object) -> Iterator[str]:
    for job in _values(jobs):
        if _off(job.get("if")) or job.get("continue-on-error") is True:
            continue
        steps = job.get("steps")
        for step in steps if isinstance(steps, list) else []:
            if not isinstance(step, dict) or _off(step.get("if")):
                continue
            if step.get("continue-on-error") is not True and isinstance(step.get("run"), str):
                yield step["run"]


def _gitlab(told: Mapping[Any, Any]) -> Iterator[str]:
    for name, job in told.items():
        if name in NOT_JOBS or not isinstance(job, dict) or str(name).startswith("."):
            continue
        if job.get("allow_failure") is True or job.get("when") in BY_PERSON or _ruled_out(job):
            continue
        script = job.get("script")
        yield from (
            line
            for line in (script if isinstance(script, list) else [script])
            if isinstance(line, str)
        )


def _ruled_out(job: Mapping[str, Any]) -> bool:
    """Return whether all rules of a GitLab job leave it to a person."""
    rules = job.get("rules")
    if not isinstance(rules, list) or not rules:
        return False
    return all(isinstance(rule, dict) and rule.get("when") in BY_PERSON for rule in rules)


def _off(condition: object) -> bool:
    return condition is False or str(condition).strip("${} ").lower() == "false"


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
