"""Round numbers for axes."""

import math
from collections.abc import Sequence
from datetime import date

from widgets.dashboard.panels import Panel

STEPS_OF_DAYS = (1, 2, 7, 14, 28, 56)


def top_of(panel: Panel) -> float:
    """Return where a panel's axis ends: a round number not below its highest value."""
    values = [value for curve in panel.curves for value in curve.values if value is not None]
    highest = max([panel.least, *values])
    ten = 10.0 ** math.floor(math.log10(highest))
    return next(
        n * ten for n in (1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10) if n * ten >= highest * (1 - 1e-9)
    )


def day_ticks(days: Sequence[int], most: int = 8) -> list[int]:
    """Return at most about `most` days to be named, by their ordinals; weeks begin on Mondays."""
    if not days:
        return []
    first, last = min(days), max(days)
    step = next((n for n in STEPS_OF_DAYS if (last - first) / n < most), STEPS_OF_DAYS[-1])
    if step >= 7:
        first += -date.fromordinal(first).weekday() % 7
    return list(range(first, last + 1, step)) or [last]
