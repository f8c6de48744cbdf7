"""What people answered, practice by practice: kept in a file, and held against each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BeforeValidator, RootModel

from widgets.base.content import ContentError, validated
from widgets.base.files import write_atomic
from widgets.base.stranger_yaml import read_stranger
from widgets.project.practices import questions

BYTES = 200_000
LONGEST = 80  # letters of a person's name


class Word(StrEnum):
    """What can be answered; the value is what people read."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    UNKNOWN = "don't know"


def _as_word(told: object) -> object:
    """Take YAML's own yes and no for the words that a person wrote."""
    return {True: "yes", False: "no"}.get(told, told) if isinstance(told, bool) else told


class AnswersFile(RootModel[dict[str, dict[str, Annotated[Word, BeforeValidator(_as_word)]]]]):
    """A file of answers: by person, by practice."""


Answers = Mapping[str, Mapping[str, Word]]


@dataclass(frozen=True)
class Said:
    """What all people together said of one practice.

    Attributes
    ----------
    by : mapping of str to Word
        By person.
    """

    by: Mapping[str, Word]

    @property
    def known(self) -> set[Word]:
        """The different answers, without "don't know"."""
        return set(self.by.values()) - {Word.UNKNOWN}

    @property
    def agreed(self) -> Word | None:
        """The one answer of all who know; None if they disagree, or nobody knows."""
        return next(iter(self.known)) if len(self.known) == 1 else None

    @property
    def disagree(self) -> bool:
        """Whether people said different things."""
        return len(self.known) > 1

    def __str__(self) -> str:
        return ", ".join(f"{person}: {word}" for person, word in sorted(self.by.items()))


def read_answers(files: Sequence[Path]) -> Answers:
    """Return the answers of several files together.

    Raises
    ------
    ContentError
        If a file cannot be read, an answer is none of the four, or a practice is unknown; or if
        two files hold different answers of the same person.
    """
    together: dict[str, dict[str, Word]] = {}
    for file in files:
        for person, given in read_file(file).root.items():
            if not person.isprintable() or len(person) > LONGEST:
                raise ContentError(f"{file}: a name has at most {LONGEST} letters, and no others.")
            if unknown := sorted(set(given) - set(questions())):
                raise ContentError(
                    f"{file}: {person}: there is no practice {unknown[0]}. "
                    f"There are: {', '.join(questions())}."
                )
            known = together.setdefault(person, {})
            for practice, word in given.items():
                if known.setdefault(practice, word) != word:
                    raise ContentError(
                        f"{file}: {person} answered {practice} otherwise in another file. "
                        "Leave one of them out."
                    )
    return together


def read_file(file: Path) -> AnswersFile:
    """Return one file of answers.

    Raises
    ------
    ContentError
        If it cannot be read, or is no file of answers.
    """
    try:
        with file.open("rb") as opened:
            text = opened.read(BYTES + 1).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError(f"{file}: it cannot be read ({error}).") from None
    told = read_stranger(text) if len(text) <= BYTES else None
    if told is None and text.strip():
        raise ContentError(
            f"{file}: no answers of the questionnaire. They look like this:\n"
            "  my name:\n    version-control: yes"
        )
    return validated(file, told or {}, AnswersFile)


def of_practice(answers: Answers, practice: str) -> Said:
    """Return what was said of one practice."""
    return Said({person: given[practice] for person, given in answers.items() if practice in given})


def write_answers(file: Path, answers: Answers) -> None:
    """Keep answers, whole or not at all."""
    told = {
        person: {practice: given[practice].value for practice in questions() if practice in given}
        for person, given in answers.items()
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(file, yaml.safe_dump(told, allow_unicode=True, sort_keys=False))
