"""What git and the CI's exported history prove of Level 1."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from widgets.evidence import Finding
from widgets.evidence.code import count_tests
from widgets.evidence.mlflow_runs import named
from widgets.maturity import Model, State
from widgets.project.commands import Command
from widgets.project.exports import GREEN, RED, Exports
from widgets.project.locks import find_locks, loose_installs
from widgets.project.practices import questions
from widgets.project.snapshot import Snapshot, Texts
from widgets.project.workflows import BY_CHANGE, GITHUB, GITLAB, Step, Workflow, read_workflows

BUILDS = {"pyproject.toml", "setup.py", "setup.cfg", "Dockerfile", "environment.yml", "pixi.toml"}
CODE = {".py", ".ipynb", ".r", ".R", ".Rmd", ".jl", ".scala", ".java", ".sql", ".cpp", ".rs", ".go"}
BUILD_TABLE = {
    "pyproject.toml": re.compile(r"^\[(build-system|project|tool\.poetry)\]", re.M),
    "setup.cfg": re.compile(r"^\[metadata\]", re.M),
}
LAST = 20  # of the main branch's runs; an old red one does not count for ever
TEST_FILES = 3000  # are read at most
TESTER = re.compile(r"\b(?:pytest|unittest|tox|nox)\b")


@dataclass(frozen=True)
class Code:
    """A project's files and the exported history of its CI, looked at together.

    Attributes
    ----------
    snapshot : Snapshot
        History and files.
    texts : Texts
        Reads the files.
    exports : Exports
        What the clone cannot hold.
    """

    snapshot: Snapshot
    texts: Texts
    exports: Exports

    def training(self) -> tuple[Workflow, ...]:
        """Return the workflows in which a step trains, by its name."""
        return tuple(each for each in self._workflows()[1] if each.step(lambda made: made.trains))

    def findings(self, model: Model) -> list[Finding]:
        """Return a finding for each practice of Level 1."""
        ci_files, workflows = self._workflows()
        return [
            self._history(model),
            self._environment(workflows),
            self._tests(workflows, int(model.practice("automated-tests").rule["tests"])),
            self._ci(ci_files, workflows),
        ]

    def _workflows(self) -> tuple[list[str], list[Workflow]]:
        """Return the CI's files, and what could be read of them."""
        ci_files = [
            path for path in self.snapshot.files if GITHUB.fullmatch(path) or path == GITLAB
        ]
        self.texts.fetch(ci_files)
        workflows = list(read_workflows({path: self.texts.read(path) for path in ci_files}))
        return ci_files, workflows

    def _history(self, model: Model) -> Finding:
        practice, rule = "version-control", model.practice("version-control").rule
        commits, days = self.snapshot.commits, self.snapshot.days
        where = f"the history of {self.snapshot.branch or self.snapshot.commit[:8] or 'HEAD'}"
        on = "1 day" if len(days) == 1 else f"{len(days)} days"
        what = f"{len(commits):,} commits that change something, on {on}"
        if days:
            what += f", from {min(days)} to {max(days)}"
        if not any(PurePosixPath(path).suffix in CODE for path in self._own()):
            mend = questions()[practice].next
            return Finding(practice, State.MISSING, f"{what}, and no code in it", where, mend)
        if len(commits) >= int(rule["commits"]) and len(days) >= int(rule["days_elsewhere"]):
            return Finding(practice, State.PROVED, what, where)
        mend = f"{rule['commits']} commits on {rule['days_elsewhere']} days are asked for: "
        mend += "commit each step of the work."
        hidden = any("shallow" in note for note in self.snapshot.notes)
        state = State.HIDDEN if hidden else State.MISSING
        return Finding(practice, state, what, where, mend)

    def _environment(self, workflows: Sequence[Workflow]) -> Finding:
        practice = "standard-environment"
        found = find_locks(self._own(), self.texts, self.snapshot.prefix)
        locks = found.whole
        builds = [path for path in self._own() if self._is_build(path)]
        if not locks and found.pinned:
            what = f"{found.pinned[0]} pins what it names, and nothing says that all is in it"
            mend = "Let a tool resolve it (uv lock, pip-compile), so that what those need is fixed."
            return Finding(practice, State.CLAIMED, what, found.pinned[0], mend)
        if not locks:
            what = f"nothing fixes the versions: {found.loose}" if found.loose else "no lock file"
            return self._lacking(practice, what, self._place())
        what = f"{locks[0]} fixes every version"
        for path in (path for path in builds if PurePosixPath(path).name == "Dockerfile"):
            if open_ := list(loose_installs(self.texts.read(path) or "")):
                what += f", and {path} installs without a version: {named(open_)}"
                mend = "Let the image install from the lock file too."
                return Finding(practice, State.CLAIMED, what, path, mend)
        if not builds:
            mend = "Describe the build as well (pyproject.toml or Dockerfile)."
            return Finding(
                practice, State.CLAIMED, f"{what}, no build is described", locks[0], mend
            )
        for workflow in workflows:
            step = workflow.step(lambda command: self._installs(command, locks))
            if step is not None:
                if open_ := self._installed_besides(workflow, locks):
                    what += f"; {workflow.path} installs besides it: {named(open_)}"
                    mend = "Let the CI install from the lock file and from nothing else."
                    return Finding(practice, State.CLAIMED, what, step.where, mend)
                what += f", {builds[0]} describes the build, and the CI installs from the lock"
                return self._if_green(practice, what, workflow, step)
        mend = "Let a step of the CI that can fail install from the lock file."
        what += "; no step of the CI is seen to install from it"
        return Finding(practice, State.CLAIMED, what, locks[0], mend)

    def _is_build(self, path: str) -> bool:
        """Return whether a file says how the project is built, and not only how it is linted."""
        name = PurePosixPath(path).name
        needed = BUILD_TABLE.get(name)
        if name not in BUILDS or needed is None:
            return name in BUILDS
        return needed.search(self.texts.read(path) or "") is not None

    def _installs(self, command: Command, locks: Sequence[str]) -> bool:
        """Return whether a command installs from one of the files, seen from root or project."""
        prefix = self.snapshot.prefix
        named = {name.removeprefix("./") for name in command.locks}
        return any(lock in named or lock.removeprefix(prefix) in named for lock in locks)

    def _installed_besides(self, workflow: Workflow, locks: Sequence[str]) -> list[str]:
        """Return what a workflow installs that no lock file fixes."""
        known = {path for lock in locks for path in (lock, lock.removeprefix(self.snapshot.prefix))}
        found = list[str]()
        for step in workflow.steps:
            found += step.command.loose
            files = (name.removeprefix("./") for name in step.command.locks)
            found += [name for name in files if name not in known]
        return found

    def _tests(self, workflows: Sequence[Workflow], asked: int) -> Finding:
        practice = "automated-tests"
        counts = self._test_counts()
        total, holding = sum(counts.values()), sum(count > 0 for count in counts.values())
        what = f"{total:,} tests that can fail in {holding:,} files"
        if total < asked:
            return self._lacking(practice, f"{what} (Python's are counted)", self._place())
        for workflow in workflows:
            step = workflow.step(self._runs_tests(counts), self.snapshot.prefix)
            if step is not None:
                return self._if_green(practice, f"{what}, and the CI runs tests", workflow, step)
        first = next(path for path, count in counts.items() if count)
        mend = "Call the test runner in a step of the CI file itself, one that can fail."
        for workflow in workflows:
            if step := workflow.step(lambda command: command.may_test):
                what += f"; the CI starts {step.command.words[0]}, which is not looked into"
                return Finding(practice, State.CLAIMED, what, step.where, mend)
            for step in workflow.steps:
                script = step.command.script
                if script and TESTER.search(self.texts.read(script) or ""):
                    what += f"; {script} speaks of a test runner, and the CI starts it"
                    return Finding(practice, State.CLAIMED, what, step.where, mend)
        what += "; no step of the CI is seen to run them"
        return Finding(practice, State.CLAIMED, what, first, mend)

    def _test_counts(self) -> dict[str, int]:
        """Return how many tests that can fail each test file holds."""
        files = [path for path in self._own() if is_test(path)][:TEST_FILES]
        self.texts.fetch(files)
        return {path: count_tests(self.texts.read(path) or "") for path in files}

    def _runs_tests(self, counts: Mapping[str, int]) -> Callable[[Command], bool]:
        """Return what tells whether a command runs such tests."""
        texts = [self.texts.read(path) or "" for path, count in counts.items() if count]
        # unittest finds no functions, and is green without a test
        classes = any("TestCase" in text for text in texts)

        def runs(command: Command) -> bool:
            return bool(texts) and command.tests and (classes or command.words[0] != "unittest")

        return runs

    def _ci(self, files: Sequence[str], workflows: Sequence[Workflow]) -> Finding:
        practice = "ci-for-code"
        if not files:
            return self._lacking(
                practice, "no GitHub workflow and no GitLab CI file", self._place()
            )
        where = named(files)
        runs = self.exports.ci_runs
        if runs is None:
            what = "a CI is described; its runs cannot be seen from here"
            return Finding(practice, State.CLAIMED, what, where, "Export ci-runs.json.")
        prefix = self.snapshot.prefix
        runs_tests = self._runs_tests(self._test_counts())
        testing = [each for each in workflows if each.step(runs_tests, prefix)]
        runs = tuple(run for run in runs if any(each.made(run.workflow) for each in testing))
        green = [run for run in runs if run.result in GREEN]
        red = [run for run in runs if run.result in RED]
        trunk = self.snapshot.main
        main = sorted(
            (run for run in runs if run.branch == trunk and run.event == "push"),
            key=lambda run: run.began,
        )[-LAST:]
        broken = [run for run in main if run.result in RED]
        what = f"of the workflows that test, {len(green)} green runs, {len(red)} red"
        what += f"; {len(main)} of the last on {trunk or 'the main branch'}"
        mend = ""
        if not testing:
            what = f"no workflow is seen to run tests{f' in {prefix}' if prefix else ''}, each time"
            mend = "Let a step of the CI, without a condition, call the test runner there."
        elif not any(each.alone for each in testing):
            what, mend = "several workflows have one name", "Give each workflow a name of its own."
        elif not green or not red:
            mend = "A history with a green and a red run shows that this CI can say no."
        elif not main:
            mend = f"No run by a push to {trunk or 'the main branch'} is among them."
        elif broken:
            what += f", of which {len(broken)} red ({broken[-1].commit[:8]})"
            mend = "Protect the main branch, so that only a green run can move it."
        elif not any(self._green_here(each) for each in testing):
            mend = "HEAD has no green run among them: push it, wait for the CI, and export again."
        where = f"ci-runs.json; {where}"
        state = State.CLAIMED if mend else State.PROVED
        return Finding(practice, state, what, where, mend)

    def _if_green(self, practice: str, what: str, workflow: Workflow, step: Step) -> Finding:
        here = self.snapshot.commit[:8]
        if not workflow.starts & BY_CHANGE:
            unseen, mend = "no push starts it", "Let each push start that workflow."
        elif not step.is_of(self.snapshot.prefix):
            unseen = f"for {self.snapshot.prefix}? the step does not name it"
            mend = "Name the project's folder in the step (working-directory)."
        elif not workflow.alone:
            unseen = "another workflow has the same name, so nobody can tell their runs apart"
            mend = "Give each workflow a name of its own."
        elif self._green_here(workflow):
            what += f", green on {here}"
            return Finding(practice, State.PROVED, what, f"{step.where}; ci-runs.json")
        elif self.exports.ci_runs is None:
            unseen, mend = "whether it ran cannot be seen from here", "Export ci-runs.json."
        else:
            unseen = f"no green run of it on {here} among the exported"
            mend = "Push HEAD, wait for the CI, and export again."
        return Finding(practice, State.CLAIMED, f"{what}; {unseen}", step.where, mend)

    def _green_here(self, workflow: Workflow) -> bool:
        """Return whether the last run of a workflow on HEAD ended well."""
        here = [
            run
            for run in self.exports.ci_runs or ()
            if run.commit == self.snapshot.commit and workflow.made(run.workflow)
        ]
        return bool(here) and max(here, key=lambda run: run.began).result in GREEN

    def _lacking(self, practice: str, what: str, where: str) -> Finding:
        return Finding(practice, State.MISSING, what, where, questions()[practice].next)

    def _own(self) -> list[str]:
        """Return the project's own files, those nearest to its root first."""
        prefix = self.snapshot.prefix
        own = (path for path in self.snapshot.files if path.startswith(prefix))
        return sorted(own, key=lambda path: (path.count("/"), path))

    def _place(self) -> str:
        at = self.snapshot.commit[:8]
        return f"{self.snapshot.prefix or 'the files'} at {at}" if at else "a branch with no commit"


def is_test(path: str) -> bool:
    """Return whether a path is that of a Python test file."""
    name = PurePosixPath(path).name
    named = name.startswith("test_") or name.endswith("_test.py") or name == "tests.py"
    return name.endswith(".py") and named
