"""The CI command. ``python ci.py`` builds the package, compares the pins, runs the tests.

You, a colleague and the origin all run this one command. It ends at the first step that
fails, and its exit code says so. ``python ci.py pins`` runs one step alone.
"""

import ast
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent
REQUIREMENTS = "requirements.txt"
NOT_BUILT = shutil.ignore_patterns(".git", "build", "dist", "*.egg-info", "__pycache__", "analysis")


@dataclass(frozen=True)
class Pin:
    """One line of requirements.txt.

    Attributes
    ----------
    line : int
        Its number in the file.
    package : str
        The package's name, in small letters.
    version : str or None
        The one version after ``==``; None if the line allows more than one.
    """

    line: int
    package: str
    version: str | None


def compare_pins(pins: Sequence[Pin], imported: Mapping[str, str]) -> list[str]:
    """Return what is wrong between the pins, the installed versions and the imports.

    Parameters
    ----------
    pins : sequence of Pin
        The lines of requirements.txt.
    imported : mapping of str to str
        Each package that the project imports, with the place of its first import.

    Returns
    -------
    list of str
        One line for each fault; empty if a machine with these pins runs what is tested here.
        A fault in requirements.txt begins with its place (``requirements.txt:4``). Where two
        versions differ, both are named.
    """
    problems = ["ci.py: compare_pins compares nothing yet"]
    # TODO: begin with an empty list. For each pin, ask installed_version(pin.package). Three
    # things can be wrong: nothing is installed, the line does not pin one version, or another
    # version is installed.
    # TODO: then the packages in `imported` that no line pins.
    return problems


def read_pins(path: Path) -> list[Pin]:
    """Return the requirements of the file `path`; leave out those for other systems."""
    pins = []
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        words = text.split("#")[0].strip()
        if not words:
            continue
        try:
            requirement = Requirement(words)
        except InvalidRequirement:
            raise SystemExit(f"{path.name}:{number}: {words!r} is not name==version") from None
        if requirement.marker is None or requirement.marker.evaluate():
            clauses = list(requirement.specifier)
            exact = len(clauses) == 1 and clauses[0].operator == "=="
            version = clauses[0].version if exact else None
            pins.append(Pin(number, canonicalize_name(requirement.name), version))
    return pins


def installed_version(package: str) -> str | None:
    """Return the version of `package` that is installed here, or None."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def imported_packages(root: Path) -> dict[str, str]:
    """Return each package that the project's files import, with the place of its first import."""
    files = [
        root / "ci.py",
        *sorted(root.glob("flights/**/*.py")),
        *sorted(root.glob("tests/**/*.py")),
    ]
    own = {"flights", "tests", *(file.stem for file in files)}
    providers = metadata.packages_distributions()  # sklearn → scikit-learn
    packages: dict[str, str] = {}
    for file in files:
        for module, line in imported_modules(file):
            if module not in own and module not in sys.stdlib_module_names:
                known = providers.get(module, [module])  # mlflow is in mlflow and mlflow-skinny
                package = canonicalize_name(module if module in known else known[0])
                packages.setdefault(package, f"{file.relative_to(root).as_posix()}:{line}")
    return packages


def imported_modules(file: Path) -> Iterator[tuple[str, int]]:
    """Yield the first name of each import in `file`, with its line."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"), str(file))):
        if isinstance(node, ast.Import):
            yield from ((name.name.partition(".")[0], node.lineno) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module.partition(".")[0], node.lineno


def build() -> int:
    """Build the wheel into dist/, without the network, from a clean copy; return the exit code."""
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "source"
        shutil.copytree(ROOT, source, ignore=NOT_BUILT)
        words = [
            "--no-build-isolation",
            "--no-deps",
            "--no-index",
            "--quiet",
            "--wheel-dir",
            "dist",
        ]
        command = [sys.executable, "-m", "pip", "wheel", *words, str(source)]
        return subprocess.run(command, cwd=ROOT).returncode


def pins() -> int:
    """Print what compare_pins finds; return 1 if it found something, else 0."""
    found = read_pins(ROOT / REQUIREMENTS)
    problems = compare_pins(found, imported_packages(ROOT))
    print("\n".join(problems) or f"{len(found)} pins equal what is installed")
    return 1 if problems else 0


def tests() -> int:
    """Run the tests on the source, in a process of their own; return the exit code."""
    return subprocess.run([sys.executable, "-m", "pytest", "-q"], cwd=ROOT).returncode


STEPS = {"build": build, "pins": pins, "tests": tests}


def main(words: Sequence[str]) -> int:
    """Run the steps that `words` name, or all of them; return the first exit code but 0."""
    if unknown := [name for name in words if name not in STEPS]:
        print(f"there is no step {unknown[0]}; there are: {', '.join(STEPS)}")
        return 2
    for name in words or STEPS:
        print(f"== {name}", flush=True)
        code = STEPS[name]()
        if code:
            print(f"== {name} failed", flush=True)
            return code
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
