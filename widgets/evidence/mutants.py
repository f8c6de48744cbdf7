"""Collects whether the tests on main are those that caught planted bugs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from widgets.base.files import text_digest
from widgets.evidence.finding import Finding
from widgets.evidence.repository import Repository
from widgets.maturity import State

MEND = "Check 1.2 with the tests that are on main now: maturity check 1.2."


@dataclass(frozen=True)
class ProvedTests:
    """The test files that met the planted bugs when they were last checked and passed.

    Attributes
    ----------
    digests : mapping of str to str
        The digest of each file's text, by its path in the project.
    where : str
        What checked them.
    with_kit : bool
        Whether they were the kit's solution.
    """

    digests: Mapping[str, str]
    where: str
    with_kit: bool


class MutantCollector:
    """Holds the tests on main against those that are known to notice bugs.

    A test proves its worth once, by what it noticed then. So what counts is that exactly these
    files are on main today: a weaker test that came later has caught nothing.

    Parameters
    ----------
    repository : Repository
        The shared repository.
    tested : ProvedTests or None
        What has passed; None if nothing has.
    """

    practices = ("automated-tests",)

    def __init__(self, repository: Repository, tested: ProvedTests | None) -> None:
        self._repository = repository
        self._tested = tested

    def collect(self) -> Sequence[Finding]:
        """Return one finding."""
        practice = "automated-tests"
        if self._tested is None:
            what = "no planted bug caught yet"
            return [Finding(practice, State.MISSING, what, "the check of 1.2", MEND)]
        where = self._tested.where
        tip = self._repository.resolve("refs/heads/main") if self._repository.exists else None
        other = [
            path
            for path, digest in self._tested.digests.items()
            if tip is None or text_digest(self._repository.read(tip, path) or "") != digest
        ]
        if other:
            what = f"{', '.join(other)} on main: changed since the planted bugs were counted"
            return [Finding(practice, State.MISSING, what, where, MEND)]
        what = "the tests on main have caught the planted bugs"
        return [Finding(practice, State.PROVED, what, where, with_kit=self._tested.with_kit)]
