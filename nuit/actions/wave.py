"""The second wave: at its instant the places that were held back go to who waits, then on sale."""

from datetime import datetime

from sqlalchemy import select

from nuit.db import db, transaction
from nuit.ledger.places import open_second_wave
from nuit.ledger.queue import pass_on
from nuit.ledger.trail import revise
from nuit.models import Edition, Slot


def open_due(now: datetime) -> int:
    """Opens every second wave whose instant has come; returns how many slots have more places. Safe to run twice."""
    held = select(Slot.id).where(Slot.edition_id == Edition.id, Slot.later > 0).correlate(Edition)
    due = list(db.session.scalars(select(Edition.id).where(Edition.second_wave_at <= now, held.exists())))
    db.session.rollback()
    opened = 0
    for edition_id in due:
        with transaction():
            slots = open_second_wave(edition_id)
            pass_on(slots, now=now)
            revise(edition_id)
        opened += len(slots)
    return opened
