"""The house's only clock: aware UTC instants, offset as a whole for rehearsals (NUIT_NOW)."""

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

ZURICH = ZoneInfo("Europe/Zurich")
_SHIFT = "NUIT_CLOCK_SHIFT"


def shift() -> timedelta:
    """Seconds between the house's clock and the machine's; zero but in rehearsals.

    The first process that reads NUIT_NOW fixes the shift in its environment, so every child shares it.
    Raises ValueError when NUIT_NOW is no ISO 8601 instant with an offset.
    """
    if _SHIFT not in os.environ:
        wanted = os.environ.get("NUIT_NOW")
        seconds = (_instant(wanted) - datetime.now(UTC)).total_seconds() if wanted else 0.0
        os.environ[_SHIFT] = str(seconds)
    return timedelta(seconds=float(os.environ[_SHIFT]))


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=ZURICH)
    return instant.astimezone(UTC)


def now() -> datetime:
    """This instant, aware, in UTC."""
    return datetime.now(UTC) + shift()


def rehearsing() -> bool:
    """Whether the clock is offset by NUIT_NOW."""
    return shift() != timedelta(0)


def local(instant: datetime) -> datetime:
    """The same instant on the wall clock of Sion."""
    return instant.astimezone(ZURICH)


def at_wall(day: date, text: str) -> datetime:
    """The UTC instant of "HH:MM" on the evening that begins on `day`; hours before 06:00 fall after midnight."""
    hour, minute = (int(part) for part in text.split(":"))
    wall = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZURICH)
    if hour < 6:
        wall = wall + timedelta(days=1)
    return wall.astimezone(UTC)


def deadline(seconds: float) -> Callable[[], bool]:
    """A question that is answered with no until so many seconds have passed, and with yes from then on."""
    end = monotonic() + seconds
    return lambda: monotonic() >= end
