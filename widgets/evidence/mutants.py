"""Collects whether the tests on main are those that caught planted bugs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from widgets.base.files import text_digest
from widgets.base.pytest_setup import setup_digests
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
        The digest of each file's text, by its path in the project, and those of pytest's set-up.
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
        now = self._digests_on_main(self._tested.digests)
        other = [name for name, digest in self._tested.digests.items() if now.get(name) != digest]
        if other:
            what = f"{', '.join(other)} on main: changed since the planted bugs were counted"
            return [Finding(practice, State.MISSING, what, where, MEND)]
        what = "the tests on main have caught the planted bugs"
        return [Finding(practice, State.PROVED, what, where, with_kit=self._tested.with_kit)]

    def _digests_on_main(self, names: Iterable[str]) -> dict[str, str]:
        """Return the digests of files, and of pytest's set-up, as they are on main now."""
        tip = self._repository.resolve("refs/heads/main") if self._repository.exists else None
        if tip is None:
            return {}
        there = set(self._repository.files(tip))

        def read(name: str) -> str | None:
            return self._repository.read(tip, name) if name in there else None

        return {name: text_digest(read(name) or "") for name in names} | setup_digests(read)
