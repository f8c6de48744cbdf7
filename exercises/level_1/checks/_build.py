"""Exercise 1.3, the running half: builds, installs, trains and runs `ci.py` on copies.

What comes out is a `Built`; whether that is right is for `_judge_1_3.py` to say.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

SECONDS = 60  # for one command
TRIED = "pandas"  # the pin that is changed, loosened and taken away; every package imports it
OTHER_VERSION = "0.0.1"
OWN = ("GIT_", "PIP_", "PYTEST_", "PYTHON", "MATURITY_")

LAUNCH = """
import sys
from importlib import metadata

points = metadata.distribution("flights").entry_points.select(group="console_scripts")
main = points["flights-train"].load()
print("imported from", sys.modules["flights"].__file__, flush=True)
sys.argv = ["flights-train", *sys.argv[1:]]
sys.exit(main())
"""


@dataclass(frozen=True)
class Ran:
    """A command that was run: its exit code (None: stopped) and what it printed."""

    code: int | None
    output: str


@dataclass(frozen=True)
class Built:
    """All that 1.3 is judged by; None where a step before it already failed.

    Attributes
    ----------
    pyproject, requirements : str or None
        The two files' texts.
    installed : dict
        The version of each package that the project names or imports, if it is installed.
    imported : dict
        Each package that the project imports, with the place of its first import.
    wheel : Ran
        The build without the network.
    wheel_files : tuple
        The wheel's files.
    install, train : Ran
        The installation into an empty folder, and training from there.
    home : str
        That folder.
    model_saved : bool
        Whether the training wrote the model.
    ci : dict
        What `ci.py` said of the project "as it is", and with the pin of TRIED "changed",
        "loosened" and "missing".
    """

    pyproject: str | None
    requirements: str | None
    installed: dict[str, str]
    imported: dict[str, str]
    wheel: Ran | None = None
    wheel_files: tuple[str, ...] = ()
    install: Ran | None = None
    train: Ran | None = None
    home: str = ""
    model_saved: bool = False
    ci: dict[str, Ran] | None = None


def build_all(project: Path, data: Path, scratch: Path, say: Callable[[str], None]) -> Built:
    """Run everything on copies of `project` below `scratch`, two commands at a time.

    Parameters
    ----------
    project : Path
        The learner's project; it is not changed.
    data : Path
        A folder with at least January: the training has only that, to be quick.
    scratch : Path
        An empty folder, or one that is not there yet.
    say : callable
        Told what is being done.
    """
    with ThreadPoolExecutor(2) as pool:
        made = pool.submit(_wheel, project, data, scratch, say)
        checked = pool.submit(_ci, project, scratch, say)
        wheel, ci = made.result(), checked.result()
    imported = imported_packages(project)
    requirements = _text(project / "requirements.txt")
    names = {*imported, *(named(line) for line in (requirements or "").splitlines())}
    installed = {name: version for name in names if (version := _version(name))}
    return Built(
        _text(project / "pyproject.toml"), requirements, installed, imported, **wheel, ci=ci
    )


def named(line: str) -> str:
    """Return the package that a line of requirements.txt names, or an empty text."""
    found = re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)", line)
    return re.sub(r"[-_.]+", "-", found[1]).lower() if found else ""


def imported_packages(project: Path) -> dict[str, str]:
    """Return each third-party package that the project imports, and where first."""
    files = [*sorted(project.glob("flights/**/*.py")), *sorted(project.glob("tests/**/*.py"))]
    files += [project / "ci.py"] if (project / "ci.py").is_file() else []
    own = {"flights", "tests", *(file.stem for file in files)}
    providers = metadata.packages_distributions()
    packages: dict[str, str] = {}
    for file in files:
        place = file.relative_to(project).as_posix()
        for module, line in _modules(file):
            if module in own or module in sys.stdlib_module_names:
                continue
            packages.setdefault(named(providers.get(module, [module])[0]), f"{place}:{line}")
    return packages


def _wheel(
    project: Path, data: Path, scratch: Path, say: Callable[[str], None]
) -> dict[str, object]:
    source, home, away = scratch / "source", scratch / "home", scratch / "elsewhere"
    _copy(project, source)
    away.mkdir(parents=True)
    shutil.copy(data / "2013-01.parquet", away)
    offline = ["--no-deps", "--no-index", "--quiet"]
    say("Building the wheel without the network")
    words = ["-m", "pip", "wheel", "--no-build-isolation", *offline, "--wheel-dir"]
    wheel = _run([*words, str(scratch / "wheels"), str(source)], scratch)
    found = sorted((scratch / "wheels").glob("*.whl"))
    if wheel.code or not found:
        return {"wheel": wheel}
    with zipfile.ZipFile(found[0]) as archive:
        files = tuple(archive.namelist())
    say("Installing it into an empty folder, and training from there on January")
    install = _run(
        ["-m", "pip", "install", *offline, "--target", str(home), str(found[0])], scratch
    )
    train = None
    if install.code == 0:
        words = ["-c", LAUNCH, "--data", str(away), "--model", str(away / "model.pkl")]
        train = _run(words, away, PYTHONPATH=str(home))
    return {
        "wheel": wheel,
        "wheel_files": files,
        "install": install,
        "train": train,
        "home": str(home),
        "model_saved": (away / "model.pkl").is_file(),
    }


def _ci(project: Path, scratch: Path, say: Callable[[str], None]) -> dict[str, Ran] | None:
    text = _text(project / "requirements.txt")
    if text is None or not (project / "ci.py").is_file():
        return None
    lines = text.splitlines()
    mine = [number for number, line in enumerate(lines) if named(line) == TRIED]
    said = {}
    variants = {
        "changed": f"{TRIED}=={OTHER_VERSION}",
        "loosened": f"{TRIED}>=1.0",
        "missing": "# not pinned",
        "as it is": None,
    }
    for name, line in variants.items():
        say(
            f"Running ci.py: the project {name}" if line is None else f"Running ci.py: a pin {name}"
        )
        copy = scratch / name.replace(" ", "_")
        _copy(project, copy)
        if line is not None:
            if not mine:
                continue
            other = [
                line if n == mine[0] else old for n, old in enumerate(lines) if n not in mine[1:]
            ]
            (copy / "requirements.txt").write_text("\n".join(other) + "\n", encoding="utf-8")
        words = [] if name in ("as it is", "changed") else ["pins"]
        said[name] = _run(["ci.py", *words], copy)
    return said


def _copy(project: Path, target: Path) -> None:
    skipped = shutil.ignore_patterns(
        ".git", "build", "dist", "*.egg-info", "__pycache__", "analysis"
    )
    shutil.copytree(project, target, ignore=skipped)


def _run(words: list[str], folder: Path, **more: str) -> Ran:
    env = {name: text for name, text in os.environ.items() if not name.startswith(OWN)}
    env |= {"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_CACHE_DIR": "1"}
    env |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONIOENCODING": "utf-8", **more}
    env["PYTHONDONTWRITEBYTECODE"] = "1"
    try:
        done = subprocess.run(
            [sys.executable, *words],
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        return Ran(None, f"stopped after {SECONDS} seconds")
    return Ran(done.returncode, done.stdout)


def _modules(file: Path) -> list[tuple[str, int]]:
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError):
        return []  # its own test run says it better
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(name.name.partition(".")[0], node.lineno) for name in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.append((node.module.partition(".")[0], node.lineno))
    return found


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else None


def _version(package: str) -> str | None:
    if not package:
        return None
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
