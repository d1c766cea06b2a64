"""Sending a party's confirmation once more, or the link that it has not confirmed its address by."""

from datetime import datetime

from sqlalchemy import func, select

from nuit.db import db, transaction
from nuit.errors import HoldOver, MailOnItsWay
from nuit.ledger.hold import KIND as ASKING
from nuit.ledger.hold import ask_to_confirm
from nuit.ledger.outbox import promise
from nuit.ledger.places import lock_booking
from nuit.ledger.trail import note
from nuit.models import Message

KIND = "confirmation"


def send_again(reference: str, *, now: datetime, by: int | None) -> Message | None:
    """Promises the confirmation anew, as the evening is now; None for an unknown booking. Raises MailOnItsWay, HoldOver."""
    with transaction():
        booking = lock_booking(reference)
        if booking is None:
            return None
        mine = select(func.count()).where(Message.booking_id == booking.id, Message.kind.in_((KIND, ASKING)))
        if db.session.scalar(mine.where(Message.state == "due")):
            raise MailOnItsWay()
        if booking.held_until is not None and (booking.state != "held" or booking.held_until <= now):
            raise HoldOver()
        if booking.state == "held":
            message = ask_to_confirm(booking, now)
        else:
            number = (db.session.scalar(mine) or 0) + 1
            message = promise(KIND, key=f"{KIND}:{reference}:again:{number}", to=booking.email, locale=booking.locale,
                              due_at=now, booking_id=booking.id)  # fmt: skip
        note("send_again", "booking", booking.id, member_id=by, now=now)
    return message
