"""The kit's tests as CI runs them: style, types, then pytest in parts, with the time of each."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from widgets.base.paths import Layout
from widgets.lab.environment import Environment
from widgets.lab.start import learner_environment

SECONDS_A_PART = {"quick": 1800, "full": 3600, "soak": 14_400}  # below what CI gives the whole

COURSE = ("tests/course",)
# The parts run beside each other, each in a process of its own: one alone leaves two cores idle in
# part. The course from its first cell to its last takes longest, so it begins first, and the
# others give way to it. What the exercises keep warm would be in the way of unit tests that count
# processes, and the browser's driver keeps an event loop running, with which other tests could not
# live.
PARTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "quick": (("tests/unit",), ("tests/exercises",)),
    "full": (
        COURSE,
        ("tests/exercises", "tests/faults"),
        ("tests/unit", "tests/notebooks"),
        ("tests/browser",),
    ),
}
GIVES_WAY = ["nice", "-n", "5"] if shutil.which("nice") else []
AT_ONCE = {"quick": 2, "full": 3, "soak": 1}  # parts
MARKERS = {"quick": "not slow and not soak", "full": "not soak", "soak": "soak"}


@dataclass(frozen=True)
class TestPart:
    """A program whose exit code says whether a part of the tests passed.

    Attributes
    ----------
    live : bool
        Whether its output is shown as it comes, or as a whole when it has ended.
    gives_way : bool
        Whether parts that run beside it have the processor first.
    """

    name: str
    words: Sequence[str]
    folder: Path
    live: bool = False
    gives_way: bool = False


Group = Sequence[TestPart]  # of which one begins when the one before it has ended


@dataclass(frozen=True)
class Outcome:
    """How a part ended."""

    name: str
    passed: bool
    seconds: float


def main(environment: Environment, tier: str, for_pytest: Sequence[str]) -> int:
    """Run a tier of the tests, or what is named for pytest; return 0 if all passed."""
    root = environment.root
    with scratch_environment(environment) as env, tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        groups = chosen(root, tier, for_pytest) if for_pytest else planned(root, tier, scratch)
        began = time.monotonic()
        with ThreadPoolExecutor(AT_ONCE[tier]) as lanes:
            if AT_ONCE[tier] > 1:
                env["OMP_NUM_THREADS"] = "1"  # two fits that both take both cores wait and wait
            run = partial(run_group, environment, env, SECONDS_A_PART[tier])
            outcomes = [each for outcomes in lanes.map(run, groups) for each in outcomes]
    print("\nTime by part")
    for outcome in outcomes:
        word = "passed" if outcome.passed else "FAILED"
        print(f"  {outcome.name:42} {outcome.seconds:6.1f} s  {word}")
    print(f"  {'together':42} {time.monotonic() - began:6.1f} s", flush=True)
    return 0 if all(outcome.passed for outcome in outcomes) else 1


def planned(root: Path, tier: str, scratch: Path) -> Iterator[Group]:
    """Return the parts of a tier; what they look at may be laid out in the folder `scratch`."""
    if tier == "soak":
        yield (TestPart("soak", ["pytest", "-m", MARKERS[tier]], root, live=True),)
        return
    for folders in PARTS[tier]:
        words = ["pytest", *folders, "-m", MARKERS[tier], "--durations=5", "--durations-min=2"]
        dots = tier == "full" and "tests/unit" in folders  # of one part: those of three would mix
        yield (TestPart(" ".join(folders), words, root, dots, gives_way=folders != COURSE),)
        if folders == PARTS[tier][0]:  # what takes seconds is told among the first
            yield tuple(static_parts(root, scratch))


def chosen(root: Path, tier: str, for_pytest: Sequence[str]) -> Iterator[Group]:
    """Return the one part that runs what a person named."""
    marker = [] if "-m" in for_pytest else ["-m", MARKERS[tier]]
    yield (TestPart("pytest", ["pytest", *marker, *for_pytest], root, live=True),)


def static_parts(root: Path, scratch: Path) -> Iterator[TestPart]:
    """Return the parts that read the code without running it, one after the other.

    The solutions are checked as one project, as a learner has them at last: each level's files
    laid over those of the levels before. What mypy has read of the libraries, it reads once.
    """
    yield TestPart("ruff check", ["ruff", "check", "."], root)
    yield TestPart("ruff format", ["ruff", "format", "--check", "."], root)
    yield TestPart("mypy widgets", ["mypy"], root)
    solved = scratch / "project"
    for level in sorted((root / "solutions").glob("level_[1-9]")):
        shutil.copytree(level, solved, dirs_exist_ok=True)
    config, cache = root / "pyproject.toml", root / ".mypy_cache"
    words = ["mypy", "--config-file", str(config), "--cache-dir", str(cache), "-p", "flights"]
    yield TestPart("mypy flights", words, solved)


def run_group(
    environment: Environment, env: Mapping[str, str], seconds: float, group: Group
) -> list[Outcome]:
    """Run the parts of a group one after the other."""
    return [run_part(environment, env, seconds, part) for part in group]


def run_part(
    environment: Environment, env: Mapping[str, str], seconds: float, part: TestPart
) -> Outcome:
    """Run a part and show its output; one that takes longer than `seconds` has failed."""
    if part.live:
        print(f"\n=== {part.name}", flush=True)
    began = time.monotonic()
    try:
        ended = subprocess.run(
            [*(GIVES_WAY if part.gives_way else ()), str(environment.python), "-m", *part.words],
            cwd=part.folder,
            env=env,
            timeout=seconds,
            stdout=None if part.live else subprocess.PIPE,
            stderr=None if part.live else subprocess.STDOUT,
        )
        said, passed = ended.stdout, ended.returncode == 0
    except subprocess.TimeoutExpired as error:
        said = (error.output or b"") + f"\nstopped after {seconds:,.0f} s".encode()
        passed = False
    if said and (not part.live or not passed):
        text = said.decode(errors="replace").rstrip()
        print(f"\n=== {part.name}\n{text}", flush=True)
    return Outcome(part.name, passed, time.monotonic() - began)


def run_module(environment: Environment, module: str, arguments: Sequence[str]) -> int:
    """Run one of the kit's own modules inside the `.venv`."""
    words = [str(environment.python), "-m", module, *arguments]
    with scratch_environment(environment) as env:
        return subprocess.run(words, cwd=environment.root, env=env).returncode


@contextmanager
def scratch_environment(environment: Environment) -> Iterator[dict[str, str]]:
    """Give the environment of a workspace that goes away: no run of ours touches the learner's."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        layout = Layout(Path(scratch).resolve() / "workspace")
        layout.kit.mkdir(parents=True)  # IPython complains where its folder cannot be made
        yield learner_environment(environment.python, layout)
