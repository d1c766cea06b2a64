"""Forgetting: thirty days after a night nothing is left of its visitors but counts."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from nuit.db import db, transaction
from nuit.models import Booking, Edition, Message, Quota, Scan, SignedIn, SignInLink, Ticket
from nuit.queries.member import ABSOLUTE

KEPT = timedelta(days=30)


def forget(now: datetime) -> int:
    """Erases names, addresses, labels, mails and free words of nights over for 30 days; returns the bookings emptied.

    Seats, scans and age bands stay: they count. Spent sign-ins and counters of the day before go too.
    """
    with transaction():
        _spent(now)
        over = list(db.session.scalars(select(Edition.id).where(Edition.closes_at <= now - KEPT)))
        emptied = _visitors(over, now)
    if emptied and db.engine.dialect.name == "sqlite":
        with db.engine.connect() as connection:
            # Pages that were freed are zeroed (secure_delete); what the log still holds must go too.
            connection.connection.dbapi_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
    return emptied


def _visitors(editions: list[int], now: datetime) -> int:
    theirs = select(Booking.id).where(Booking.edition_id.in_(editions), Booking.email != "")
    emptied = list(db.session.scalars(theirs))
    for chunk in (emptied[start : start + 500] for start in range(0, len(emptied), 500)):
        db.session.execute(delete(Message).where(Message.booking_id.in_(chunk)))
        db.session.execute(update(Ticket).where(Ticket.booking_id.in_(chunk)).values(label=""))
        db.session.execute(update(Scan).where(Scan.booking_id.in_(chunk)).values(reason=""))
        db.session.execute(
            update(Booking)
            .where(Booking.id.in_(chunk))
            .values(name="", email="", request_hash="", idempotency_key=None, epoch=Booking.epoch + 1, changed_at=now)
        )
    return len(emptied)


def _spent(now: datetime) -> None:
    db.session.execute(delete(SignInLink).where(SignInLink.expires_at < now - timedelta(days=1)))
    db.session.execute(delete(SignedIn).where(SignedIn.created_at < now - ABSOLUTE))
    db.session.execute(delete(Quota).where(Quota.window_at < now - timedelta(days=1)))
    db.session.execute(delete(Message).where(Message.kind == "sign_in", Message.due_at < now - timedelta(days=1)))
