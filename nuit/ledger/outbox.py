"""Promising a mail: a row in the same transaction as what it tells, so mail down never touches a booking."""

from datetime import datetime
from typing import Any

from nuit.db import db
from nuit.models import Message


def promise(
    kind: str, *, key: str, to: str, locale: str, due_at: datetime, booking_id: int | None = None, **payload: Any
) -> Message:
    """Adds a message to the outbox; `key` names the promise, and a second one of the same key violates it."""
    message = Message(
        kind=kind, key=key, to=to, locale=locale, due_at=due_at, booking_id=booking_id, payload=payload, state="due"
    )
    db.session.add(message)
    return message
