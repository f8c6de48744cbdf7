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
TESTERS = {"pytest", "py.test", "nose2", "unittest"}
# What these start stands in a file of their own, which is not looked into.
RUNNERS = {"make", "just", "task", "inv", "invoke", "tox", "nox", "hatch", "npm"}
NOT_RUN = {"--version", "-V", "--help", "-h", "--collect-only", "--co", "--fixtures"}
TRAINS = re.compile(r"(?:^|[\W_])(?:re)?train(?:ing|er)?(?:$|[\W_])", re.IGNORECASE)
SCRIPTS = {"bash", "sh", "python", "python3"}
INSTALLERS = {"pip", "uv", "wheel", "setuptools"}  # a new one of these changes no version
WITH_VALUE = {
    *("-r", "--requirement", "-c", "--constraint", "-i", "--index-url", "--extra-index-url"),
    *("-f", "--find-links", "-t", "--target", "--trusted-host", "--timeout", "--retries"),
}
# Between these, whether a command runs depends on what only the shell knows.
OPENING = {"if", "for", "while", "until", "case", "select", "function"}
CLOSING = {"fi", "done", "esac"}
LEFT_OUT = {"(", "{", "then", "do", "else"}
# Before "&&" these are no conditions; whether another one succeeds may be what is asked.
PREPARING = {"cd", "set", "export", "source", ".", "echo", "mkdir", "pip", "pip3", "uv", "poetry"}
PREPARING |= {"pipenv", "pdm", "pixi", "ls", "pwd", "which"} | TESTERS
ENDING = {"exit", "return", "exec", "trap", "kill"}
HEREDOC = re.compile(r"<<-?\s*[\"']?(\w+)")


@dataclass(frozen=True)
class Command:
    """One program with its words.

    Attributes
    ----------
    words : tuple of str
        The program, and what it is given.
    held : bool
        False where it may not run, or its failure is not the script's.
    at : str
        The folder into which the script has gone by then, as it says; else empty.
    """

    words: tuple[str, ...]
    held: bool
    at: str = ""

    @property
    def tests(self) -> bool:
        """Whether it runs Python tests."""
        return self.held and not NOT_RUN & set(self.words) and self.words[0] in TESTERS

    @property
    def may_test(self) -> bool:
        """Whether it starts something that by its name may run tests."""
        program, *rest = self.words
        if program in ("tox", "nox"):
            return self.held
        return self.held and program in RUNNERS and bool({"test", "tests", "check"} & set(rest))

    @property
    def trains(self) -> bool:
        """Whether it trains, by the name of the program, the script or the target."""
        program, *rest = self.words
        if self.words[:2] in (("dvc", "repro"), ("mlflow", "run")):
            return self.held
        names = [program]
        if program in RUNNERS:
            names += rest
        elif program in SCRIPTS:
            names = [self.script or ""]
        plain = (PurePosixPath(name).name for name in names)
        return self.held and any(
            TRAINS.search(name) and not name.startswith("test_") for name in plain
        )

    @property
    def locks(self) -> tuple[str, ...]:
        """The lock files that it installs from."""
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

    @property
    def loose(self) -> tuple[str, ...]:
        """What it installs with pip without a version."""
        words = self.words
        if "install" not in words or not {"pip", "pip3"} & set(words[:2]):
            return ()
        names = words[words.index("install") + 1 :]
        return tuple(
            name
            for before, name in zip(("", *names), names, strict=False)
            if before not in WITH_VALUE
            and re.match(r"[A-Za-z]", name)
            and not re.search(r"==|/|\.(whl|txt)$", name)
            and name not in INSTALLERS
        )


def commands(script: str) -> Iterator[Command]:
    """Yield the programs of a script, in its order."""
    pipefail = re.search(r"^[ \t]*set\s+-\S*o\s+pipefail\b", script, re.M) is not None
    careless = re.search(r"^[ \t]*set\s+\+e\b", script, re.M) is not None
    depth, at, ended = 0, "", False
    for line in _lines(script):
        parts = BETWEEN.split(line[:LONGEST])
        asked = False  # by a condition, earlier in the line
        for number in range(0, len(parts), 2):
            words = _words(parts[number])
            if not words:
                continue
            depth += words[0] in OPENING
            depth -= words[0] in CLOSING
            follows = parts[number + 1] if number + 1 < len(parts) else ""
            lost = asked or "||" in parts or follows == "&" or (follows == "|" and not pipefail)
            asked = asked or (follows == "&&" and words[0] not in PREPARING)
            ended = ended or words[0] in ENDING
            if words[0] == "cd" and len(words) == 2:
                at = PurePosixPath(at, words[1]).as_posix()
            if words[0] in OPENING | CLOSING:
                continue
            yield Command(words, not (lost or careless or ended or depth > 0), at)


def _lines(script: str) -> Iterator[str]:
    """Yield a script's lines: what is quoted over several is one, a document in it is none."""
    until, quote, line = "", "", ""
    for raw in script.replace("\\\n", " ").splitlines()[:LONGEST]:
        if until:
            until = "" if raw.strip() == until else until
            continue
        before = ""
        for sign in raw[:LONGEST]:
            if quote:
                quote = "" if sign == quote and before != "\\" else quote
            elif sign == "#" and (not before or before.isspace()):
                break
            elif sign in "\"'" and before != "\\":
                quote = sign
            before = sign
        line = f"{line} {raw}" if line else raw
        if quote:
            continue
        if found := HEREDOC.search(line):
            until = found[1]
        yield line
        line = ""


def _words(text: str) -> tuple[str, ...]:
    try:
        words = shlex.split(text, comments=True)
    except ValueError:  # a quotation that goes on in the next line
        words = text.split("#")[0].split()
    while words and (re.fullmatch(r"\w+=.*", words[0]) or words[0] in LEFT_OUT):
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
