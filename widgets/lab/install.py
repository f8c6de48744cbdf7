"""Makes the `.venv`: with uv where there is one or one can be had, else with pip."""

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from widgets.base.errors import KitError
from widgets.lab.environment import Environment, Part
from widgets.lab.processes import Steps, ToolError, environment_for
from widgets.lab.settings import install_settings
from widgets.lab.setup_lock import setup_lock

SPACE_NEEDED = 2_000_000_000  # bytes: what is installed, and what is downloaded for it
KIT_PYTHON = (3, 11)

AGAIN = "Then run the same command again: it goes on where it can."


def prepare(environment: Environment, part: Part, steps: Steps) -> None:
    """Make a part of the `.venv`, or complete it; where it is ready, nothing happens.

    Raises
    ------
    KitError
        If it cannot be made: what is in the way, and what to do.
    """
    if environment.is_ready(part):
        return
    try:
        environment.folder.mkdir(exist_ok=True)
        with setup_lock(environment.lock, steps.say):
            if not environment.is_ready(part):
                make(environment, part, steps)
    except PermissionError as error:
        raise KitError(
            f"{environment.root}: something here cannot be written by you "
            f"({error.strerror or error}: {error.filename}).\n"
            "Put the kit into a folder of your own, for example below your home folder (git clone "
            "it there, or copy it), and run it there. If another program holds a file of .venv "
            "open, close it first."
        ) from None
    except OSError as error:
        raise KitError(
            f"{environment.folder}: {error}. Mend this, or delete the folder. {AGAIN}"
        ) from None


def make(environment: Environment, part: Part, steps: Steps) -> None:
    """Install what is missing for a part; what was left half made is made anew."""
    check_space(environment.root)
    steps.say(f"Setting up the kit in {environment.folder}: once, some minutes, with the network.")
    if environment.unfinished.exists() or not usable(environment):
        if environment.python.exists():
            steps.say("The .venv that is there is half made, moved or too old: making it anew.")
        clear(environment)
        environment.unfinished.touch()
        create(environment, steps, with_pip=find_uv(environment) is None)
    environment.unfinished.touch()
    uv = find_uv(environment) or get_uv(environment, steps)
    for each in part.contains:
        if each is part or not environment.is_ready(each):
            tool = "uv" if uv else "pip"
            steps.say(f"installing and compiling what {each} lists, with {tool}")
            install(environment, each, uv, steps)
    compile_kit(environment)
    install_settings(environment.folder)
    make_empty_store(environment, steps)
    environment.unfinished.unlink()
    for each in part.contains:
        environment.write_stamp(each)
    steps.say("The kit is set up.")


def check_space(root: Path) -> None:
    """Refuse to begin where the disk is too full to end."""
    free = shutil.disk_usage(root).free
    if free < SPACE_NEEDED:
        raise KitError(
            f"{root}: {free / 1e9:.1f} GB are free on this disk, and the set-up needs "
            f"{SPACE_NEEDED / 1e9:.0f}. Make room, or put the kit on another disk. {AGAIN}"
        )


def usable(environment: Environment) -> bool:
    """Return whether there is an interpreter here that the kit can be installed into."""
    version = None if environment.was_moved() else environment.version()
    return version is not None and tuple(map(int, version.split("."))) >= KIT_PYTHON


def clear(environment: Environment) -> None:
    """Empty the folder, but for the lock that is held and the log."""
    for path in environment.folder.iterdir():
        if path in (environment.lock, environment.log):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def create(environment: Environment, steps: Steps, with_pip: bool) -> None:
    """Make the bare `.venv` with the interpreter that runs this."""
    base = Path(getattr(sys, "_base_executable", None) or sys.executable)
    version = ".".join(map(str, sys.version_info[:3]))
    steps.say(f"making .venv with Python {version} ({base})")
    words: list[str | Path] = [base, "-m", "venv", environment.folder]
    if not with_pip:
        words.append("--without-pip")
    try:
        run(environment, words, steps)
    except ToolError as error:
        if "ensurepip" not in error.output:
            raise KitError(explain(error.output, environment.log)) from None
        raise KitError(
            "This Python cannot make a virtual environment with pip: the part `ensurepip` is "
            "missing. On Debian and Ubuntu: sudo apt install python3-venv. Or install uv "
            f"(docs.astral.sh/uv); the kit uses it. {AGAIN}"
        ) from None


def find_uv(environment: Environment) -> list[str] | None:
    """Return the words that start uv: on the PATH, in this Python, or in the `.venv`."""
    beside = environment.python.with_name("uv.exe" if sys.platform == "win32" else "uv")
    found = shutil.which("uv")
    for words in ([found] if found else [], [sys.executable, "-m", "uv"], [str(beside)]):
        if words and answers([*words, "--version"]):
            return words
    return None


