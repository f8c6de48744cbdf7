"""The questionnaire: a thin view of an `Interview`."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import traitlets

from widgets.base.errors import KitError
from widgets.base.view import View
from widgets.maturity import load
from widgets.project.answers import Word
from widgets.project.interview import Interview
from widgets.project.practices import questions

HERE = Path(__file__).parent


class Questionnaire(View):
    """The model's practices as statements, each answered by yes, partly, no or don't know.

    Parameters
    ----------
    interview : Interview
        Who answers, and where the answers are kept.
    """

    _esm = HERE / "questionnaire.js"
    _css = HERE / "questionnaire.css"
    levels = traitlets.List().tag(sync=True)
    words = traitlets.List().tag(sync=True)

    def __init__(self, interview: Interview) -> None:
        self.interview = interview
        super().__init__(levels=shown_levels(), words=[word.value for word in Word])
        self.on_msg(self._receive)

    def text(self) -> str:
        """Return the statements, without anybody's answer."""
        lines = [f"{len(questions())} statements about your team: yes, partly, no, or don't know."]
        for level in self.levels:
            lines += ["", level["title"]]
            lines += [f"- {asked['statement']}" for asked in level["practices"]]
        return "\n".join(lines)

    def _receive(self, widget: Any, content: object, buffers: Any) -> None:
        message = content if isinstance(content, dict) else {}
        problem = ""
        try:
            match message.get("type"):
                case "person":
                    self.interview.ask(str(message.get("person", "")))
                case "answer":
                    practice, word = message.get("practice"), message.get("word")
                    self.interview.answer(str(practice), str(word))
                case "forget":
                    self.interview.forget()
                case "back":
                    self.interview.bring_back()
        except KitError as error:
            problem = str(error)
        except OSError as error:
            problem = f"The answer could not be kept: {error}."
        self._tell(problem)

    def _tell(self, problem: str) -> None:
        try:
            standing = self.interview.standing()
        except (KitError, OSError) as error:
            self.send({"type": "problem", "text": str(error)})
            return
        told = {**asdict(standing), "text": str(standing), "back": self.interview.can_bring_back}
        self.send({"type": "standing", **told, "problem": problem})


def shown_levels() -> list[dict[str, Any]]:
    """Return level by level what the browser shows."""
    model = load()
    return [
        {
            "title": f"Level {level.number} · {level.name}",
            "practices": [
                {
                    "id": practice.id,
                    "title": practice.title,
                    **questions()[practice.id].model_dump(
                        include={"statement", "when_yes", "when_no"}
                    ),
                }
                for practice in model.practices_of(level.number)
            ],
        }
        for level in sorted(model.levels, key=lambda each: each.number)
        if model.practices_of(level.number)
    ]
