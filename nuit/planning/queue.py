"""Who is served when places come free, and for how long a place is kept: the rules of the queue, from values alone."""

from collections.abc import Iterable
from datetime import datetime, timedelta

HOLD = timedelta(minutes=30)
"""How long an offer stands."""
HOLD_TONIGHT = timedelta(minutes=10)
"""How long it stands on the night: everybody is on the way, and the next party too."""
TONIGHT = timedelta(hours=2)
"""So long before the doors open the night begins."""
LAST_OFFER = timedelta(minutes=15)
"""Nobody is offered a place later than this before a visit; what comes free then is on sale."""
ON_THE_WAY = timedelta(minutes=10)
"""An offer ends so long before the visit, so that its place can still be sold."""


def is_over(starts_at: datetime, now: datetime) -> bool:
    """Whether a slot's queue serves nobody any more."""
    return starts_at <= now + LAST_OFFER


def held_until(now: datetime, *, starts_at: datetime, opens_at: datetime) -> datetime:
    """The end of an offer made now, at least five minutes ahead while the queue is not over."""
    hold = HOLD_TONIGHT if now >= opens_at - TONIGHT else HOLD
    return min(now + hold, starts_at - ON_THE_WAY)


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