def answers(words: Sequence[str]) -> bool:
    """Return whether a program runs and ends well."""
    try:
        return subprocess.run(words, capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def get_uv(environment: Environment, steps: Steps) -> list[str] | None:
    """Install uv into the `.venv`: it is many times faster than pip. None if it cannot be had."""
    steps.say("getting uv, which installs faster than pip")
    try:
        run(
            environment,
            [
                *(environment.python, "-m", "pip", "install", "--retries", "1"),
                *("-c", "constraints.txt", "uv"),
            ],
            steps,
        )
    except ToolError:
        return None
    return find_uv(environment)


def install(environment: Environment, part: Part, uv: list[str] | None, steps: Steps) -> None:
    """Install what a part lists, bytecode and all; pip has its try where uv fails."""
    listed = ["-r", str(part)]
    failure = ""
    if uv:
        to = ["--python", str(environment.python)]
        try:
            run(environment, [*uv, "pip", "install", *to, "--compile-bytecode", *listed], steps)
            return
        except ToolError as error:
            failure = error.output
    pip = [str(environment.python), "-m", "pip"]
    if uv and not answers([*pip, "--version"]):
        raise KitError(explain(failure, environment.log))
    if uv:
        steps.say("uv could not; trying pip")
    try:
        run(environment, [*pip, "install", "--retries", "2", "--compile", *listed], steps)
    except ToolError as error:
        raise KitError(explain(failure or error.output, environment.log)) from None


def run(environment: Environment, words: Sequence[str | Path], steps: Steps) -> None:
    """Run an installer in the kit's folder."""
    env = {**environment_for(environment.python), "UV_PYTHON_DOWNLOADS": "never"}
    steps.run(words, environment.log, env, environment.root)


def compile_kit(environment: Environment) -> None:
    """Compile the kit's own modules, which lie outside the `.venv`."""
    env = environment_for(environment.python)
    words = [str(environment.python), "-m", "compileall", "-q", str(environment.root / "widgets")]
    subprocess.run(words, env=env, capture_output=True, check=False)


def make_empty_store(environment: Environment, steps: Steps) -> None:
    """Keep an empty MLflow database beside the environment: a learner's is a copy of it."""
    steps.say("making an empty MLflow database: some seconds, half a minute on a slow machine")
    words = [str(environment.python), "-m", "widgets.mlflow_ui.store"]
    env = environment_for(environment.python)
    # Where it cannot be made here it is made when it is needed, which takes some seconds.
    subprocess.run(words, env=env, cwd=environment.root, capture_output=True, check=False)


NO_NETWORK = re.compile(
    r"dns error|name resolution|resolve host|error sending request|client error|connect error|"
    r"connection (refused|reset|error|timed out|broken)|failed to establish|timed? ?out|"
    r"unreachable|no route to host|max retries|proxy|network",
    re.IGNORECASE,
)
NO_TRUST = re.compile(r"certificate|unknownissuer|ssl", re.IGNORECASE)
NO_SPACE = re.compile(r"no space left|os error 28|quota|not enough space", re.IGNORECASE)


def explain(output: str, log: Path) -> str:
    """Return what to tell a person whose installer ended with this output."""
    whole = f"All that the installer said is in {log}."
    if NO_SPACE.search(output):
        return f"The disk is full. Make room (the kit needs about 2 GB). {AGAIN}\n{whole}"
    if NO_TRUST.search(output):
        return (
            f"{host_in(output)} was reached, but its certificate is not trusted here: often a "
            "company's proxy. Set SSL_CERT_FILE and PIP_CERT to the company's certificate file "
            f"(your administrator has it). {AGAIN}\n{whole}"
        )
    if NO_NETWORK.search(output):
        return (
            f"{host_in(output)} could not be reached, and the packages come from there. Check the "
            "network. Behind a proxy set HTTPS_PROXY; with a package index of your own set "
            f"PIP_INDEX_URL and UV_DEFAULT_INDEX. {AGAIN}\n{whole}"
        )
    tail = "\n".join(f"  {line}" for line in output.strip().splitlines()[-12:])
    return f"The packages could not be installed. The installer's last words:\n{tail}\n{whole}"


def host_in(output: str) -> str:
    """Return the host that an installer's output speaks of, without a name or password."""
    found = re.search(r"https?://(?:[^/\s@]*@)?([^/\s:`'\")]+)", output)
    found = found or re.search(r"host='([^']+)'", output)
    return found[1] if found else "The package index"
