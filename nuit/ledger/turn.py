"""Waiting one's turn: what two requests at once must not both decide."""

import hashlib

from sqlalchemy import func, select

from nuit.db import db


def take_turn(name: str) -> None:
    """Holds the turn of that name until the commit; who comes second waits and then sees what the first has written.

    Turns come before any row lock, and always in the same order. On SQLite the writers' queue has done it already.
    """
    if db.engine.dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
        db.session.execute(select(func.pg_advisory_xact_lock(number)))
