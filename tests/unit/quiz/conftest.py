"""A small bank on disk with every type of question, and ways to break it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from widgets.quiz.bank import Bank, read_bank

WHY = "because it is so"


def choice(question_id: str, kind: str, right: int) -> dict[str, Any]:
    """Return a question with four options, the first `right` of them correct."""
    return {
        "id": question_id,
        "topic": f"topic of {question_id}",
        "practice": "automated-tests",
        "type": kind,
        "prompt": f"What about {question_id}?",
        "options": [
            {"text": f"{question_id} option {n}", "because": f"{WHY} {n}", "correct": n < right}
            for n in range(4)
        ],
    }


@pytest.fixture
def content() -> dict[str, Any]:
    """Return the content of a bank that is in order; each test may break its own copy."""
    base = {"practice": None, "topic": "a topic"}
    return {
        "bank": "small",
        "title": "A small quiz",
        "intro": "Five minutes.",
        "questions": [
            choice("one", "single", 1),
            choice("some", "several", 2),
            {
                **base,
                "id": "sorted",
                "type": "order",
                "prompt": "In which order?",
                "items": [{"text": text, "because": WHY} for text in ("first", "second", "third")],
            },
            {
                **base,
                "id": "team",
                "type": "classify",
                "prompt": "Which level?",
                "case": "A notebook on a laptop.",
                "level": 0,
                "because": {level: f"{WHY} {level}" for level in range(5)},
            },
            {
                **base,
                "id": "count",
                "type": "number",
                "prompt": "How many?",
                "answer": 0.4,
                "tolerance": 0.1,
                "unit": "%",
                "because": WHY,
                "traps": [{"value": 40, "because": "that is the share of another thing"}],
                "image": {"file": "plot.svg", "alt": "a plot"},
            },
            choice("two", "single", 1),
            choice("three", "single", 1),
            choice("four", "single", 1),
        ],
    }


@pytest.fixture
def write_bank(tmp_path: Path) -> Callable[[dict[str, Any]], Path]:
    """Return a function that writes a bank with its picture and returns its path."""

    def write(content: dict[str, Any]) -> Path:
        (tmp_path / "images").mkdir(exist_ok=True)
        (tmp_path / "images" / "plot.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
        path = tmp_path / "small.yaml"
        path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
        return path

    return write


@pytest.fixture
def bank(write_bank: Callable[[dict[str, Any]], Path], content: dict[str, Any]) -> Bank:
    """Return the small bank, read from disk."""
    return read_bank(write_bank(content))
