"""Promising a mail: a row in the same transaction as what it tells, so mail down never touches a booking."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert

from nuit.db import db, table, written
from nuit.models import Message

_WRITE = insert(table(Message)).returning(table(Message).c.id)


def promise(
    kind: str, *, key: str, to: str, locale: str, due_at: datetime, booking_id: int | None = None, **payload: Any
) -> Message:
    """Writes a message into the outbox; `key` names the promise, and a second one of the same key violates it."""
    row: dict[str, Any] = {"kind": kind, "key": key, "to": to, "locale": locale, "due_at": due_at,
                           "booking_id": booking_id, "payload": payload}  # fmt: skip
    number = db.session.connection().execute(_WRITE, row).scalar_one()
    return written(Message(id=number, **row))
