"""The server's side of a rollout: two models are loaded, each flight has its own.

A candidate that fails costs nobody an answer: the champion gives it instead, and from then on all.
"""

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from flights.canary import tries
from flights.counters import Counters
from flights.loader import LoadError, Served, load
from flights.rollout_state import Rollout, read_rollout
from flights.router import ChampionRouter, Share
from flights.schema import Readiness
from flights.settings import Settings

LAST_ANSWERS = 200  # of which the median time is told


class SplitReadiness(Readiness):
    """What the server says of itself, and of the candidate beside the champion.

    Attributes
    ----------
    candidate : int or None
        The version that is tried.
    share : float or None
        The share of the flights that it answers for.
    candidate_errors : int
        Its answers that failed since it was loaded.
    candidate_milliseconds : float or None
        The median time of its last answers.
    candidate_problem : str
        Why it does not serve, or nothing.
    """

    candidate: int | None = None
    share: float | None = None
    candidate_errors: int = 0
    candidate_milliseconds: float | None = None
    candidate_problem: str = ""


@dataclass
class Record:
    """What a candidate has done since it was loaded."""

    errors: int = 0
    last_error: str = ""
    seconds: deque[float] = field(default_factory=lambda: deque(maxlen=LAST_ANSWERS))


@dataclass(frozen=True)
class Split:
    """A rollout that this server takes part in, and its candidate, if that could be loaded."""

    rollout: Rollout
    candidate: Served | None
    problem: str
    record: Record


@dataclass(frozen=True)
class Candidate(Served):
    """A model on trial, with the champion behind it."""

    champion: Served
    record: Record

    def answer(self, features: pd.DataFrame) -> tuple[np.ndarray, int]:
        """Return each probability, and which version says so: the champion where this one fails."""
        begun = time.perf_counter()
        try:
            probability = self.model.predict_proba(features)[:, 1]
            if not ((probability >= 0) & (probability <= 1)).all():
                raise ValueError("an answer is no probability")
        except Exception as error:  # whatever it is, somebody waits for an answer
            self.record.errors += 1
            self.record.last_error = f"{type(error).__name__}: {error}"
            return self.champion.answer(features)
        self.record.seconds.append(time.perf_counter() - begun)
        return probability, self.version


class CanaryRouter(ChampionRouter):
    """Serves with the champion, and with a candidate for the flights that try it."""

    def __init__(self, settings: Settings, counters: Counters) -> None:
        super().__init__(settings, counters)
        self._split: Split | None = None

    def look(self) -> None:
        """Look at the alias, then at the rollout."""
        super().look()
        rollout = read_rollout(self._settings)
        split = self._split
        if rollout is None:
            self._split = None
        elif split and split.rollout.id == rollout.id:
            self._split = replace(split, rollout=rollout)
        else:
            self._split = self._prepare(rollout)

    def route(self, flight_ids: Sequence[int]) -> list[Share]:
        """Return who answers for which flights: by each flight's id, alone or in a batch."""
        champion, split = self._served, self._split  # read once: a moment later they may change
        if champion is None:
            return []
        everywhere = range(len(flight_ids))
        if split is None or split.candidate is None or split.record.errors:
            return [Share(champion, everywhere)]
        found, rollout = split.candidate, split.rollout
        trial = Candidate(
            found.version, found.run_id, found.model, found.known, champion, split.record
        )
        chosen = [tries(number, rollout.salt, rollout.share) for number in flight_ids]
        shares = [
            Share(trial, [place for place in everywhere if chosen[place]]),
            Share(champion, [place for place in everywhere if not chosen[place]]),
        ]
        return [share for share in shares if share.places]

    def readiness(self) -> Readiness:
        """Return whether a model serves, which one, and how the candidate does."""
        told, split = super().readiness().model_dump(), self._split
        if split is None:
            return SplitReadiness(**told)
        seconds = list(split.record.seconds)
        return SplitReadiness(
            **told,
            candidate=split.rollout.version,
            share=split.rollout.share,
            candidate_errors=split.record.errors,
            candidate_milliseconds=float(np.median(seconds)) * 1000 if seconds else None,
            candidate_problem=split.problem or split.record.last_error,
        )

    def _prepare(self, rollout: Rollout) -> Split:
        """Load a rollout's candidate: both models are ready before a flight meets the new one."""
        try:
            return Split(rollout, load(rollout.version, self._settings), "", Record())
        except LoadError as error:
            self._counters.changeovers.labels(outcome="refused").inc()
            return Split(rollout, None, str(error), Record())
