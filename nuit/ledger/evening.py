"""A party's own evening under its lock: its seats, giving some of them up, what has changed for it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select

from nuit.clock import local
from nuit.db import db
from nuit.errors import SlotStarted
from nuit.ledger.outbox import promise
from nuit.ledger.places import free, lock_slots
from nuit.ledger.queue import pass_on, shrink
from nuit.models import Booking, Seat, Slot

STANDING = ("waiting", "held", "confirmed")


def own_seats(booking: Booking, *, also: Collection[int] = ()) -> list[Seat]:
    """All seats of a locked booking, whatever became of them.

    Where it waits anywhere, its slots (and those in `also`) are locked first: a queue moves by other hands too.
    """
    seats = _seats(booking)
    if also or any(one.wait_id is not None and one.status in STANDING for one in seats):
        lock_slots({one.slot_id for one in seats if one.status in STANDING} | set(also))
        seats = _seats(booking)
    return seats


def _seats(booking: Booking) -> list[Seat]:
    return list(
        db.session.scalars(
            select(Seat)
            .where(Seat.booking_id == booking.id)
            .order_by(Seat.id)
            .execution_options(populate_existing=True)
        )
    )


def is_ahead(seat: Seat, now: datetime) -> bool:
    """Whether a place can still be given back: the visit has not begun and nobody has come in on it."""
    return seat.slot.starts_at > now and seat.entered_at is None


def give_up(booking: Booking, seats: Sequence[Seat], now: datetime, *, is_over: bool = False) -> None:
    """Gives standing seats back, waited for or had; their places go to who waits. An evening without any is over.

    `is_over`: it is over whatever stands, as visits that have begun do. Raises SlotStarted where one of them cannot be given back any more.
    """
    standing = [one for one in seats if one.status in STANDING]
    begun = next((one.slot for one in standing if one.wait_id is None and not is_ahead(one, now)), None)
    if begun is not None:
        raise SlotStarted(slots=(begun.id,), **said(begun))
    if not standing and not is_over:
        return
    had = any(one.is_coming for one in standing) or not standing
    queues = {one.wait_id for one in standing if one.wait_id is not None}
    free(standing, "given_back", now)
    shrink(queues, now)
    changed(booking, now, had=had, is_over=is_over)
    pass_on({one.slot_id for one in standing}, now=now)


def changed(booking: Booking, now: datetime, *, had: bool = True, is_over: bool = False) -> None:
    """Notes that a party's evening has changed; one that has neither place nor wait left is given back.

    `had`: it concerns places the party had; otherwise its calendar stays as it is and no mail is due.
    """
    db.session.flush()
    booking.changed_at = now
    if had:
        booking.sequence += 1
    if not is_over and any(one.status in STANDING for one in _seats(booking)):
        return
    booking.state = "given_back"
    if had and booking.held_until is None:
        promise("given_back", key=f"given_back:{booking.reference}:{booking.sequence}", to=booking.email, locale=booking.locale,
                due_at=now, booking_id=booking.id)  # fmt: skip


def said(slot: Slot) -> dict[str, str]:
    """How a refusal names a departure."""
    return {"company": slot.visit.host.company.name, "hour": local(slot.starts_at).strftime("%H:%M")}
