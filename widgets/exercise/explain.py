"""Turns what went wrong in a check into a message for the learner: what, and where to look."""

import linecache
import traceback
from pathlib import Path
from types import TracebackType

Place = tuple[str, int, str, str]  # file below the project, line, function, source line


def explain(error: BaseException, project: Path, checks: Path) -> str:
    """Return a message for `error`, which came out of a check.

    Parameters
    ----------
    error : BaseException
        An AssertionError of the check is its own message. Anything else came out of the
        learner's code, or of the check if no line of the learner's was involved.
    project, checks : Path
        The learner's project (the copy that was checked), and the folder of the checks.
    """
    place = last_place(error.__traceback__, project)
    if isinstance(error, SyntaxError):
        return _syntax(error, project)
    if isinstance(error, AssertionError) and not _is_learners(error, project):
        return str(error) or "This was not as it should be (the check gives no reason)."
    if isinstance(error, ModuleNotFoundError) and place is None:
        return _missing_module(error)
    if isinstance(error, ImportError) and place is None:
        module = (error.name or "").replace(".", "/")
        return f"{module}.py: {error.msg.split(' (')[0]}. It must be defined there, by this name."
    if isinstance(error, FileNotFoundError) and place is None and error.filename:
        missing = Path(str(error.filename))
        name = missing.relative_to(project) if missing.is_relative_to(project) else missing
        return f"{name} is missing. Write it, or bring back what you started from with reset."
    if isinstance(error, SystemExit):
        return f"Your code ended the process with sys.exit({error.code!r}).{_at(place)}"
    if isinstance(error, NotImplementedError):
        return f"{error}.{_at(place)}" if str(error) else f"Still to be written.{_at(place)}"
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if place is None:
        where = traceback.extract_tb(error.__traceback__)
        last = where[-1] if where else None
        at = f" ({Path(last.filename).name}, line {last.lineno})" if last else ""
        return f"{said}{at}. No line of yours was running: what was returned may be unusable."
    return said + _at(place)


def last_place(trace: TracebackType | None, project: Path) -> Place | None:
    """Return the innermost line of the learner's project in a traceback."""
    found = None
    for frame, line in traceback.walk_tb(trace):
        if frame.f_code.co_filename.startswith("<"):  # Python's own, or made while running
            continue
        file = Path(frame.f_code.co_filename)
        if not file.is_absolute():
            file = project / file
        if file.is_relative_to(project):
            name = str(file.relative_to(project))
            source = linecache.getline(str(file), line).strip()
            found = (name, line, frame.f_code.co_name, source)
    return found


def _is_learners(error: AssertionError, project: Path) -> bool:
    frames = list(traceback.walk_tb(error.__traceback__))
    return bool(frames) and Path(frames[-1][0].f_code.co_filename).is_relative_to(project)


def _at(place: Place | None) -> str:
    if place is None:
        return ""
    file, line, function, source = place
    inside = f", in {function}" if function != "<module>" else ""
    return f"\n{file}, line {line}{inside}:\n    {source}"


def _syntax(error: SyntaxError, project: Path) -> str:
    file = Path(error.filename or "?")
    name = file.relative_to(project) if file.is_relative_to(project) else file
    line = (error.text or "").rstrip()
    return f"SyntaxError: {error.msg}\n{name}, line {error.lineno}:\n    {line.strip()}"


def _missing_module(error: ModuleNotFoundError) -> str:
    name = error.name or ""
    if name.split(".")[0] == "flights":
        file = name.replace(".", "/") + (".py" if "." in name else "/__init__.py")
        return f"{file} is missing. Write it, or bring back what you started from with reset."
    return f"The package {name!r} is not installed here. Use what the exercise has, or another way."
