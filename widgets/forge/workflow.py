"""Reads a workflow in GitHub Actions' format, as far as the forge can run it, and says how far.

The forge knows `run` and `uses` steps, `env` with plain values, and the trigger on pushes with
`branches`. It refuses what would change the meaning of a run (`if`, `matrix`, expressions)
instead of ignoring it: a green record must not mean less here than on GitHub.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from widgets.base.errors import KitError

PATH = ".github/workflows/ci.yml"

WORKFLOW_KEYS = {"name", "run-name", "on", "permissions", "concurrency", "env", "jobs"}
JOB_KEYS = {"name", "runs-on", "timeout-minutes", "permissions", "env", "steps"}
STEP_KEYS = {"name", "id", "run", "uses", "with", "env", "timeout-minutes"}


class WorkflowError(KitError):
    """A workflow that the forge cannot run: says where, why and what to do."""


@dataclass(frozen=True)
class Step:
    """One step: `run` is a script, or `uses` names an action, which this machine provides."""

    name: str
    run: str | None
    uses: str | None
    env: dict[str, str]


@dataclass(frozen=True)
class Workflow:
    """The steps of all jobs, in order; `branches` are patterns, None means every branch."""

    steps: tuple[Step, ...]
    on_push: bool
    branches: tuple[str, ...] | None

    def runs_on(self, branch: str) -> bool:
        """Return whether a push to `branch` starts this workflow."""
        if not self.on_push:
            return False
        return self.branches is None or any(_fits(one, branch) for one in self.branches)


def read_workflow(text: str) -> Workflow:
    """Return the workflow that `text` describes.

    Raises
    ------
    WorkflowError
        If it is not YAML, has no steps, or uses what the forge does not know.
    """
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}: " if mark else ""
        problem = getattr(error, "problem", None) or "this is not YAML"
        raise WorkflowError(f"{PATH}: {place}{problem}. Mend the YAML there.") from None
    top = _mapping(data, "the file")
    if True in top:  # YAML 1.1 reads the bare word `on` as a truth value
        top = {("on" if key is True else key): value for key, value in top.items()}
    _known(top, WORKFLOW_KEYS, "the file")
    on_push, branches = _trigger(top.get("on"))
    common = _env(top.get("env"), "env")
    steps: list[Step] = []
    for name, job in _mapping(top.get("jobs"), "jobs").items():
        place = f"jobs.{name}"
        body = _mapping(job, place)
        _known(body, JOB_KEYS, place)
        env = common | _env(body.get("env"), f"{place}.env")
        listed = body.get("steps")
        if not isinstance(listed, list) or not listed:
            raise WorkflowError(f"{PATH}: {place} has no steps. Give it a list `steps:`.")
        steps += [_step(one, f"{place}.steps[{n}]", env) for n, one in enumerate(listed, 1)]
    if not any(step.run for step in steps):
        raise WorkflowError(f"{PATH}: no step has a `run:`. Add `run: python ci.py`.")
    return Workflow(tuple(steps), on_push, branches)


def _step(data: Any, place: str, env: Mapping[str, str]) -> Step:
    body = _mapping(data, place)
    _known(body, STEP_KEYS, place)
    run, uses = body.get("run"), body.get("uses")
    if (run is None) == (uses is None):
        raise WorkflowError(f"{PATH}: {place} needs either `run:` or `uses:`.")
    if run is not None:
        run = _plain(run, f"{place}.run")
    first_line = (run or str(uses)).strip().partition("\n")[0]
    own = _env(body.get("env"), f"{place}.env")
    return Step(str(body.get("name") or first_line), run, uses, {**env, **own})


def _trigger(on: Any) -> tuple[bool, tuple[str, ...] | None]:
    if on is None:
        raise WorkflowError(f"{PATH}: `on:` is missing or empty. Write `on: push`.")
    events: dict[Any, Any] = on if isinstance(on, dict) else {}
    if isinstance(on, str | list):
        events = {str(event): None for event in ([on] if isinstance(on, str) else on)}
    if "push" not in events:
        return False, None
    rules = events["push"] or {}
    _known(_mapping(rules, "on.push"), {"branches"}, "on.push")
    branches = rules.get("branches")
    if branches is None:
        return True, None
    return True, tuple([branches] if isinstance(branches, str) else map(str, branches))


def _fits(pattern: str, branch: str) -> bool:
    # GitHub's patterns: `*` stops at a slash, `**` does not.
    parts = re.split(r"(\*\*|\*)", pattern)
    wild = {"**": ".*", "*": "[^/]*"}
    return re.fullmatch("".join(wild.get(p, re.escape(p)) for p in parts), branch) is not None


def _mapping(data: Any, place: str) -> dict[Any, Any]:
    if not isinstance(data, dict):
        found = "is empty" if data is None else f"is {type(data).__name__}, not a mapping"
        raise WorkflowError(f"{PATH}: {place} {found}. Compare it with the exercise's starter.")
    return data


def _known(body: Mapping[Any, Any], known: set[str], place: str) -> None:
    for key in body:
        if key not in known:
            raise WorkflowError(
                f"{PATH}: {place}: `{key}` is not supported here. This forge knows only "
                f"{', '.join(sorted(known))}; on GitHub it may well be right."
            )


def _env(data: Any, place: str) -> dict[str, str]:
    if data is None:
        return {}
    return {
        str(key): _plain(value, f"{place}.{key}") for key, value in _mapping(data, place).items()
    }


def _plain(value: Any, place: str) -> str:
    text = value if isinstance(value, str) else yaml.safe_dump(value).split("\n")[0]
    if "${{" in text:
        raise WorkflowError(
            f"{PATH}: {place}: expressions (${{{{ … }}}}) are not supported here. "
            "Write the value itself."
        )
    return text
