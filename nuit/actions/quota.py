"""Refusing what is asked too often."""

from datetime import datetime, timedelta

from nuit.db import transaction
from nuit.errors import TooOften
from nuit.keys import fingerprint
from nuit.ledger.quota import hit, hits


def allow(what: str, who: str, *, at_most: int, every: timedelta, now: datetime) -> None:
    """Counts one `what` of `who` (kept as a hash only). Raises TooOften past `at_most` in the window."""
    with transaction():
        hits = hit(f"{what}:{fingerprint(who)}", every=every, now=now)
    if hits > at_most:
        raise TooOften()


def spent(what: str, who: str, *, every: timedelta, now: datetime) -> int:
    """How much `who` has spent of `what` in this window."""
    return hits(f"{what}:{fingerprint(who)}", every=every, now=now)


def spend(what: str, who: str, count: int, *, every: timedelta, now: datetime) -> None:
    """Counts `count` hits of `what` at once."""
    with transaction():
        hit(f"{what}:{fingerprint(who)}", every=every, now=now, count=count)
