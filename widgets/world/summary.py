"""What a stretch of traffic came to: for a person, for a program, and for a stored notebook."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Summary:
    """A stretch of traffic.

    Attributes
    ----------
    flights, failed : int
        How many flights were asked about, and for how many nobody had a good answer.
    requests : int
        In how many requests.
    p50, p99 : float or None
        Half of the good answers, and all but one in a hundred, came within so many milliseconds.
    versions : dict
        By version of the model: the flights for which it answered.
    error : str
        What the last failed request met.
    note : str
        What else there is to say.
    """

    flights: int = 0
    failed: int = 0
    requests: int = 0
    p50: float | None = None
    p99: float | None = None
    versions: Mapping[str, int] = field(default_factory=dict)
    error: str = ""
    note: str = ""

    def __str__(self) -> str:
        """Return what is the same on every machine."""
        said = f"{self.flights:,} flights asked, {self.failed:,} failed"
        return f"{said}. {self.note}" if self.note else said

    def value(self) -> dict[str, object]:
        """Return it for a program."""
        return asdict(self)

    def lines(self) -> list[str]:
        """Return all of it for a person."""
        found = [str(self)]
        found += [f"  version {name}: {n:,} flights" for name, n in sorted(self.versions.items())]
        if self.p50 is not None and self.p99 is not None:
            found.append(f"  latency: p50 {self.p50:.1f} ms, p99 {self.p99:.1f} ms")
        if self.error:
            found.append(f"  the last failure: {self.error}")
        return found


class Tally:
    """Counts the lines of a stretch as they are logged."""

    def __init__(self) -> None:
        self.flights = 0
        self.failed = 0
        self._times: list[float] = []
        self._requests = 0
        self._versions: Counter[str] = Counter()
        self._error = ""

    def add(self, line: Mapping[str, Any]) -> None:
        """Count a request's line."""
        self._requests += 1
        self.flights += line["flights"]
        if line["ok"]:
            self._times.append(line["ms"])
        else:
            self.failed += line["flights"]
            self._error = line["error"]
        for version, (flights, _) in line["versions"].items():
            self._versions[version] += flights

    def summary(self, note: str = "") -> Summary:
        """Return what it came to."""
        return Summary(
            flights=self.flights,
            failed=self.failed,
            requests=self._requests,
            p50=quantile(self._times, 0.5),
            p99=quantile(self._times, 0.99),
            versions=dict(self._versions),
            error=self._error,
            note=note,
        )


def quantile(values: Sequence[float], share: float) -> float | None:
    """Return the smallest value that at least `share` of the values do not exceed."""
    if not values:
        return None
    return sorted(values)[math.ceil(share * len(values)) - 1]
