"""Which programs a CI step starts, as far as a shell script says so plainly."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

LONGEST = 4000  # signs of a line, and lines of a script, that are looked at
BETWEEN = re.compile(r"(\|\||&&|[|;&])")
# Words that only lead to the program which is meant.
LEADERS = (
    ("uv", "run"),
    ("poetry", "run"),
    ("pipenv", "run"),
    ("pdm", "run"),
    ("pixi", "run"),
    ("hatch", "run"),
    ("rye", "run"),
    ("coverage", "run", "-m"),
    ("sudo",),
    ("time",),
    ("xvfb-run",),
    ("exec",),
)
TESTERS = {"pytest", "py.test", "tox", "nox", "nose2", "unittest"}
RUNNERS = {"make", "just", "task", "inv", "invoke"}
NOT_RUN = {"--version", "-V", "--help", "-h", "--collect-only", "--co", "--fixtures"}
TRAINS = re.compile(r"(?:^|[\W_])(?:re)?train(?:ing|er)?(?:$|[\W_])", re.IGNORECASE)
SCRIPTS = {"bash", "sh", "python", "python3"}


@dataclass(frozen=True)
class Command:
    """One program with its words; `held` is False where its failure is not the script's."""

    words: tuple[str, ...]
    held: bool

    @property
    def tests(self) -> bool:
        """Whether it runs Python tests."""
        if not self.held or NOT_RUN & set(self.words):
            return False
        program, *rest = self.words
        if program in TESTERS:
            return True
        return program in RUNNERS and bool({"test", "tests", "check"} & set(rest))

    @property
    def trains(self) -> bool:
        """Whether it trains, by its name."""
        if self.words[:2] in (("dvc", "repro"), ("mlflow", "run")):
            return self.held
        return self.held and bool(TRAINS.search(" ".join(self.words)))

    @property
    def locks(self) -> tuple[str, ...]:
        """The lock files that it installs from; "*" is the one of its tool."""
        words, named = self.words, set(self.words)
        match words[:2]:
            case ("uv", "sync"):
                return ("uv.lock",) if named & {"--frozen", "--locked"} else ()
            case ("poetry", "install" | "sync"):
                return ("poetry.lock",)
            case ("pipenv", "sync"):
                return ("Pipfile.lock",)
            case ("pipenv", "install"):
                return ("Pipfile.lock",) if "--deploy" in named else ()
            case ("pdm", "sync" | "install"):
                return ("pdm.lock",)
            case ("pixi", "install"):
                return ("pixi.lock",) if named & {"--frozen", "--locked"} else ()
            case ("conda-lock", "install"):
                return ("conda-lock.yml",)
        if words[0] in ("pip", "pip3") or words[:2] == ("uv", "pip"):
            return tuple(_required(words))
        return ()

    @property
    def script(self) -> str | None:
        """The file of the repository that it starts, or None."""
        first = self.words[1] if self.words[0] in SCRIPTS and len(self.words) > 1 else self.words[0]
        is_file = "/" in first or first.endswith((".py", ".sh"))
        return first.removeprefix("./") if is_file and not first.startswith("-") else None


def commands(script: str) -> Iterator[Command]:
    """Yield the programs of a script, in its order."""
    pipefail = re.search(r"^[ \t]*set\s+-\S*o\s+pipefail\b", script, re.M) is not None
    careless = re.search(r"^[ \t]*set\s+\+e\b", script, re.M) is not None
    joined = script.replace("\\\n", " ")
    for line in joined.splitlines()[:LONGEST]:
        parts = BETWEEN.split(line[:LONGEST])
        for at in range(0, len(parts), 2):
            words = _words(parts[at])
            if not words:
                continue
            follows = parts[at + 1] if at + 1 < len(parts) else ""
            lost = follows in ("||", "&") or (follows == "|" and not pipefail)
            yield Command(words, not (lost or careless))


def _words(text: str) -> tuple[str, ...]:
    try:
        words = shlex.split(text, comments=True)
    except ValueError:  # a quotation that goes on in the next line
        words = text.split("#")[0].split()
    while words and (re.fullmatch(r"\w+=.*", words[0]) or words[0] in ("(", "{", "then", "do")):
        words = words[1:]
    led = True
    while led and words:
        led = False
        for leader in LEADERS:
            if tuple(words[: len(leader)]) == leader:
                words, led = words[len(leader) :], True
                while words and words[0].startswith("-"):
                    words = words[1:]
                break
    if len(words) > 2 and PurePosixPath(words[0]).name.startswith("python") and words[1] == "-m":
        words = words[2:]
    if words:
        short = PurePosixPath(words[0]).name
        known = short in TESTERS | {"pip", "python", "python3"}
        words = [short if known else words[0], *words[1:]]
    return tuple(words)


def _required(words: tuple[str, ...]) -> Iterator[str]:
    """Yield the files that `pip install -r` and `uv pip sync` name."""
    if "sync" in words:
        yield from (word for word in words[1:] if word.endswith((".txt", ".lock")))
    if "install" not in words:
        return
    for at, word in enumerate(words):
        if word in ("-r", "--requirement") and at + 1 < len(words):
            yield words[at + 1]
        elif word.startswith("-r") and len(word) > 2:
            yield word[2:]
        elif word.startswith("--requirement="):
            yield word.partition("=")[2]
