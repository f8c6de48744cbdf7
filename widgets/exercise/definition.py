"""What an exercise is: read from `exercises/level_N/exercises.yaml`, one entry each."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from widgets.base.content import Content, ContentError, read_yaml
from widgets.base.errors import KitError
from widgets.base.paths import KIT_ROOT

Text = Annotated[str, Field(min_length=1)]


class Exercise(Content):
    """One exercise.

    Attributes
    ----------
    id, title, goal, why : str
        What the learner reads; the id is "level.number".
    files : tuple of str
        What the learner edits, below `project/`; the first is the one that opens.
    given : tuple of str
        Further files that arrive with it.
    brings : tuple of str
        Files that take the place of what is there, once, when it begins; a copy is kept.
    adds : tuple of str
        Files that arrive when it has passed: the tests that hold what was written from then on.
    practices : tuple of str
        The practices of the maturity model that it serves.
    minutes : int
        How long a learner needs.
    budget : float
        Seconds that the check may take on two cores.
    limit : float
        Seconds after which the check is stopped.
    slow : str or None
        What is said before a check that really runs something.
    hints : tuple of str
        From a direction to nearly the code.
    commands : tuple of str
        What is typed into a terminal, in `project/`.
    pushes : str or None
        The message of the commit that ends it; it goes to a branch and then to main.
    needs : tuple of str
        What must exist beside files: "origin", "mlflow".
    leaves : mapping
        What exists afterwards beside files.
    """

    id: Annotated[str, Field(pattern=r"^\d\.\d+$")]
    title: Text
    goal: Text
    why: Text
    files: Annotated[tuple[Text, ...], Field(min_length=1)]
    given: tuple[Text, ...] = ()
    brings: tuple[Text, ...] = ()
    adds: tuple[Text, ...] = ()
    practices: tuple[Text, ...] = ()
    minutes: Annotated[int, Field(gt=0)]
    budget: Annotated[float, Field(gt=0)]
    limit: Annotated[float, Field(gt=0)] = 60
    slow: str | None = None
    hints: Annotated[tuple[Text, ...], Field(min_length=3)]
    commands: tuple[Text, ...] = ()
    pushes: str | None = None
    needs: tuple[Text, ...] = ()
    leaves: Mapping[str, object] = Field(default_factory=dict)

    @property
    def level(self) -> int:
        """The level that the exercise belongs to."""
        return int(self.id.split(".")[0])

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands in the course: level and number, so that 1.10 comes after 1.9."""
        level, number = self.id.split(".")
        return int(level), int(number)

    @property
    def branch(self) -> str:
        """The branch that its work is pushed to before it may become main."""
        return f"exercise-{self.id.replace('.', '-')}"

    @property
    def key(self) -> str:
        """The id as it stands in file names: 1_1."""
        return self.id.replace(".", "_")


class _File(Content):
    level: int
    exercises: tuple[Exercise, ...]


@dataclass(frozen=True)
class Catalogue:
    """All exercises, in the order of the course, and where their files stand."""

    root: Path
    exercises: tuple[Exercise, ...]

    def exercise(self, exercise: str) -> Exercise:
        """Return an exercise by its id.

        Raises
        ------
        KitError
            If there is none; the message lists those that are.
        """
        for each in self.exercises:
            if each.id == exercise:
                return each
        known = ", ".join(each.id for each in self.exercises)
        raise KitError(f"There is no exercise {exercise}. There are: {known}.")

    def level(self, number: int) -> tuple[Exercise, ...]:
        """Return the exercises of one level."""
        return tuple(each for each in self.exercises if each.level == number)

    def before(self, exercise: str) -> tuple[Exercise, ...]:
        """Return what comes before an exercise; "end" comes after all."""
        if exercise == "end":
            return self.exercises
        return self.exercises[: self.exercises.index(self.exercise(exercise))]

    def for_practice(self, practice: str) -> tuple[Exercise, ...]:
        """Return the exercises that serve a practice."""
        return tuple(each for each in self.exercises if practice in each.practices)

    def starter(self, exercise: Exercise) -> Path:
        """Return the folder with what a learner starts from."""
        return self.folder(exercise) / "starter"

    def folder(self, exercise: Exercise) -> Path:
        """Return the folder of the exercise's level."""
        return self.root / "exercises" / f"level_{exercise.level}"

    def check_file(self, exercise: Exercise) -> Path:
        """Return the pytest module that checks the exercise."""
        return self.folder(exercise) / "checks" / f"check_{exercise.key}.py"

    def solution(self, exercise: Exercise) -> Path:
        """Return the folder that mirrors the starter, solved."""
        return self.root / "solutions" / f"level_{exercise.level}"


def read_catalogue(root: Path) -> Catalogue:
    """Read the exercises of all levels below `root`.

    Raises
    ------
    ContentError
        If a file is not as it should be: names the file, the place and the mend.
    """
    found: list[Exercise] = []
    for path in sorted((root / "exercises").glob("level_*/exercises.yaml")):
        file = read_yaml(path, _File)
        for exercise in file.exercises:
            if exercise.level != file.level:
                raise ContentError(
                    f"{path}: {exercise.id} is not of level {file.level}. Rename it or move it."
                )
            if exercise.id in {each.id for each in found}:
                raise ContentError(f"{path}: the id {exercise.id} is given twice. Rename one.")
            found.append(exercise)
    return Catalogue(root, tuple(sorted(found, key=lambda each: each.place)))


@cache
def load_catalogue() -> Catalogue:
    """Return the kit's own exercises."""
    return read_catalogue(KIT_ROOT)
