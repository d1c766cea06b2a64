"""Who is served when places come free, and for how long a place is kept: the rules of queues and holds, from values alone."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

TONIGHT = timedelta(hours=2)
"""So long before the doors open the night begins."""
LAST_OFFER = timedelta(minutes=15)
"""Nobody is offered a place later than this before a visit; what comes free then is on sale."""
AT_LEAST = timedelta(minutes=5)
"""Whoever must confirm has so long, even where the visit begins sooner."""
ON_THE_WAY = timedelta(minutes=10)
"""An offer ends so long before the visit, so that its place can still be sold."""


def is_over(starts_at: datetime, now: datetime) -> bool:
    """Whether a slot's queue serves nobody any more."""
    return starts_at <= now + LAST_OFFER


LATE_HOLD = timedelta(minutes=3)
"""So long places that are set free after the start wait for who waited for them, before they are anybody's."""


@dataclass(frozen=True, slots=True)
class Holds:
    """How long an offer stands: usually, and on the night, when everybody is on the way."""

    usual: timedelta
    tonight: timedelta


def held_until(now: datetime, *, starts_at: datetime, opens_at: datetime, holds: Holds) -> datetime:
    """The end of an offer made now, at least five minutes ahead while the queue is not over."""
    hold = holds.tonight if now >= opens_at - TONIGHT else holds.usual
    return min(now + hold, starts_at - ON_THE_WAY)


def confirmed_until(now: datetime, hold: timedelta, starts: Collection[datetime]) -> datetime:
    """Until when a booking made now can be confirmed: `hold` ahead, but not past the first of its visits."""
    return min(now + hold, max(min(starts), now + AT_LEAST)) if starts else now + hold


def served(line: Iterable[tuple[int, int]], free: int) -> list[int]:
    """The ids of those who are served with `free` places, of (id, size) in order of rank.

    Strictly in order; a party gets places for everybody or none, and smaller ones behind pass only while it cannot be
    served with what is free.
    """
    found = []
    for key, size in line:
        if size <= free:
            found.append(key)
            free -= size
    return found
