"""What was promised by mail, and what became of it."""

from sqlalchemy import select

from nuit.db import db
from nuit.models import Message


def last_message(booking_id: int) -> Message | None:
    """The latest mail that was promised to a booking's address."""
    return db.session.scalar(
        select(Message).where(Message.booking_id == booking_id).order_by(Message.id.desc()).limit(1)
    )
