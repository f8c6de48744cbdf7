"""Turns what went wrong in a check into a message for the learner: what, and where to look."""

import linecache
import traceback
from collections.abc import Iterable
from pathlib import Path
from types import FrameType, ModuleType, TracebackType

import pytest

LONGEST = 4000  # characters of a message
WRITE_IT = "Write it, or bring back what you started from with reset."

PACKAGE = "flights"  # of the learner; it may not be there yet

Place = tuple[str, int, str, str]  # file below the project, line, function, source line


def explain(error: BaseException, project: Path) -> str:
    """Return a message for `error`, which came out of a check.

    Parameters
    ----------
    error : BaseException
        An AssertionError of the check is its own message. Anything else came out of the
        learner's code, or of the check if no line of the learner's was involved.
    project : Path
        The learner's project (the copy that was checked).
    """
    text = _explain(error, project)
    return text if len(text) <= LONGEST else text[:LONGEST] + " … (cut here)"


def is_learners(error: BaseException, project: Path) -> bool:
    """Return whether an error while the check's module was read came from the learner's files."""
    if isinstance(error, SyntaxError):
        return Path(error.filename or "").is_relative_to(project)
    if isinstance(error, ImportError):
        top = (error.name or "").split(".")[0]
        if top == PACKAGE or (project / top).is_dir() or (project / f"{top}.py").exists():
            return True
    return last_place(error.__traceback__, project) is not None


def last_place(where: TracebackType | FrameType | None, project: Path) -> Place | None:
    """Return the innermost line of the learner's project in a traceback or a running frame."""
    steps: Iterable[tuple[FrameType, int]]
    if isinstance(where, FrameType):
        steps = reversed(list(traceback.walk_stack(where)))
    else:
        steps = traceback.walk_tb(where)
    found = None
    for frame, line in steps:
        if frame.f_code.co_filename.startswith("<"):  # Python's own, or made while running
            continue
        file = Path(frame.f_code.co_filename)
        if not file.is_absolute():
            file = project / file
        if file.is_relative_to(project):
            name = _below(project, file)
            source = linecache.getline(str(file), line).strip()
            found = (name, line, frame.f_code.co_name, source)
    return found


def at(place: Place | None) -> str:
    """Return a place as it is added to a message, or nothing."""
    if place is None:
        return ""
    file, line, function, source = place
    inside = f", in {function}" if function != "<module>" else ""
    return f"\n{file}, line {line}{inside}:\n    {source}"


def _explain(error: BaseException, project: Path) -> str:
    place = last_place(error.__traceback__, project)
    if isinstance(error, SyntaxError):
        return _syntax(error, project)
    if isinstance(error, AssertionError) and not _asserted_by_learner(error, project):
        return _text(error) or "This was not as it should be (the check gives no reason)."
    if isinstance(error, SystemExit):
        return f"Your code ended the process with sys.exit({error.code!r}).{at(place)}"
    if isinstance(error, KeyboardInterrupt | pytest.exit.Exception):
        said = "is there a KeyboardInterrupt or a pytest.exit() in it?"
        return f"Your code ended the whole check here, as Ctrl-C does: {said}{at(place)}"
    if isinstance(error, NotImplementedError):
        return f"{_text(error) or 'Still to be written'}.{at(place)}".replace("..", ".", 1)
    said = f"{type(error).__name__}: {_text(error)}".removesuffix(": ")
    if place is not None:
        return said + at(place)
    return _at_the_border(error, project) or f"{said}{_in_check(error)}"


def _at_the_border(error: BaseException, project: Path) -> str:
    """Explain what the check did not find in the learner's files, or nothing."""
    if isinstance(error, ModuleNotFoundError):
        return _missing_module(error, project)
    if isinstance(error, ImportError):
        module = (error.name or "").replace(".", "/")
        reason = str(error.msg).split(" (")[0]
        return f"{module}.py: {reason}. It must be defined there, by this name."
    if isinstance(error, FileNotFoundError) and error.filename:
        return f"{_below(project, error.filename)} is missing. {WRITE_IT}"
    if isinstance(error, AttributeError) and isinstance(error.obj, ModuleType):
        file = Path(getattr(error.obj, "__file__", None) or "?")
        if file.is_relative_to(project):
            what = f"{_below(project, file)} has no {error.name}"
            return f"{what}. It must be defined there, by this name."
    if isinstance(error, TypeError) and "argument" in _text(error):
        return f"{_text(error)}. Keep the parameters that the starter gives it."
    return ""


def _in_check(error: BaseException) -> str:
    steps = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(steps[-1].filename).name}, line {steps[-1].lineno})" if steps else ""
    return f"{where}. No line of yours was running: what was returned may be unusable."


def _asserted_by_learner(error: AssertionError, project: Path) -> bool:
    frames = list(traceback.walk_tb(error.__traceback__))
    return bool(frames) and Path(frames[-1][0].f_code.co_filename).is_relative_to(project)


def _syntax(error: SyntaxError, project: Path) -> str:
    place = f"{_below(project, error.filename or '?')}, line {error.lineno}"
    return f"{type(error).__name__}: {error.msg}\n{place}:\n    {(error.text or '').strip()}"


def _missing_module(error: ModuleNotFoundError, project: Path) -> str:
    name = error.name or ""
    top, *inner = name.split(".")
    if top == PACKAGE or (project / top).is_dir():
        file = name.replace(".", "/") + (".py" if inner else "/__init__.py")
        return f"{file} is missing. {WRITE_IT}"
    return f"The package {name!r} is not installed here. Use what the exercise has, or another way."


def _below(project: Path, name: object) -> str:
    path = Path(str(name))
    return (path.relative_to(project) if path.is_relative_to(project) else path).as_posix()


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as second:
        return f"(its message cannot be shown: {type(second).__name__})"
