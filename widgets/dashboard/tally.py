"""What the requests of one step of time came to: kept small, however many there were."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

SMALLEST = 0.1  # ms; nothing is told apart below it
GROWTH = 1.05  # each bin of latencies ends this much higher: a quantile is right within 2.5 %


@dataclass(frozen=True)
class Point:
    """One step of time, as it is drawn.

    Attributes
    ----------
    x : int
        The step's beginning: a second since 1970, or the ordinal of a day.
    requests, failed : int
        Requests sent in the step, and those without a good answer.
    p50, p99 : float or None
        Latency in ms: half of the good answers, and 99 of 100, came within it.
    said : float or None
        The mean predicted probability of being late, over all flights answered.
    by_version : mapping
        The same, by the version of the model that answered.
    answered : mapping
        How many flights each version answered.
    """

    x: int
    requests: int
    failed: int
    p50: float | None
    p99: float | None
    said: float | None
    by_version: Mapping[str, float]
    answered: Mapping[str, int]


@dataclass
class Tally:
    """Counts of one step; latencies as a histogram, probabilities as sums by version."""

    requests: int = 0
    failed: int = 0
    flights: Counter[str] = field(default_factory=Counter)
    sums: dict[str, float] = field(default_factory=dict)
    last: float = 0.0  # when the last of the requests was sent, in seconds since 1970
    _bins: Counter[int] = field(default_factory=Counter)

    def add(
        self, at: float, ok: bool, ms: float, versions: Mapping[str, tuple[int, float]]
    ) -> None:
        """Count one request."""
        self.requests += 1
        self.last = max(self.last, at)
        if ok:
            self._bins[bin_of(ms)] += 1
        else:
            self.failed += 1
        for version, (flights, total) in versions.items():
            self.flights[version] += flights
            self.sums[version] = self.sums.get(version, 0.0) + total

    def quantile(self, share: float) -> float | None:
        """Return the latency in ms within which at least `share` of the good answers came."""
        wanted = math.ceil(share * self._bins.total())
        for number in sorted(self._bins):
            wanted -= self._bins[number]
            if wanted <= 0:
                return middle_of(number)
        return None

    def point(self, x: int) -> Point:
        """Return the step that begins at `x` as it is drawn."""
        flights = self.flights.total()
        return Point(
            x=x,
            requests=self.requests,
            failed=self.failed,
            p50=self.quantile(0.5),
            p99=self.quantile(0.99),
            said=sum(self.sums.values()) / flights if flights else None,
            by_version={
                version: self.sums[version] / n for version, n in self.flights.items() if n
            },
            answered=dict(self.flights),
        )


def together(tallies: Iterable[Tally]) -> Tally:
    """Return the tally of several steps as one."""
    total = Tally()
    for each in tallies:
        total.requests += each.requests
        total.failed += each.failed
        total.flights += each.flights
        total.last = max(total.last, each.last)
        total._bins += each._bins
        for version, value in each.sums.items():
            total.sums[version] = total.sums.get(version, 0.0) + value
    return total


def bin_of(ms: float) -> int:
    """Return the number of the bin in which a latency lies."""
    return max(0, math.ceil(math.log(max(ms, SMALLEST) / SMALLEST, GROWTH)))


def middle_of(number: int) -> float:
    """Return the latency in ms that stands for a bin."""
    return float(SMALLEST * GROWTH ** (number - 0.5)) if number else SMALLEST
