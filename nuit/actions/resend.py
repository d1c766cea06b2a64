"""Sending a party's confirmation once more."""

from datetime import datetime

from sqlalchemy import func, select

from nuit.db import db, transaction
from nuit.errors import MailOnItsWay
from nuit.ledger.outbox import promise
from nuit.ledger.places import lock_booking
from nuit.ledger.trail import note
from nuit.models import Message

KIND = "confirmation"


def send_again(reference: str, *, now: datetime, by: int | None) -> Message | None:
    """Promises the confirmation anew, as the evening is now; None for an unknown booking. Raises MailOnItsWay."""
    with transaction():
        booking = lock_booking(reference)
        if booking is None:
            return None
        mine = select(func.count()).where(Message.booking_id == booking.id, Message.kind == KIND)
        if db.session.scalar(mine.where(Message.state == "due")):
            raise MailOnItsWay()
        number = (db.session.scalar(mine) or 0) + 1
        message = promise(KIND, key=f"{KIND}:{reference}:{number}", to=booking.email, locale=booking.locale,
                          due_at=now, booking_id=booking.id)  # fmt: skip
        note("send_again", "booking", booking.id, member_id=by, now=now)
    return message
