"""Forgetting: a party whose data are erased, and every party thirty days after its night; counts stay."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, select, update

from nuit.db import db, transaction
from nuit.ledger.evening import STANDING, give_up, is_ahead, own_seats
from nuit.ledger.places import lock_booking
from nuit.ledger.trail import note
from nuit.models import Booking, Device, Edition, Message, Opinion, Quota, Scan, SignedIn, SignInLink, Ticket
from nuit.planning.delivery import file_name
from nuit.queries.member import ABSOLUTE

KEPT = timedelta(days=30)
AT_ONCE = 500


def erase(reference: str, *, letters: Path, now: datetime, by: int | None = None) -> Booking | None:
    """Erases one party's data for good: places that are ahead go to who waits, places of visits that have begun count on.

    `letters` is the folder of mails where there is no server: theirs leave it too. `by` is the member who does it for
    somebody who called; the trail tells. Twice is as good as once. None for an unknown booking.
    """
    with transaction():
        booking = lock_booking(reference)
        if booking is None or not booking.email:
            return booking
        standing = [one for one in own_seats(booking) if one.status in STANDING]
        give_up(booking, [one for one in standing if one.wait_id is not None or is_ahead(one, now)], now)
        db.session.flush()
        files = _mails(booking)
        db.session.execute(delete(Message).where(Message.kind == "resend", Message.to == booking.email))
        _empty([booking.id], now)
        note("erase", "booking", booking.id, member_id=by, now=now)
    for name in files:
        (letters / f"{name}.eml").unlink(missing_ok=True)
    _truncate()
    return booking


def _mails(booking: Booking) -> list[str]:
    """The files in which a house without a mail server keeps this party's letters."""
    resent = (Message.kind == "resend") & (Message.to == booking.email)
    mine = select(Message.key, Message.due_at).where((Message.booking_id == booking.id) | resent)
    return [file_name(key, due_at) for key, due_at in db.session.execute(mine)]


def forget(now: datetime) -> int:
    """Erases names, addresses, labels, mails and free words of nights over for 30 days; returns the bookings emptied.

    Seats, scans, marks and age bands stay: they count. Spent sign-ins and counters of the day before go too.
    """
    with transaction():
        _spent(now)
        over = list(db.session.scalars(select(Edition.id).where(Edition.closes_at <= now - KEPT)))
        emptied = _visitors(over, now)
        db.session.execute(update(Device).where(Device.edition_id.in_(over), Device.name != "").values(name=""))
    if emptied:
        _truncate()
    return emptied


def _truncate() -> None:
    """Pages that were freed are zeroed (secure_delete); what SQLite's log still holds must go too."""
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect() as connection:
            connection.connection.dbapi_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]


def _visitors(editions: Collection[int], now: datetime) -> int:
    theirs = select(Booking.id).where(Booking.edition_id.in_(editions), Booking.email != "")
    emptied = list(db.session.scalars(theirs))
    for start in range(0, len(emptied), AT_ONCE):
        _empty(emptied[start : start + AT_ONCE], now)
    return len(emptied)


def _empty(bookings: Sequence[int], now: datetime) -> None:
    """Nothing of these bookings says any more who came; their keys open nothing."""
    db.session.execute(delete(Message).where(Message.booking_id.in_(bookings)))
    db.session.execute(update(Ticket).where(Ticket.booking_id.in_(bookings)).values(label=""))
    db.session.execute(update(Scan).where(Scan.booking_id.in_(bookings)).values(reason=""))
    db.session.execute(update(Opinion).where(Opinion.booking_id.in_(bookings)).values(words="", booking_id=None))
    db.session.execute(
        update(Booking)
        .where(Booking.id.in_(bookings))
        .values(name="", email="", request_hash="", idempotency_key=None, epoch=Booking.epoch + 1, changed_at=now)
    )


def _spent(now: datetime) -> None:
    db.session.execute(delete(SignInLink).where(SignInLink.expires_at < now - timedelta(days=1)))
    db.session.execute(delete(SignedIn).where(SignedIn.created_at < now - ABSOLUTE))
    db.session.execute(delete(Quota).where(Quota.window_at < now - timedelta(days=1)))
    db.session.execute(delete(Message).where(Message.kind == "sign_in", Message.due_at < now - timedelta(days=1)))
    db.session.execute(delete(Message).where(Message.booking_id.is_(None), Message.due_at < now - KEPT))
