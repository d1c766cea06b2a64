"""A booking whose address nobody has confirmed yet: its places are held for a while, then they are somebody else's."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select, update

from nuit.db import db
from nuit.errors import AddressUnconfirmed
from nuit.ledger.evening import STANDING, own_seats
from nuit.ledger.outbox import promise
from nuit.ledger.places import free
from nuit.ledger.queue import pass_on, shrink
from nuit.models import Booking, Message, Seat

KIND = "confirm_address"


def only_confirmed(booking: Booking) -> None:
    """Raises AddressUnconfirmed where nobody has confirmed the address of this locked booking."""
    if booking.held_until is not None:
        raise AddressUnconfirmed()


def ask_to_confirm(booking: Booking, now: datetime) -> Message:
    """Promises the mail whose link confirms the address; each of a booking's has its number."""
    number = db.session.scalar(
        select(func.count()).select_from(Message).where(Message.booking_id == booking.id, Message.kind == KIND)
    )
    return promise(KIND, key=f"{KIND}:{booking.reference}:{(number or 0) + 1}", to=booking.email,
                   locale=booking.locale, due_at=now, booking_id=booking.id)  # fmt: skip


def overdue(now: datetime, *, among: Collection[int] | None = None) -> list[str]:
    """The references of bookings that were not confirmed in time, of those with a place in these slots where they are
    given; one statement, without any lock.
    """
    query = select(Booking.reference).where(Booking.state == "held", Booking.held_until <= now).order_by(Booking.id)
    if among is not None:
        holds = select(Seat.booking_id).where(Seat.slot_id.in_(among), Seat.status == "held")
        query = query.where(Booking.id.in_(holds))
    return list(db.session.scalars(query))


def settle_hold(booking: Booking, now: datetime) -> bool:
    """A locked booking has been confirmed: it stands for good. False where its time is over, or it was given back."""
    won = db.session.scalar(
        update(Booking)
        .where(Booking.id == booking.id, Booking.state == "held", Booking.held_until > now)
        .values(state="confirmed", held_until=None, changed_at=now)
        .returning(Booking.id)
        .execution_options(synchronize_session=False)
    )
    if won is None:
        return False
    seats = own_seats(booking)
    for one in seats:
        if one.status == "held" and one.wait_id is None:
            one.status, one.changed_at = "confirmed", now
    db.session.refresh(booking)
    pass_on({one.slot_id for one in seats if one.status == "waiting"}, now=now)
    return True


def lapse_hold(booking: Booking, now: datetime) -> bool:
    """A locked booking was not confirmed in time: its places go to who waits, it leaves its queues. Twice is as good
    as once; False where there was nothing to do.
    """
    if booking.state != "held" or booking.held_until is None or booking.held_until > now:
        return False
    standing = [one for one in own_seats(booking) if one.status in STANDING]
    queues = {one.wait_id for one in standing if one.wait_id is not None}
    free(standing, "lapsed", now)
    shrink(queues, now)
    booking.state, booking.changed_at = "lapsed", now
    pass_on({one.slot_id for one in standing}, now=now)
    return True
