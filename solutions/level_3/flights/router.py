"""Says which model answers: the one that the registry calls champion, or the last good one.

A thread looks at the alias. The change from one model to the next is one assignment: who has
begun with a model finishes with it, and no request ever meets half of one.
"""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import mlflow
from mlflow.exceptions import MlflowException

from flights.counters import Counters
from flights.events import now
from flights.loader import LoadError, Served, load
from flights.registry import CHAMPION
from flights.schema import Readiness
from flights.settings import Settings
from flights.store import without_password

logger = logging.getLogger(__name__)
POLL = 0.5  # seconds between two looks at the alias
SQLITE = "sqlite:///"


@dataclass(frozen=True)
class Share:
    """Which of a request's flights a model answers for, by their places in it."""

    served: Served
    places: Sequence[int]


class ChampionRouter:
    """Serves all flights with the champion.

    Parameters
    ----------
    settings : Settings
        Where the registry is, and the file that keeps which version served last.
    counters : Counters
        What is counted.
    """

    def __init__(self, settings: Settings, counters: Counters) -> None:
        self._settings = settings
        self._counters = counters
        self._served: Served | None = None
        self._since = ""
        self._wanted: int | None = None
        self._refused: tuple[int, str] | None = None
        self._registry_problem = ""
        self._last_good = settings.serving / "last_good"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def start(self) -> None:
        """Load a model, if there is a good one, and follow the alias from now on."""
        self.look()
        if self._served is None:
            self._return_to_last_good()
        self._thread.start()

    def stop(self) -> None:
        """Follow no longer."""
        self._stop.set()

    def route(self, flight_ids: Sequence[int]) -> list[Share]:
        """Return who answers for which flights; nobody, if no model could be loaded yet."""
        served = self._served  # read once: it may be another one a moment later
        return [] if served is None else [Share(served, range(len(flight_ids)))]

    def look(self) -> None:
        """Look at the alias once, and change over if it points to another version.

        A version that cannot serve is refused and not tried again until the alias moves: what
        served before goes on serving.
        """
        try:
            wanted = self._read_alias()
        except MlflowException as error:
            self._registry_problem = f"the registry cannot be read: {without_password(error)}"
            return
        self._registry_problem = ""
        self._wanted = wanted
        serving = self._served.version if self._served else None
        if wanted is None or wanted == serving or self._is_refused(wanted):
            return
        try:
            served = load(wanted, self._settings)
        except LoadError as error:
            self._refuse(wanted, error)
            return
        self._take(served)

    def readiness(self) -> Readiness:
        """Return whether a model serves, which one, and what is wrong."""
        served, wanted = self._served, self._wanted
        problem = self._registry_problem
        if not problem and wanted is None:
            problem = f"{self._settings.model} has no {CHAMPION} yet: deploy a version"
        if not problem and self._is_refused(wanted) and self._refused:
            problem = self._refused[1]
        version = served.version if served else None
        return Readiness(
            ready=served is not None,
            version=version,
            wanted=wanted,
            since=self._since,
            problem=problem,
        )

    def _is_refused(self, version: int | None) -> bool:
        return self._refused is not None and self._refused[0] == version

    def _refuse(self, version: int, error: LoadError) -> None:
        self._refused = (version, str(error))
        self._counters.changeovers.labels(outcome="refused").inc()

    def _take(self, served: Served) -> None:
        self._served = served  # from here on; one assignment
        self._since = now()
        self._refused = None
        self._counters.changeovers.labels(outcome="done").inc()
        self._counters.model_version.set(served.version)
        write_whole(self._last_good, str(served.version))

    def _return_to_last_good(self) -> None:
        """After a start: if the champion cannot serve, take what served before this start."""
        try:
            version = int(self._last_good.read_text(encoding="utf-8"))
            served = load(version, self._settings)
        except (OSError, ValueError, LoadError):
            return
        self._served, self._since = served, now()
        self._counters.model_version.set(served.version)

    def _read_alias(self) -> int | None:
        """Return the champion's number, or None if nobody is.

        Raises
        ------
        MlflowException
            If the registry cannot be asked.
        """
        uri = self._settings.tracking_uri
        if uri.startswith(SQLITE) and not Path(uri.removeprefix(SQLITE)).exists():
            raise MlflowException(f"there is no {uri}")  # MLflow would make an empty one
        aliases = mlflow.MlflowClient().get_registered_model(self._settings.model).aliases
        return int(aliases[CHAMPION]) if CHAMPION in aliases else None

    def _follow(self) -> None:
        while not self._stop.wait(POLL):
            try:
                self.look()
            except Exception as error:  # nobody else looks: the next look may go well
                logger.exception("a look at the registry failed")
                self._registry_problem = f"the last look failed: {without_password(error)}"


def write_whole(file: Path, text: str) -> None:
    """Write a small file so that a kill leaves the old one or the new one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_suffix(".new")
    half.write_text(text, encoding="utf-8")
    half.replace(file)
