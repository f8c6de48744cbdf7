"""Runs the CI of one commit: a clean checkout, the workflow's steps in order, one record."""

import hashlib
import os
import shlex
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from widgets.base.errors import KitError
from widgets.base.paths import PREPARED
from widgets.forge import workflow
from widgets.forge.git import GitError, git, git_bytes
from widgets.forge.packages import compare_with_installed
from widgets.forge.process import run_script
from widgets.forge.record import CiFile, Counts, Package, Record, write_record
from widgets.forge.reports import count_tests

LIMIT_SECONDS = 300.0
LOG_LINES = 20_000
SHOWN_LINES = 400

Say = Callable[[str], None]


@dataclass(frozen=True)
class Verdict:
    """Why a run is red (`reason` None: green), at which step, and what its tests said."""

    reason: str | None
    failed_step: str | None
    tests: Counts


def run_ci(
    origin: Path, commit: str, branch: str, say: Say, limit: float = LIMIT_SECONDS
) -> Record:
    """Run the workflow of `commit`, write its record into `origin` and return it.

    Nothing but a throw-away checkout is written before the record. A run that is killed
    leaves no record.
    """
    log: list[str] = []

    def tell(line: str) -> None:
        if len(log) < LOG_LINES:
            log.append(line)
        if len(log) <= SHOWN_LINES:
            say(line)
        if len(log) == SHOWN_LINES:
            say("… the rest of the output is in the log only")

    started, clock = datetime.now(UTC), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="forge-", ignore_cleanup_errors=True) as name:
        checkout = Path(name) / "checkout"
        packages: dict[str, Package] = {}
        try:
            _check_out(origin, commit, checkout)
            # Now, of the commit's own file: a step might write another one.
            packages = compare_with_installed(checkout / "requirements.txt")
            verdict = _run_steps(checkout, branch, Path(name), clock + limit, limit, tell)
        except KitError as error:
            verdict = Verdict(str(error), None, Counts())
    finished, seconds = datetime.now(UTC), round(time.monotonic() - clock, 3)
    tests = verdict.tests
    for line in (  # however much the steps have said
        *(_other_versions(packages) if verdict.failed_step else ()),
        f"tests: {tests.run} run, {tests.passed} passed, {tests.failed} failed, "
        f"{tests.errors} errors, {tests.skipped} skipped",
        f"CI is {'green' if verdict.reason is None else 'RED: ' + verdict.reason}",
    ):
        log.append(line)
        say(line)
    record = Record(
        commit=commit,
        tree=git(origin, "rev-parse", f"{commit}^{{tree}}"),
        branch=branch,
        result="green" if verdict.reason is None else "red",
        reason=verdict.reason,
        failed_step=verdict.failed_step,
        tests=tests,
        ci_file=read_ci_file(origin, commit),
        packages=packages,
        started_at=started,
        finished_at=finished,
        seconds=seconds,
    )
    write_record(origin, record, "\n".join(log) + "\n")
    return record


def _other_versions(packages: Mapping[str, Package]) -> list[str]:
    """Return a line for each pin that this machine does not have: its CI installs nothing."""
    return [
        f"requirements.txt pins {name} {package.pinned}; this machine has "
        f"{package.installed or 'none'}, and its CI uses what is installed"
        for name, package in sorted(packages.items())
        if package.pinned and package.pinned != package.installed
    ]


def read_ci_file(origin: Path, commit: str) -> CiFile | None:
    """Return the path and digest of the workflow in `commit`, or None if it has none."""
    try:
        content = git_bytes(origin, "cat-file", "blob", f"{commit}:{workflow.PATH}")
    except GitError:
        return None
    return CiFile(path=workflow.PATH, digest=f"sha256:{hashlib.sha256(content).hexdigest()}")


def _check_out(origin: Path, commit: str, folder: Path) -> None:
    folder.mkdir()
    # By an index of its own, its lock too: two runs at once, and the bare origin has none.
    index = folder.with_name("index")
    git(origin, "read-tree", commit, index=index)
    git(origin, f"--work-tree={folder}", "checkout-index", "--all", index=index)


def _run_steps(
    checkout: Path, branch: str, scratch: Path, deadline: float, limit: float, say: Say
) -> Verdict:
    path = checkout / workflow.PATH
    if not path.is_file():
        return Verdict(f"this commit has no {workflow.PATH}: add and commit it", None, Counts())
    flow = workflow.read_workflow(path.read_text(encoding="utf-8", errors="replace"))
    if not flow.runs_on(branch):
        reason = f"`on:` in {workflow.PATH} does not name a push to {branch}: write `on: push`"
        return Verdict(reason, None, Counts())
    reports: list[Path] = []
    for number, step in enumerate(flow.steps, 1):
        if step.run is None:
            say(f"--- {step.name}: this machine provides it")
            continue
        say(f"--- {step.name}")
        reports.append(scratch / f"tests_{number}.xml")
        script = scratch / f"step_{number}.sh"
        script.write_text(step.run + "\n", encoding="utf-8", newline="\n")
        env = _environment() | step.env | _own_settings(reports[-1])
        ended = run_script(script, checkout, env, deadline - time.monotonic(), say)
        if ended.code == 0:
            continue
        tests = count_tests(reports)
        if ended.code is None:
            reason = f"step '{step.name}' was stopped: a run may take {limit:.0f} seconds"
        elif tests.failed or tests.errors:
            reason = f"step '{step.name}': {tests.failed + tests.errors} of {tests.run} tests fail"
        else:
            reason = f"step '{step.name}' ended with exit code {ended.code}"
        return Verdict(reason, step.name, tests)
    return _judge(count_tests(reports))


def _judge(tests: Counts) -> Verdict:
    reason = None
    if tests.run == 0:
        reason = "no test ran: a step must run pytest, and there must be tests"
    elif tests.failed or tests.errors:
        reason = f"{tests.failed + tests.errors} tests fail, but no step says so by its exit code"
    elif tests.skipped:
        reason = f"{tests.skipped} tests were skipped: a skipped test proves nothing"
    return Verdict(reason, None, tests)


def _environment() -> dict[str, str]:
    """Return the environment of a step: the machine's, without what is the pusher's own.

    That includes a team's MLflow: a test writes nothing there. As on GitHub's runners, the folder
    that RUNNER_TOOL_CACHE names holds what takes long to make: MLflow's empty tables.
    """
    own = ("GIT_", "PIP_", "PYTEST_", "PYTHON", "MATURITY_", "MLFLOW_", "FLIGHTS_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    places = [str(Path(sys.executable).parent), sysconfig.get_path("scripts")]
    env["PATH"] = os.pathsep.join([*dict.fromkeys(places), env.get("PATH", os.defpath)])
    return env | {
        "CI": "true",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MPLBACKEND": "Agg",
        "RUNNER_TOOL_CACHE": str(PREPARED),
    }


def _own_settings(report: Path) -> dict[str, str]:
    """Return what no step may change: no network, no installation, a report of the tests."""
    return {
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_DRY_RUN": "1",  # a step may not install into the environment that runs the kit
        "PIP_NO_CACHE_DIR": "1",
        "PIP_NO_INDEX": "1",
        "PYTEST_ADDOPTS": f"--junitxml={shlex.quote(report.as_posix())}",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # the kit's own plugins are no part of the project
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONIOENCODING": "utf-8",
        "PYTHONUNBUFFERED": "1",
    }
