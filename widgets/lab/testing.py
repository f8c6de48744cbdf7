"""The kit's tests as CI runs them: style, types, then pytest in parts, with the time of each."""

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

SECONDS_A_PART = 5000

# The parts run beside each other, each in a process of its own: one alone leaves two cores idle in
# part. The course from its first cell to its last takes longest, so it begins first. What the
# exercises keep warm would be in the way of unit tests that count processes, and the browser's
# driver keeps an event loop running, with which other tests could not live.
PARTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "quick": (("tests/unit",), ("tests/exercises",)),
    "full": (
        ("tests/course",),
        ("tests/exercises", "tests/faults"),
        ("tests/unit", "tests/notebooks"),
        ("tests/browser",),
    ),
}
AT_ONCE = {"quick": 2, "full": 3, "soak": 1}  # parts
MARKERS = {"quick": "not slow and not soak", "full": "not soak", "soak": "soak"}


@dataclass(frozen=True)
class TestPart:
    """A program whose exit code says whether a part of the tests passed.

    Attributes
    ----------
    live : bool
        Whether its output is shown as it comes, or as a whole when it has ended.
    """

    name: str
    words: Sequence[str]
    folder: Path
    live: bool = False


@dataclass(frozen=True)
class Outcome:
    """How a part ended."""

    name: str
    passed: bool
    seconds: float


def main(environment: Environment, tier: str, for_pytest: Sequence[str]) -> int:
    """Run a tier of the tests, or what is named for pytest; return 0 if all passed."""
    root = environment.root
    parts = chosen(root, tier, for_pytest) if for_pytest else planned(root, tier)
    with scratch_environment(environment) as env:
        began = time.monotonic()
        with ThreadPoolExecutor(AT_ONCE[tier]) as lanes:
            if AT_ONCE[tier] > 1:
                env["OMP_NUM_THREADS"] = "1"  # two fits that both take both cores wait and wait
            outcomes = list(lanes.map(partial(run_part, environment, env), parts))
    print("\nTime by part")
    for outcome in outcomes:
        word = "passed" if outcome.passed else "FAILED"
        print(f"  {outcome.name:42} {outcome.seconds:6.1f} s  {word}")
    print(f"  {'together':42} {time.monotonic() - began:6.1f} s", flush=True)
    return 0 if all(outcome.passed for outcome in outcomes) else 1


def planned(root: Path, tier: str) -> Iterator[TestPart]:
    """Return the parts of a tier."""
    if tier == "soak":
        yield TestPart("soak", ["pytest", "-m", MARKERS[tier]], root, live=True)
        return
    if tier == "full":  # what takes a second is told first
        yield from static_parts(root)
    for folders in PARTS[tier]:
        words = ["pytest", *folders, "-m", MARKERS[tier], "--durations=5", "--durations-min=2"]
        dots = tier == "full" and "tests/unit" in folders  # of one part: those of three would mix
        yield TestPart(" ".join(folders), words, root, live=dots)
    if tier == "quick":
        yield from static_parts(root)


def chosen(root: Path, tier: str, for_pytest: Sequence[str]) -> Iterator[TestPart]:
    """Return the one part that runs what a person named."""
    marker = [] if "-m" in for_pytest else ["-m", MARKERS[tier]]
    yield TestPart("pytest", ["pytest", *marker, *for_pytest], root, live=True)


def static_parts(root: Path) -> Iterator[TestPart]:
    """Return the parts that read the code without running it."""
    yield TestPart("ruff check", ["ruff", "check", "."], root)
    yield TestPart("ruff format", ["ruff", "format", "--check", "."], root)
    yield TestPart("mypy widgets", ["mypy"], root)
    config, cache = root / "pyproject.toml", root / ".mypy_cache"
    for package in sorted(root.glob("solutions/level_*/flights/__init__.py")):
        level = package.parents[1]
        words = ["mypy", "--config-file", str(config), "--cache-dir", str(cache), "-p", "flights"]
        yield TestPart(f"mypy {level.name}", words, level)


def run_part(environment: Environment, env: Mapping[str, str], part: TestPart) -> Outcome:
    """Run a part and show its output."""
    if part.live:
        print(f"\n=== {part.name}", flush=True)
    began = time.monotonic()
    ended = subprocess.run(
        [str(environment.python), "-m", *part.words],
        cwd=part.folder,
        env=env,
        timeout=SECONDS_A_PART,
        stdout=None if part.live else subprocess.PIPE,
        stderr=None if part.live else subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    if not part.live:
        print(f"\n=== {part.name}\n{ended.stdout.rstrip()}", flush=True)
    return Outcome(part.name, ended.returncode == 0, time.monotonic() - began)


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
