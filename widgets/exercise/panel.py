"""The exercise panel: what an exercise asks, its verbs, and what the last check said.

The panel holds no course logic. It calls the same verbs as the command line and puts what they
return where `panel.js` can draw it. Hints and solutions reach the browser only when they are
asked for.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import traitlets

from widgets.base.errors import KitError
from widgets.base.view import View, wrapped
from widgets.exercise.definition import Exercise
from widgets.exercise.push import commands_of, matters
from widgets.exercise.requirement import requirements
from widgets.exercise.result import CheckResult, Event, Outcome
from widgets.exercise.verbs import Verbs, last_check
from widgets.exercise.workspace import Change, relative_to_workspace

log = logging.getLogger(__name__)

HERE = Path(__file__).parent
LINES_SHOWN = 6  # of what a check, a push or a solution says while it runs


class ExercisePanel(View):
    """One exercise in a notebook. Showing it begins the exercise: its files are brought.

    Parameters
    ----------
    exercise : Exercise
        What is asked.
    verbs : Verbs
        What the learner can do; shared with the command line.
    on_change : callable, optional
        Called after each check, solution and reset, from the thread that did it.
    """

    _esm = HERE / "panel.js"
    _css = HERE / "panel.css"
    facts = traitlets.Dict().tag(sync=True)
    state = traitlets.Unicode().tag(sync=True)
    files = traitlets.List().tag(sync=True)
    hints = traitlets.List().tag(sync=True)
    busy = traitlets.Unicode("").tag(sync=True)
    run = traitlets.Dict(default_value=None, allow_none=True).tag(sync=True)
    result = traitlets.Dict(default_value=None, allow_none=True).tag(sync=True)
    solution = traitlets.List(default_value=None, allow_none=True).tag(sync=True)
    solution_seen = traitlets.Bool(False).tag(sync=True)
    notice = traitlets.Dict(default_value=None, allow_none=True).tag(sync=True)
    announcement = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self, exercise: Exercise, verbs: Verbs, on_change: Callable[[], None] | None = None
    ) -> None:
        self._exercise = exercise
        self._verbs = verbs
        self._on_change = on_change or (lambda: None)
        self._starting = threading.Lock()
        self._cancelled = threading.Event()
        self._thread: threading.Thread | None = None
        super().__init__(facts=self._facts())
        try:
            verbs.begin(exercise)
        except KitError as error:
            self._say("problem", str(error))
        self.refresh()
        self.result = self._last_result()
        self.on_msg(self._receive)

    def text(self) -> str:
        """Return the exercise and its state: what to do, why, in which files; no times."""
        asked = self._exercise
        lines = [f"Exercise {asked.id} · {asked.title} · {self.state}"]
        lines += [*wrapped(asked.goal), *wrapped(f"Why: {asked.why}")]
        lines += wrapped(f"Files: {', '.join(asked.files)}")
        return "\n".join(lines)

    def refresh(self) -> None:
        """Show what is kept now, for example after the command line has done something."""
        self.state = str(self._verbs.standing(self._exercise))
        self.files = [self._file(name) for name in self._exercise.files]
        self.hints = [hint.text for hint in self._verbs.hints(self._exercise)]
        self.solution_seen = self._verbs.progress.solution_seen(self._exercise.id, "shown")

    # -- the verbs

    def do(self, verb: str, asked_by: str = "") -> None:
        """Do what a click asks for; while something runs, only "cancel" does anything.

        Parameters
        ----------
        verb : str
            "check", "push", "use" and "reset" run in a thread (`wait`); "hint", "show" and
            "cancel" do not.
        asked_by : str
            The view that is told which files were written.
        """
        if verb == "cancel":
            self._cancelled.set()
            return
        works = {
            "check": self._check,
            "push": self._push,
            "use": self._use,
            "reset": self._reset,
        }
        work = works.get(verb)
        at_once = {"hint": self._hint, "show": self._show}.get(verb)
        with self._starting:  # two clicks, or two views, start one thing
            if self.busy:
                return
            self.notice = None
            self.announcement = ""
            if work is not None:
                self.busy = verb
                self._cancelled.clear()
                self._thread = threading.Thread(
                    target=self._work, args=(work, asked_by), daemon=True
                )
                self._thread.start()
            elif at_once is not None:
                self._carefully(at_once)

    def wait(self, seconds: float | None = None) -> None:
        """Wait until what was begun last has ended."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _receive(self, _widget: object, message: Any, _buffers: object) -> None:
        asked_by = str(message.get("from", ""))
        self.do(str(message.get("verb", "")), asked_by)
        self.send({"kind": "heard", "from": asked_by})

    def _work(self, work: Callable[[str], None], asked_by: str) -> None:
        def all_of_it() -> None:
            work(asked_by)
            self._on_change()

        self._carefully(all_of_it)
        self._carefully(self.refresh)
        self.run = None
        self.busy = ""

    def _carefully(self, work: Callable[[], None]) -> None:
        try:
            work()
        except KitError as error:
            self._say("problem", str(error))
        except Exception as error:
            log.exception("exercise %s", self._exercise.id)
            self._say(
                "problem",
                f"The kit itself failed here: {type(error).__name__}: {error}\n"
                "This is not your mistake. Run this cell again and try once more.",
            )

    def _check(self, _asked_by: str) -> None:
        began = time.monotonic()
        now: dict[str, Any] = {"said": [], "number": 0, "total": 0}

        def follow(event: Event) -> None:
            match event.kind:
                case "collected":
                    now["total"] = len(event.items)
                case "start":
                    now["requirement"] = event.text
                    now["number"] += 1
                case "say":
                    now["said"] = [*now["said"], event.text][-LINES_SHOWN:]
            self.run = {**now, "elapsed": time.monotonic() - began}

        result = self._verbs.check(self._exercise, follow, self._cancelled)
        if result.stopped:
            self._say("done", "The check was stopped. Nothing was recorded.")
            return
        at = datetime.now(UTC).isoformat(timespec="seconds")
        self.result = _shown(result, at)
        self.announcement = _announced(result)
        self._keep_result(self.result)

    def _hint(self) -> None:
        self._verbs.hint(self._exercise)
        self.refresh()

    def _show(self) -> None:
        self.solution = [asdict(file) for file in self._verbs.show_solution(self._exercise)]
        self.refresh()

    def _push(self, _asked_by: str) -> None:
        said = self._verbs.push(self._exercise, self._telling())
        told = matters(said)
        self._say("done", "Your work is on main. The origin said:\n" + _indented(told))

    def _use(self, asked_by: str) -> None:
        change = self._verbs.use_solution(self._exercise, self._telling())
        self._tell_written(change, "The solution now stands in", asked_by)
        if self.solution is not None:
            self._show()

    def _reset(self, asked_by: str) -> None:
        change = self._verbs.reset(self._exercise)
        self.result = self.solution = None
        self._tell_written(change, "What you started from stands again in", asked_by)

    def _telling(self) -> Callable[[str], None]:
        """Return what shows the last lines that it is told."""
        began = time.monotonic()
        lines: deque[str] = deque(maxlen=LINES_SHOWN)

        def say(line: str) -> None:
            lines.append(line)
            self.run = {"said": list(lines), "elapsed": time.monotonic() - began}

        return say

    # -- what is shown

    def _facts(self) -> dict[str, Any]:
        exercise = self._exercise
        named = exercise.model_dump(include={"id", "title", "goal", "why", "minutes", "slow"})
        return named | {
            "asks": requirements(self._verbs.catalogue.check_file(exercise)),
            "commands": [*(commands_of(exercise) if exercise.pushes else ()), *exercise.commands],
            "pushes": exercise.pushes,
            "hints": len(exercise.hints),
            "folder": self._verbs.layout.project.as_posix(),
            "home": Path.home().as_posix(),
        }

    def _file(self, name: str) -> dict[str, str]:
        path = self._verbs.layout.project / name
        kind = "folder" if path.is_dir() else "file" if path.exists() else "missing"
        return {"path": name, "full": path.as_posix(), "kind": kind}

    def _tell_written(self, change: Change, what: str, asked_by: str) -> None:
        if not change.files:
            self._say("done", "Your files say this already. Nothing was replaced.")
            return
        project = self._verbs.layout.project
        names = ", ".join(f"`{path.relative_to(project).as_posix()}`" for path in change.files)
        text = f"{what} {names}."
        if change.copies:
            copies = relative_to_workspace(change.copies, self._verbs.layout)
            kept = "Your file is kept at" if len(copies) == 1 else "Your files are kept at"
            text += f" {kept}:\n" + _indented(copies)
        self._say("done", text)
        files = [path.as_posix() for path in change.files]
        self.send({"kind": "written", "files": files, "from": asked_by})

    def _say(self, kind: str, text: str) -> None:
        self.notice = {"kind": kind, "text": text}
        self.announcement = text

    # -- the last result, for a notebook that is opened again

    @property
    def _note(self) -> str:
        return last_check(self._exercise.id)

    def _keep_result(self, shown: dict[str, Any]) -> None:
        progress = self._verbs.progress
        kept = {key: shown[key] for key in ("passed", "at", "items")}
        progress.set_note(self._note, kept | {"attempts": progress.attempts(self._exercise.id)})

    def _last_result(self) -> dict[str, Any] | None:
        progress = self._verbs.progress
        attempts = progress.attempts(self._exercise.id)
        match progress.note(self._note):
            case {"passed": bool(passed), "at": str(at), "attempts": int(then), **rest} if (
                then == attempts
            ):
                items = [item for item in _listed(rest.get("items")) if _is_item(item)]
                kept = {"passed": passed, "at": at, "items": items}
                return kept | {"seconds": None, "output": ""}
        return None  # never checked, or last checked on the command line


def _shown(result: CheckResult, at: str) -> dict[str, Any]:
    items = [asdict(item) | {"outcome": str(item.outcome)} for item in result.items]
    shown = {"passed": result.passed, "at": at, "seconds": result.seconds, "items": items}
    return shown | {"output": result.output.strip()}


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _is_item(value: object) -> bool:
    """Return whether a note's entry is what `_shown` made of a requirement."""
    match value:
        case {"requirement": str(), "outcome": str(outcome), "message": str()}:
            return outcome in {each.value for each in Outcome}
    return False


def _announced(result: CheckResult) -> str:
    met = sum(item.outcome is Outcome.PASSED for item in result.items)
    word = "passed" if result.passed else "not yet"
    said = f"Exercise {result.exercise}: {word}. {met} of {len(result.items)} requirements met."
    failed = [item.requirement for item in result.items if item.outcome is Outcome.FAILED]
    return said + (f" Not yet: {failed[0]}" if failed else "")


def _indented(lines: Sequence[str]) -> str:
    return "\n".join(f"    {line}" for line in lines)
