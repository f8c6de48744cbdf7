"""Collects what the code's repository and its CI records show: the four practices of Level 1."""

import ast
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import TypeGuard

from packaging.requirements import InvalidRequirement, Requirement

from widgets.evidence.ci_records import Record, Records, read_records
from widgets.evidence.finding import Finding
from widgets.evidence.repository import KIT_AUTHOR, Commit, Repository
from widgets.maturity import Model, State

TEST_FILE = re.compile(r"(^|/)(test_[^/]*|[^/]*_test)\.py$")
WORKFLOWS = ".github/workflows"
NOT_RUN = {"skip", "skipif", "skipIf", "skipUnless", "xfail", "expectedFailure"}


class CodeCollector:
    """Looks at the repository that CI runs for, and at the records of its runs.

    What stands on main's newest commit counts only if its run was green.

    Parameters
    ----------
    model : Model
        Where the rules stand: how many commits, runs and tests are enough.
    repository : Repository
        The shared repository (the remote: what others can see).
    records : Path
        The folder with one record a CI run.
    """

    practices = ("version-control", "standard-environment", "automated-tests", "ci-for-code")

    def __init__(self, model: Model, repository: Repository, records: Path) -> None:
        self._model = model
        self._repository = repository
        self._records = records

    def collect(self) -> Sequence[Finding]:
        """Return one finding for each of the four practices."""
        where = self._repository.git_dir.name
        if self._repository.exists and (why := self._repository.unreadable()):
            mend = "Repair the repository, or the settings that keep git from reading it."
            return [Finding(name, State.HIDDEN, why, where, mend) for name in self.practices]
        tip = self._repository.resolve("refs/heads/main") if self._repository.exists else None
        if tip is None:
            seen = "no branch main" if self._repository.exists else "no shared repository"
            mend = "Push your project to a shared repository: exercise 1.4."
            return [Finding(name, State.MISSING, seen, where, mend) for name in self.practices]
        history = self._repository.history(tip)
        records = read_records(self._records, self._repository)
        record = records.good.get(tip)
        here = record if record and record.result == "green" else None
        return [
            self._version_control(history),
            self._environment(tip, here),
            self._tests(tip, here),
            self._ci(tip, records),
        ]

    def _rule(self, practice: str, name: str) -> int:
        return int(self._model.practice(practice).rule[name])

    def _version_control(self, history: Sequence[Commit]) -> Finding:
        practice, where = "version-control", "the history of main"
        enough = self._rule(practice, "commits")
        real = [commit for commit in history if commit.changes]
        empty = len(history) - len(real)
        what = f"{len(real)} commits that change something"
        if real:
            what += f", the first on {real[-1].at:%Y-%m-%d}"
        if empty:
            what += f" ({empty} empty ones not counted)"
        if len(real) < enough:
            mend = f"{enough} commits that change something are asked for."
            return Finding(practice, State.MISSING, what, where, mend)
        own = [commit for commit in real if commit.author != KIT_AUTHOR]
        return Finding(practice, State.PROVED, what, where, with_kit=len(own) < enough)

    def _by_kit(self, tip: str, *paths: str) -> bool:
        return self._repository.last_author(tip, *paths) == KIT_AUTHOR

    def _environment(self, tip: str, record: Record | None) -> Finding:
        practice = "standard-environment"
        where = f"requirements.txt and pyproject.toml in {tip[:8]}, the record of its CI run"
        gaps = pin_gaps(self._repository.read(tip, "requirements.txt"))
        gaps += build_gaps(self._repository.read(tip, "pyproject.toml"))
        if record is None:
            gaps.append("main's newest commit has no green CI run that can be believed")
        else:
            other = [
                f"{name} is {package.installed or 'not installed'}, "
                f"pinned {package.pinned or 'to no one version'}"
                for name, package in sorted(record.packages.items())
                if package.installed != package.pinned
            ]
            gaps += [f"CI did not run on what is pinned: {fault}" for fault in other]
            if not record.packages:
                gaps.append("the CI record does not list the versions it ran on")
        if gaps or record is None:
            mend = "Exercise 1.3 pins and builds; a push of it proves it."
            return Finding(practice, State.MISSING, "; ".join(gaps), where, mend)
        packages = len(record.packages)
        what = f"a build is described, and CI ran on the {packages} packages that are pinned"
        with_kit = self._by_kit(tip, "requirements.txt", "pyproject.toml")
        return Finding(practice, State.PROVED, what, where, with_kit=with_kit)

    def _tests(self, tip: str, record: Record | None) -> Finding:
        practice, where = "automated-tests", f"the tests in {tip[:8]}, the record of its CI run"
        enough = self._rule(practice, "tests")
        names = [path for path in self._repository.files(tip) if TEST_FILE.search(path)]
        written = sum(count_tests(self._repository.read(tip, path) or "") for path in names)
        ran = record.tests.counted if record else 0
        what = f"{written} tests that can fail in {len(names)} files; CI ran {ran}"
        gap = ""
        if written < enough:
            gap = f"{enough} tests that can fail are asked for: exercise 1.2."
        elif record is None:
            gap = "Main's newest commit has no green CI run that can be believed (exercise 1.4)."
        elif ran < written:
            gap = f"CI ran only {ran} of {written}: make it run them all."
        if gap:
            return Finding(practice, State.MISSING, what, where, gap)
        return Finding(practice, State.PROVED, what, where, with_kit=self._by_kit(tip, *names))

    def _ci(self, tip: str, records: Records) -> Finding:
        practice, where = "ci-for-code", f"{self._repository.git_dir.name}/{self._records.name}"
        green = [record for record in records.good.values() if record.result == "green"]
        red = [
            record
            for record in records.good.values()
            if record.result == "red" and record.tests.failed
        ]
        moves = self._repository.positions("main")
        unproved = [
            commit[:8]
            for commit in moves
            if commit not in records.good or records.good[commit].result == "red"
        ]
        what = f"{len(green)} green runs, {len(red)} red for failed tests; "
        what += f"main moved {len(moves)} times"
        if records.faults:
            what += "; not believed: " + " ".join(records.faults)
        gap = ""
        if len(green) < self._rule(practice, "green"):
            gap = "A green run is missing: push a branch (exercise 1.4)."
        elif len(red) < self._rule(practice, "red"):
            gap = (
                "No run is red because a test failed: nobody knows whether this CI can say no "
                "(exercise 1.4)."
            )
        elif not moves:
            gap = "main has no log of its moves (core.logAllRefUpdates)."
        elif unproved:
            gap = f"main moved to {', '.join(unproved)} with no green run."
        if gap:
            return Finding(practice, State.MISSING, what, where, gap)
        return Finding(practice, State.PROVED, what, where, with_kit=self._by_kit(tip, WORKFLOWS))


