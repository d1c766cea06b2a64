"""What one address may have; how often something was asked: one upsert a hit, the same on both databases."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from nuit.db import db
from nuit.errors import TooMany, TooOften
from nuit.ledger.turn import take_turn
from nuit.models import Booking, Edition, Quota

MOST_LAPSED = 3
"""Bookings of one address that may lapse in an hour without being confirmed."""


def one_more_booking(edition: Edition, email: str, now: datetime) -> None:
    """Holds the address's turn until the commit. Raises TooMany where it has enough bookings, TooOften where it lets them
    lapse one after the other.
    """
    take_turn(f"email:{edition.id}:{email}")
    lapsed = (Booking.state == "lapsed") & (Booking.created_at > now - timedelta(hours=1))
    had, lost = db.session.execute(
        select(
            func.count().filter(Booking.state.in_(("held", "confirmed"))),
            func.count().filter(lapsed),
        ).where(Booking.edition_id == edition.id, Booking.email == email)
    ).one()
    if had >= edition.max_bookings_per_email:
        raise TooMany(count=had)
    if lost >= MOST_LAPSED:
        raise TooOften()


def hit(key: str, *, every: timedelta, now: datetime, count: int = 1) -> int:
    """Counts hits of `key` in the window of length `every` that holds `now`; returns the hits so far."""
    window = _window(every, now)
    insert = sqlite.insert if db.engine.dialect.name == "sqlite" else postgresql.insert
    row = insert(Quota).values(key=key, window_at=window, hits=count)
    found = db.session.scalar(
        row.on_conflict_do_update(index_elements=["key", "window_at"], set_={"hits": Quota.hits + count}).returning(
            Quota.hits
        )
    )
    if found == count:
        db.session.execute(delete(Quota).where(Quota.window_at < now - timedelta(days=1)))
    return int(found or 0)


def hits(key: str, *, every: timedelta, now: datetime) -> int:
    """The hits of `key` so far in the window that holds `now`; one statement."""
    return db.session.scalar(select(Quota.hits).where(Quota.key == key, Quota.window_at == _window(every, now))) or 0


def _window(every: timedelta, now: datetime) -> datetime:
    return datetime.fromtimestamp(now.timestamp() // every.total_seconds() * every.total_seconds(), UTC)
