"""Confirming the address of a booking: by the link in a mail, which can be sent again or to another address."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from nuit.db import db, transaction
from nuit.errors import HoldOver, TooOften
from nuit.ledger.hold import KIND, ask_to_confirm, lapse_hold, overdue, settle_hold
from nuit.ledger.outbox import promise
from nuit.ledger.places import lock_booking
from nuit.ledger.quota import one_more_booking
from nuit.ledger.turn import take_turn
from nuit.models import Booking, Edition, Message

MOST_MAILS = 4
"""Mails that one booking, or one address in an hour, is asked to confirm by."""


def confirm(reference: str, *, now: datetime) -> Booking | None:
    """The booking stands: its places are its own, and the mail with its codes is promised. Twice is as good as once.

    The caller knows that whoever asks has read the address's mail. None for an unknown booking. Raises HoldOver.
    """
    with transaction():
        booking = lock_booking(reference)
        if booking is None or booking.state == "confirmed":
            return booking
        if not settle_hold(booking, now):
            raise HoldOver()
        promise("confirmation", key=f"confirmation:{booking.reference}", to=booking.email, locale=booking.locale,
                due_at=now, booking_id=booking.id)  # fmt: skip
    return booking


def ask_again(edition: Edition, reference: str, *, email: str, now: datetime) -> Message | None:
    """Promises the mail once more, to this address from now on; links of earlier mails to another one end. The hold
    does not become longer.

    None for an unknown booking, or one that is confirmed already. Raises HoldOver, TooOften or TooMany.
    """
    with transaction():
        take_turn(f"email:{edition.id}:{email}")
        booking = lock_booking(reference)
        if booking is None or booking.state == "confirmed":
            return None
        if booking.state != "held" or booking.held_until is None or booking.held_until <= now:
            raise HoldOver()
        if booking.email != email:
            one_more_booking(edition, email, now)
        _within_reason(booking, email, now)
        booking.email, booking.changed_at = email, now
        return ask_to_confirm(booking, now)


def _within_reason(booking: Booking, email: str, now: datetime) -> None:
    """Nobody's address is filled with mails that it has not asked for."""
    mails = select(func.count()).select_from(Message).where(Message.kind == KIND)
    mine = db.session.scalar(mails.where(Message.booking_id == booking.id)) or 0
    lately = db.session.scalar(mails.where(Message.to == email, Message.due_at > now - timedelta(hours=1))) or 0
    if max(mine, lately) >= MOST_MAILS:
        raise TooOften()


def lapse_holds(now: datetime) -> int:
    """Settles all bookings that were not confirmed in time, one transaction each; returns how many. Safe to run twice."""
    late = overdue(now)
    db.session.rollback()
    return sum(_lapse(reference, now) for reference in late)


def _lapse(reference: str, now: datetime) -> bool:
    with transaction():
        booking = lock_booking(reference)
        return booking is not None and lapse_hold(booking, now)
