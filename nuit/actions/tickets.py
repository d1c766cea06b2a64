"""Sending an address its tickets again."""

from datetime import datetime, timedelta

from sqlalchemy import select

from nuit.db import db, transaction
from nuit.keys import fingerprint
from nuit.ledger.outbox import promise
from nuit.ledger.turn import take_turn
from nuit.models import Edition, Message
from nuit.queries.booking import references_of

AT_MOST_EVERY = timedelta(hours=1)


def ask_for_tickets(edition: Edition, email: str, *, locale: str, now: datetime) -> Message | None:
    """Promises a mail with the links of all standing bookings of an address, at most one an hour.

    None where there are none, or where one has just been promised: whoever asks gets the same answer anyway.
    """
    with transaction():
        take_turn(f"email:{edition.id}:{email}")
        references = references_of(edition.id, email)
        lately = select(Message.id).where(
            Message.kind == "resend", Message.to == email, Message.due_at > now - AT_MOST_EVERY
        )
        if not references or db.session.scalar(lately) is not None:
            return None
        key = f"resend:{fingerprint(email)[:16]}:{now:%Y%m%dT%H%M%S%f}"
        return promise("resend", key=key, to=email, locale=locale, due_at=now, references=references)
