"""Where a rollout stands: one small file, written whole or not at all, that the server reads."""

import json
from dataclasses import dataclass
from pathlib import Path

from flights.settings import Settings


@dataclass(frozen=True)
class Rollout:
    """A rollout that goes on.

    Attributes
    ----------
    id : str
        Its name in the event log.
    kind : str
        "canary" or "blue-green".
    version, previous : int
        The candidate, and the champion beside it.
    salt : str
        What the flights are split by.
    shares : tuple of float
        The share of the flights in each step.
    step : int
        Which step it is in.
    since, step_since : str
        When it began, and when this step began (production's time, UTC).
    """

    id: str
    kind: str
    version: int
    previous: int
    salt: str
    shares: tuple[float, ...]
    step: int
    since: str
    step_since: str

    @property
    def share(self) -> float:
        """The share of the flights for which the candidate answers."""
        return self.shares[self.step]


def rollout_file(settings: Settings) -> Path:
    """Return where the present rollout stands."""
    return settings.serving / "rollout.json"


def read_rollout(settings: Settings) -> Rollout | None:
    """Return the rollout that goes on, or None."""
    try:
        found = json.loads(rollout_file(settings).read_text(encoding="utf-8"))
        names = Rollout.__dataclass_fields__
        kept = {name: found[name] for name in names}
        return Rollout(**kept | {"shares": tuple(map(float, found["shares"]))})
    except (OSError, ValueError, KeyError, TypeError):
        return None