def pin_gaps(text: str | None) -> list[str]:
    """Return what keeps a requirements file from fixing every version; empty if nothing does."""
    if text is None:
        return ["there is no requirements.txt"]
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    wanted = [line for line in lines if line and not line.startswith("-")]
    if not wanted:
        return ["requirements.txt pins nothing"]
    loose = [line for line in wanted if not is_pin(line)]
    return [f"not pinned with ==: {', '.join(loose)}"] if loose else []


def is_pin(line: str) -> bool:
    """Return whether a line of a requirements file allows one version only."""
    try:
        clauses = list(Requirement(line).specifier)
    except InvalidRequirement:
        return False
    return len(clauses) == 1 and clauses[0].operator == "==" and "*" not in clauses[0].version


def build_gaps(text: str | None) -> list[str]:
    """Return what keeps a pyproject.toml from describing a build; empty if nothing does."""
    if text is None:
        return ["there is no pyproject.toml"]
    try:
        settings = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return [f"pyproject.toml is not TOML: {error}"]
    gaps = []
    for table, key, what in (("build-system", "build-backend", "build backend"),
                             ("project", "name", "project")):  # fmt: skip
        found = settings.get(table)
        if not isinstance(found, dict) or not isinstance(found.get(key), str):
            gaps.append(f"pyproject.toml names no {what}")
    return gaps


def count_tests(source: str) -> int:
    """Return how many test functions in `source` can fail.

    A test can fail if it asserts something about a value that is computed, or uses
    `pytest.raises`. Whether it notices a bug is another question: mutants answer that.
    """
    try:
        tree = ast.parse(source)
    # ValueError: bytes that are no text, before Python 3.12; the others: nested without end.
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return 0
    if any(_marks(node.value) for node in tree.body if _is_pytestmark(node)):
        return 0
    functions = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test")
    ]
    return sum(can_fail(function) and not is_skipped(function) for function in functions)


def is_skipped(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether a decorator may keep a test from running, or from failing."""
    return any(_marks(decorator) for decorator in function.decorator_list)


def _is_pytestmark(node: ast.stmt) -> TypeGuard[ast.Assign]:
    """Return whether a statement marks all tests of a file."""
    return isinstance(node, ast.Assign) and any(
        isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets
    )


def _marks(expression: ast.expr) -> bool:
    """Return whether a mark, or a list of marks, holds one that skips or forgives."""
    names = (part.attr for part in ast.walk(expression) if isinstance(part, ast.Attribute))
    return not NOT_RUN.isdisjoint(names)


def can_fail(function: ast.AST) -> bool:
    """Return whether a test function holds an assertion about something that is computed."""
    computed = (ast.Name, ast.Attribute, ast.Call)
    for node in ast.walk(function):
        if isinstance(node, ast.Assert) and any(
            isinstance(part, computed) for part in ast.walk(node.test)
        ):
            return True
        # pytest.raises(…), and helpers such as pandas' assert_frame_equal or unittest's assertEqual
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name == "raises" or name.startswith("assert"):
                return True
    return False
