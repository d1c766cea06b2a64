"""On the night: places of those who do not come are set free some minutes after the start; who is late says so."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import aliased

from nuit.db import db, transaction
from nuit.errors import NotHeld, SlotStarted
from nuit.ledger.evening import said
from nuit.ledger.hold import only_confirmed
from nuit.ledger.places import count_off, lock_booking
from nuit.ledger.queue import offer_late
from nuit.ledger.trail import revise
from nuit.models import Booking, Edition, Seat, Slot

DELAYS = (10, 15)
"""Minutes by which a party may announce itself late."""
EARLIEST = timedelta(hours=2)
"""How long before the start one may say so."""


def release_due(now: datetime) -> int:
    """Sets the places free of parties nobody of whom has come by `release_minutes` after the start; returns how many.

    They go to who waits, then on sale as standby places. Whoever has announced a delay keeps them until then. Safe to
    run twice, and by several workers. 0 minutes: never.
    """
    freed = sum(_release(slot_id, now) for slot_id in _begun(now))
    db.session.rollback()
    return freed


def _begun(now: datetime) -> Sequence[int]:
    """Slots under way where somebody is missing, without any lock."""
    found: list[int] = []
    tonight = select(Edition.id, Edition.release_minutes).where(
        Edition.opens_at <= now,
        Edition.closes_at > now - timedelta(hours=6),
        Edition.release_minutes > 0,
    )
    for edition_id, minutes in db.session.execute(tonight).all():
        missing = select(Seat.id).where(Seat.slot_id == Slot.id, *_missing(now)).correlate(Slot)
        found += db.session.scalars(
            select(Slot.id)
            .where(
                Slot.edition_id == edition_id, Slot.status != "cancelled", Slot.ends_at > now,
                Slot.starts_at <= now - timedelta(minutes=minutes), missing.exists(),
            )
            .order_by(Slot.id)
        ).all()  # fmt: skip
    return found


def _missing(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Seats booked before the start, of parties nobody of whom is in, and who have not said that they come later."""
    friend = aliased(Seat)
    come = select(friend.id).where(
        friend.booking_id == Seat.booking_id, friend.slot_id == Seat.slot_id, friend.entered_at.is_not(None)
    )
    return (
        Seat.status == "confirmed",
        Seat.entered_at.is_(None),
        Seat.changed_at <= Slot.starts_at,
        or_(Seat.late_until.is_(None), Seat.late_until <= now),
        ~come.correlate(Seat).exists(),
    )


def _release(slot_id: int, now: datetime) -> int:
    """One slot, one transaction; bookings are locked before seats and slots, as everywhere."""
    with transaction():
        missing = select(Seat.id, Seat.booking_id).join(Slot, Slot.id == Seat.slot_id)
        rows = db.session.execute(missing.where(Seat.slot_id == slot_id, *_missing(now))).all()
        bookings = sorted({row.booking_id for row in rows})
        locked = select(Booking.id).where(Booking.id.in_(bookings)).order_by(Booking.id)
        db.session.execute(locked.with_for_update(key_share=True)).all()
        gone = db.session.scalars(
            update(Seat)
            .where(
                Seat.id.in_([row.id for row in rows]), Seat.status == "confirmed", Seat.entered_at.is_(None),
                or_(Seat.late_until.is_(None), Seat.late_until <= now),
            )
            .values(status="released", changed_at=now)
            .returning(Seat.id)
            .execution_options(synchronize_session=False)
        ).all()  # fmt: skip
        if gone:
            count_off(slot_id, len(gone))
            edition_id = db.session.scalar(
                update(Slot)
                .where(Slot.id == slot_id)
                .values(released_at=func.coalesce(Slot.released_at, now))
                .returning(Slot.edition_id)
                .execution_options(synchronize_session=False)
            )
            offer_late(slot_id, now=now)
            revise(edition_id or 0)
    return len(gone)


def come_late(reference: str, slot_id: int, minutes: int, *, now: datetime) -> datetime | None:
    """A party says that it comes `minutes` (10 or 15) after the start: until then its places stay its own.

    Returns until when, None for an unknown booking. Raises NotHeld where it has no place there (any more), SlotStarted
    where it is too late or far too early to say so. A second word replaces the first.
    """
    with transaction():
        booking = lock_booking(reference)
        if booking is None or minutes not in DELAYS:
            return None
        only_confirmed(booking)
        slot = db.session.get(Slot, slot_id, populate_existing=True)
        if slot is None:
            raise NotHeld(slots=(slot_id,))
        until = slot.starts_at + timedelta(minutes=minutes)
        if not slot.starts_at - EARLIEST <= now < until:
            raise SlotStarted(slots=(slot_id,), **said(slot))
        kept = db.session.scalars(
            update(Seat)
            .where(Seat.booking_id == booking.id, Seat.slot_id == slot_id, Seat.status == "confirmed")
            .values(late_until=until)
            .returning(Seat.id)
            .execution_options(synchronize_session=False)
        ).all()
        if not kept:
            raise NotHeld(slots=(slot_id,))
    return until
