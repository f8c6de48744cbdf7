"""The quiz widget: a thin view of a `QuizSession`.

What goes to the browser before an answer (the traits) holds no solution. What is right, and
why, follows by message after the answer, so it never stands in a notebook's JSON.
"""

import base64
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import traitlets

from widgets.base.errors import KitError
from widgets.base.view import View
from widgets.quiz.bank import Bank
from widgets.quiz.questions import Image, Number, Question
from widgets.quiz.session import AnswerStore, Feedback, QuizSession
from widgets.quiz.words import in_words

__all__ = ["Quiz", "QuizSession"]

HERE = Path(__file__).parent


class Quiz(View):
    """A quiz in a notebook.

    Parameters
    ----------
    bank
        The questions (`load_bank`).
    store
        Where the answers are kept; without one the quiz works and forgets.
    practice_titles
        Practice id → words for the learner; a practice that is not in it shows its id.
    seed
        Makes the order repeatable.
    """

    _esm = HERE / "quiz.js"
    _css = HERE / "quiz.css"
    title = traitlets.Unicode().tag(sync=True)
    intro = traitlets.Unicode().tag(sync=True)
    questions = traitlets.List().tag(sync=True)

    def __init__(
        self,
        bank: Bank,
        store: AnswerStore | None = None,
        practice_titles: Mapping[str, str] | None = None,
        seed: int | None = None,
    ) -> None:
        self.session = QuizSession(bank, store, seed)
        self._practice_titles = dict(practice_titles or {})
        super().__init__(title=bank.title, intro=bank.intro, questions=self._all_shown())
        self.on_msg(self._receive)

    def text(self) -> str:
        """Return the title and the questions in the order of the bank, without any answer."""
        bank = self.session.bank
        lines = [f"{bank.title} ({len(bank.questions)} questions; answered in the lab)"]
        for number, question in enumerate(bank.questions, start=1):
            lines += ["", *in_words(number, question)]
        return "\n".join(lines)

    def _receive(self, widget: Any, content: object, buffers: Any) -> None:
        message = content if isinstance(content, dict) else {}
        question = str(message.get("question", ""))
        try:
            match message.get("type"):
                case "ready":
                    self.session.load()
                    self._send_results()
                case "answer":
                    feedback = self.session.answer(question, message.get("answer"))
                    self.send(
                        {"type": "feedback", "feedback": asdict(feedback), **self._standing()}
                    )
                case "retry":
                    self.session.retry(question)
                    shown = self._shown(self.session.bank.question(question))
                    self.send({"type": "retry", "question": shown, **self._standing()})
                case "restart":
                    self.session.restart()
                    self.questions = self._all_shown()
                    self._send_results()
        except KitError as error:
            self.send({"type": "problem", "question": question, "text": str(error)})

    def _send_results(self) -> None:
        results: list[Feedback] = self.session.results()
        self.send(
            {"type": "results", "results": [asdict(each) for each in results], **self._standing()}
        )

    def _standing(self) -> dict[str, Any]:
        score = self.session.score
        again = [question.id for question in self.session.look_again()]
        return {
            "score": {**asdict(score), "text": str(score)},
            "look_again": again,
            "problem": self.session.problem,
        }

    def _all_shown(self) -> list[dict[str, Any]]:
        return [self._shown(question) for question in self.session.questions]

    def _shown(self, question: Question) -> dict[str, Any]:
        """Return what the browser may know of a question before it is answered."""
        practice = question.practice
        return {
            "id": question.id,
            "type": question.type,
            "topic": question.topic,
            "practice": self._practice_titles.get(practice, practice) if practice else None,
            "see": question.see,
            "prompt": question.prompt,
            "case": question.case,
            "code": question.code,
            "image": self._image(question.image) if question.image else None,
            "unit": question.unit if isinstance(question, Number) else None,
            "options": [asdict(option) for option in self.session.options(question.id)],
        }

    def _image(self, image: Image) -> dict[str, str]:
        svg = self.session.bank.image_path(image).read_bytes()
        source = "data:image/svg+xml;base64," + base64.b64encode(svg).decode()
        return {"src": source, "alt": image.alt}
