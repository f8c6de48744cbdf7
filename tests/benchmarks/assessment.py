"""What `maturity assess` costs and how often it is wrong: small, large, and at ten kinds of teams.

Run it with `python lab.py bench assessment`. Not a test. Read the ratios: all are to git's own list
of the files (`git ls-tree -r -l HEAD`) of the same repository. The memory is that of a process
which does nothing else, with Python and its libraries, without git's own (Linux only).
"""

import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from mlflow import MlflowClient

from tests.unit.project.teams import TEAMS, Team, level_1_on_github
from widgets.base.paths import KIT_ROOT
from widgets.maturity import State, load
from widgets.project.assess import assess_project

FILES = 100_000
ONCE = """
import sys, time
from pathlib import Path
from widgets.project.assess import Asked, assess_project
peak = lambda: int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) // 1024
before, began = peak(), time.monotonic()
assess_project(Asked(Path(sys.argv[1])))
print(time.monotonic() - began, peak(), peak() - before)
"""


def main() -> int:
    """Measure, and print the confusion table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small = Team(folder / "small", folder)
        level_1_on_github(small)
        print("looking at a repository       seconds  ratio  memory  of it for the look")
        cost("small", small.repo)
        cost(f"{FILES:,} files", large(folder / "large"))
        cost("this repository", KIT_ROOT)
        database = folder / "empty.db"
        MlflowClient(f"sqlite:///{database.as_posix()}").search_experiments()
        confusion(folder / "teams", database)
    return 0


def cost(name: str, repo: Path) -> None:
    """Print what a look at a repository costs."""
    began = time.monotonic()
    listing = ["git", "-C", str(repo), "ls-tree", "-r", "-l", "HEAD"]
    subprocess.run(listing, stdout=subprocess.DEVNULL, check=True)
    base = time.monotonic() - began
    done = subprocess.run(
        [sys.executable, "-c", ONCE, str(repo)],
        capture_output=True,
        text=True,
        check=True,
        cwd=KIT_ROOT,
    )
    took, own, more = done.stdout.split()
    print(f"  {name:26} {float(took):8.2f} {float(took) / base:6.1f} {own:>5} MB {more:>13} MB")


def large(folder: Path) -> Path:
    """Make a repository of many small files: modules, settings and workflows."""
    folder.mkdir()
    subprocess.run(["git", "init", "--quiet", "-b", "main", str(folder)], check=True)
    lines = []
    for number in range(FILES):
        kind = ("py", "yaml", "json", "py")[number % 4]
        text = f"import os\n# {number}\n" * 40
        lines.append(
            f"M 100644 inline part{number % 300}/a{number}.{kind}\ndata {len(text)}\n{text}"
        )
    head = "commit refs/heads/main\ncommitter a <a@example.org> 1767225600 +0000\ndata 1\nx\n"
    subprocess.run(
        ["git", "-C", str(folder), "fast-import", "--quiet"],
        input=(head + "\n".join(lines) + "\n").encode(),
        check=True,
    )
    return folder


def confusion(folder: Path, database: Path) -> None:
    """Print what was expected and found, practice by practice, over all teams."""
    seen: Counter[tuple[str, str]] = Counter()
    wrong = []
    for make in TEAMS:
        team = Team(folder / make.__name__, database)
        expected = make(team)
        assessment = assess_project(team.asked()).assessment
        for practice in load().practices:
            found = assessment.of(practice.id).state
            word = expected.get(practice.id, State.HIDDEN.value)
            seen[word, found.value] += 1
            if found is State.PROVED and word != "proved":
                wrong.append(f"{make.__name__}: {practice.id}")
    columns = [state.value for state in State]
    print(f"\n{len(TEAMS)} teams, {len(load().practices)} practices each; expected ↓, found →")
    print(" " * 12, *(f"{name[:14]:>14}" for name in columns))
    for word in columns:
        print(f"  {word[:10]:10}", *(f"{seen[word, name]:>14}" for name in columns))
    others = sum(number for (word, name), number in seen.items() if word != name)
    print(f"found otherwise than expected: {others}")
    print(f"wrongly proved: {len(wrong)}", *wrong, sep="\n  " if wrong else "")


if __name__ == "__main__":
    sys.exit(main())
