"""Calling a departure off, or giving it another hour, with all who have booked it. Uncommitted.

Bookings are locked before slots, as everywhere, so that nobody waits in a circle.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, select, update

from nuit.db import db
from nuit.ledger.outbox import promise
from nuit.ledger.places import free
from nuit.ledger.queue import disperse
from nuit.ledger.trail import note, revise
from nuit.models import Booking, Seat, Slot

LIVE = ("waiting", "held", "confirmed")
COMING = ("held", "confirmed")


def lock_bookings(slot_ids: Collection[int]) -> dict[int, Booking]:
    """Locks all who have a live seat in one of these departures, in ascending id."""
    return {one.id: one for one in db.session.scalars(_bookings(slot_ids).with_for_update(key_share=True))}


def _bookings(slot_ids: Collection[int]) -> Select[Booking]:
    inside = select(Seat.booking_id).where(Seat.slot_id.in_(slot_ids), Seat.status.in_(LIVE))
    return select(Booking).where(Booking.id.in_(inside)).order_by(Booking.id).execution_options(populate_existing=True)


def call_off(slot_id: int, *, reason: str, now: datetime, by: int | None) -> int:
    """Cancels a departure for good: its places become `cancelled`, exactly those who had one are promised a message.

    Returns how many parties were told. Twice is as good as once.
    """
    locked = lock_bookings([slot_id])
    row = db.session.execute(
        update(Slot)
        .where(Slot.id == slot_id, Slot.status != "cancelled")
        .values(status="cancelled", reason=reason, version=Slot.version + 1)
        .returning(Slot.edition_id, Slot.version)
        .execution_options(synchronize_session=False)
    ).first()
    if row is None:
        return 0
    seats = db.session.scalars(
        select(Seat).where(Seat.slot_id == slot_id, Seat.status.in_(LIVE)).order_by(Seat.id)
    ).all()
    coming = sum(one.status != "waiting" for one in seats)
    free(seats, "cancelled", now)
    disperse(slot_id, now)
    touched = sorted({one.booking_id for one in seats} & set(locked))
    for one in touched:
        _tell(locked[one], "slot_cancelled", slot_id, row[1], now, reason=reason)
    note("cancel", "slot", slot_id, member_id=by, now=now, people=coming, parties=len(touched), reason=reason)
    revise(row[0])
    return len(touched)


def shift_start(
    slot_id: int, starts_at: datetime, *, reason: str, now: datetime, by: int | None
) -> int:  # fmt: skip
    """Gives a departure another hour with all who have booked it; exactly those who come are promised a message.

    A cancelled departure stays where it is. Returns how many parties were told. Twice is as good as once.
    """
    locked = lock_bookings([slot_id])
    slot = db.session.get_one(Slot, slot_id, populate_existing=True)
    was, lasts = slot.starts_at, slot.ends_at - slot.starts_at
    row = db.session.execute(
        update(Slot)
        .where(Slot.id == slot_id, Slot.status != "cancelled", Slot.starts_at != starts_at)
        .values(starts_at=starts_at, ends_at=starts_at + lasts, version=Slot.version + 1)
        .returning(Slot.edition_id, Slot.version)
        .execution_options(synchronize_session=False)
    ).first()
    if row is None:
        return 0
    coming = db.session.scalars(select(Seat.booking_id).where(Seat.slot_id == slot_id, Seat.status.in_(COMING))).all()
    for one in sorted(set(coming) & set(locked)):
        _tell(locked[one], "slot_moved", slot_id, row[1], now, was=was.isoformat(),
              **({"reason": reason} if reason else {}))  # fmt: skip
    note("move", "slot", slot_id, member_id=by, now=now, people=len(coming), parties=len(set(coming)),
         before=was.isoformat(), starts_at=starts_at.isoformat())  # fmt: skip
    revise(row[0])
    return len(set(coming))


def _tell(booking: Booking, kind: str, slot_id: int, version: int, now: datetime, **more: str) -> None:
    booking.changed_at, booking.sequence = now, booking.sequence + 1
    if booking.held_until is not None:
        return  # nobody has said yet that this address is theirs
    promise(kind, key=f"{kind}:{slot_id}:{version}:{booking.reference}", to=booking.email, locale=booking.locale,
            due_at=now, booking_id=booking.id, slot=slot_id, **more)  # fmt: skip
