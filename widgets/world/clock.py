"""The date in the simulated world: a day in New York, kept in a file; it only moves forward."""

import json
from contextlib import suppress
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from widgets.base.errors import KitError
from widgets.base.files import write_atomic

NEW_YORK = "America/New_York"
FIRST_DAY = date(2013, 3, 1)
LAST_DAY = date(2014, 1, 1)


class ClockError(KitError):
    """A date that the world does not have."""


class Clock:
    """The clock kept in the file `path`.

    Attributes
    ----------
    problem : str or None
        What was wrong with the file, and what became of it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.problem: str | None = None

    def read(self) -> date | None:
        """Return the date, or None if the world has not begun or the file is damaged.

        A damaged file is kept aside.
        """
        try:
            words = json.loads(self._path.read_text(encoding="utf-8"))
            return within_range(date.fromisoformat(words["today"]))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, ClockError):
            kept = self._path.with_name(f"clock.damaged-{datetime.now():%Y-%m-%d_%H-%M-%S}.json")
            with suppress(FileNotFoundError):  # another process was quicker
                self._path.replace(kept)
            self.problem = (
                f"The file with the world's date was damaged. It is kept as {kept.name}; the date "
                "was found again from the flights that have landed."
            )
            return None

    def write(self, today: date) -> None:
        """Keep the date, as a whole or not at all."""
        write_atomic(self._path, json.dumps({"today": today.isoformat()}))


def within_range(day: date) -> date:
    """Return `day`.

    Raises
    ------
    ClockError
        If the world does not have this day.
    """
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ClockError(
            f"The world has the days from {FIRST_DAY} to {LAST_DAY}; {day} is not among them."
        )
    return day


def to_day(text: str | date) -> date:
    """Return the date that `text` stands for, for example 2013-04-01.

    Raises
    ------
    ClockError
        If it is not a date, or not one of the world's.
    """
    if isinstance(text, date):
        return within_range(text)
    try:
        return within_range(date.fromisoformat(text))
    except ValueError:
        raise ClockError(f"{text!r} is not a date. Write it like 2013-04-01.") from None


def midnight(day: date) -> datetime:
    """Return the moment in UTC at which `day` begins in New York."""
    return datetime.combine(day, time(), ZoneInfo(NEW_YORK)).astimezone(UTC)
