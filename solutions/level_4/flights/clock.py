"""What time it is in production: the loop is told, and never looks at this machine's clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from flights.features import NEW_YORK

HERE = ZoneInfo(NEW_YORK)
_now: datetime | None = None


def set_time(moment: datetime | None) -> None:
    """Say what time it is; None: nobody has said so, events belong to no moment."""
    global _now
    _now = moment


def event_time() -> str | None:
    """Return the present moment of production as it stands in the logs, if there is one."""
    return _now.astimezone(UTC).isoformat() if _now else None


def ended_day(moment: datetime) -> date | None:
    """Return the day that ends at this moment, if it is New York's midnight."""
    local = moment.astimezone(HERE)
    midnight = (local.hour, local.minute, local.second) == (0, 0, 0)
    return (local - timedelta(days=1)).date() if midnight else None


def midnight_after(day: date) -> datetime:
    """Return the moment at which a day ends in New York."""
    end = day + timedelta(days=1)
    return datetime(end.year, end.month, end.day, tzinfo=HERE).astimezone(UTC)
