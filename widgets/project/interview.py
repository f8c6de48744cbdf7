"""One person after the other answers, practice by practice; each answer is kept at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from widgets.base.errors import KitError
from widgets.project.answers import LONGEST, Answers, Word, of_practice, read_answers, write_answers
from widgets.project.practices import questions


class AnswerError(KitError):
    """An answer cannot be taken; the message says why."""


@dataclass(frozen=True)
class Standing:
    """Where a person stands with the questions.

    Attributes
    ----------
    person : str
        Who answers.
    people : tuple of str
        All who have answered something, in the order of the alphabet.
    mine : mapping of str to str
        This person's answers, by practice.
    disagree : mapping of str to str
        Where this person has answered and others say something else: who says what.
    """

    person: str
    people: tuple[str, ...]
    mine: Mapping[str, str]
    disagree: Mapping[str, str]

    def __str__(self) -> str:
        told = f"{len(self.mine)} of {len(questions())} answered"
        number = len(self.disagree)
        return told if not number else f"{told}; in {number} you and others disagree"


class Interview:
    """The answers of several people, in one file.

    Parameters
    ----------
    file : Path
        Where they are kept; made at the first answer.
    person : str
        Who answers first.
    """

    def __init__(self, file: Path, person: str = "me") -> None:
        self.file = file
        self.person = person
        self._forgotten: dict[str, Mapping[str, Word]] = {}

    def answers(self) -> Answers:
        """Return what is kept; it is read anew, as another kernel may have answered too.

        Raises
        ------
        ContentError
            If the file holds something else.
        """
        return read_answers([self.file]) if self.file.exists() else {}

    def ask(self, person: str) -> None:
        """Let another person answer.

        Raises
        ------
        AnswerError
            If this is no name.
        """
        name = " ".join(person.split())
        if not name or len(name) > LONGEST or not name.isprintable():
            raise AnswerError(f"A name or a role has 1 to {LONGEST} letters.")
        self.person = name

    def answer(self, practice: str, word: str) -> None:
        """Keep an answer of the person who is asked now.

        Raises
        ------
        AnswerError
            If there is no such practice or no such answer.
        """
        if practice not in questions() or word not in list(Word):
            raise AnswerError(f"{practice}: {word}: this is no answer to one of the questions.")
        mine = {**self.answers().get(self.person, {}), practice: Word(word)}
        write_answers(self.file, {**self.answers(), self.person: mine})

    def forget(self) -> None:
        """Forget all answers of this person; `bring_back` undoes it."""
        kept = dict(self.answers())
        if mine := kept.pop(self.person, None):
            self._forgotten[self.person] = mine
            write_answers(self.file, kept)

    def bring_back(self) -> None:
        """Bring back what this person's `forget` took; what was answered since then stays."""
        if before := self._forgotten.pop(self.person, None):
            since = self.answers().get(self.person, {})
            write_answers(self.file, {**self.answers(), self.person: {**before, **since}})

    @property
    def can_bring_back(self) -> bool:
        """Whether there is something to bring back."""
        return self.person in self._forgotten

    def standing(self) -> Standing:
        """Return where the person stands who is asked now."""
        kept = self.answers()
        mine = {practice: word.value for practice, word in kept.get(self.person, {}).items()}
        # What others say is shown after the own answer only: it would lead it.
        said = {practice: of_practice(kept, practice) for practice in mine}
        disagree = {practice: str(each) for practice, each in said.items() if each.disagree}
        return Standing(self.person, tuple(sorted(kept)), mine, disagree)
