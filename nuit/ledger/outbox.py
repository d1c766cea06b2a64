"""Promising a mail: a row in the same transaction as what it tells, so mail down never touches a booking."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.dialects import postgresql, sqlite

from nuit.db import connection, db, table, written
from nuit.models import Message

_WRITE = insert(table(Message)).returning(table(Message).c.id)

AT_ONCE = 100
"""Rows a statement; a row has ten values."""


def promise(
    kind: str, *, key: str, to: str, locale: str, due_at: datetime, booking_id: int | None = None, **payload: Any
) -> Message:
    """Writes a message into the outbox; `key` names the promise, and a second one of the same key violates it."""
    row: dict[str, Any] = {"kind": kind, "key": key, "to": to, "locale": locale, "due_at": due_at,
                           "booking_id": booking_id, "payload": payload}  # fmt: skip
    number = connection().execute(_WRITE, row).scalar_one()
    return written(Message(id=number, **row))


def promise_once(rows: Sequence[dict[str, Any]]) -> int:
    """Adds the messages whose key nobody has promised yet; returns how many. Rows: key, kind, to, locale, due_at,
    booking_id, payload.

    Several workers may try at once: each promise is written by one of them.
    """
    if not rows:
        return 0
    upsert = sqlite.insert if db.engine.dialect.name == "sqlite" else postgresql.insert
    made = 0
    for start in range(0, len(rows), AT_ONCE):
        values = [{"state": "due", "attempts": 0, "error": "", **row} for row in rows[start : start + AT_ONCE]]
        fresh = upsert(Message).values(values).on_conflict_do_nothing(index_elements=["key"]).returning(Message.id)
        made += len(db.session.scalars(fresh).all())
    return made
