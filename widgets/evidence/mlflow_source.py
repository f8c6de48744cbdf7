"""Finds the reader for a tracking address: SQLite, a server, a folder; others stay unseen."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from widgets.base.addresses import shown
from widgets.evidence.mlflow_files import FilesSource
from widgets.evidence.mlflow_rest import RestSource
from widgets.evidence.mlflow_runs import Tracking, TrackingSource, UnseenError
from widgets.evidence.mlflow_sqlite import SqliteSource
from widgets.evidence.model_files import local_folder
from widgets.maturity import State


def source_of(uri: str) -> TrackingSource:
    """Return what reads `uri`, MLflow's tracking address; nothing is opened yet."""
    scheme, _, rest = uri.partition("://")
    if scheme.split("+")[0] == "sqlite" and rest.startswith("/"):
        file = rest[1:].split("?")[0]
        if file and file != ":memory:":
            return SqliteSource(Path(file))
    folder = local_folder(uri)
    if scheme == "file" or (folder and "://" not in uri):
        return FilesSource(folder) if folder else HiddenSource(uri)
    with suppress(ValueError):  # an address that is none
        if scheme in ("http", "https") and urlsplit(uri).netloc:
            return RestSource(uri)
    return HiddenSource(uri)


@dataclass(frozen=True)
class HiddenSource:
    """A store that is not read from here: it says so, and what would show it."""

    uri: str

    def read(self, experiment: str, model: str) -> Tracking:
        """Raise UnseenError."""
        raise UnseenError(
            State.HIDDEN,
            "only SQLite files, file stores and MLflow servers are read",
            shown(self.uri),
            "Start `mlflow server` on this store and name its http address.",
        )


class ReadOnce:
    """A source that is read once, however many ask: what it said, or why it said nothing.

    Parameters
    ----------
    source : TrackingSource
        What is read.
    """

    def __init__(self, source: TrackingSource) -> None:
        self._source = source
        self._said: dict[tuple[str, str], Tracking | UnseenError] = {}

    def read(self, experiment: str, model: str) -> Tracking:
        """Return what the source said. Raises UnseenError if it could not be read."""
        asked = experiment, model
        if asked not in self._said:
            try:
                self._said[asked] = self._source.read(experiment, model)
            except UnseenError as unseen:
                self._said[asked] = unseen
        said = self._said[asked]
        if isinstance(said, UnseenError):
            raise said
        return said
