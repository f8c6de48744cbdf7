"""Holds the server's counters against what the clients were answered between two looks at them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from widgets.evidence.traffic_log import Request, Scrape


@dataclass(frozen=True)
class Pace:
    """How the counters grew from one look to the next.

    Attributes
    ----------
    looks : int
        How many looks were answered.
    kept : int
        How often they had grown by at least what was answered meanwhile (which was something).
    begun_anew : int
        How often they may have started again from 0: the server was restarted.
    behind : int
        How often they had grown by less, with no restart to explain it.
    """

    looks: int
    kept: int
    begun_anew: int
    behind: int


def pace(requests: Sequence[Request], scrapes: Sequence[Scrape]) -> Pace:
    """Return how the counters kept pace with the answers; both are given oldest first.

    After a restart a counter holds at most what was answered since the look before. So one that
    always stands at 0 looks like a server that is restarted all the time, and never keeps pace.
    """
    kept = anew = behind = 0
    place = 0
    for before, after in pairwise(scrapes):
        while place < len(requests) and requests[place].at < before.ended:
            place += 1
        answered, ahead = 0, place
        while ahead < len(requests) and requests[ahead].at < after.at:
            if requests[ahead].ended <= after.at:
                answered += requests[ahead].flights
            ahead += 1
        place = ahead
        was, now = before.predictions or 0.0, after.predictions or 0.0
        if now < was:
            anew += 1
        elif answered and now - was >= answered:
            kept += 1
        elif answered and now <= answered:
            anew += 1
        elif answered:
            behind += 1
    return Pace(len(scrapes), kept, anew, behind)
