"""Noting who changed what, and raising the programme's revision so that cached pages are drawn anew."""

from datetime import datetime
from typing import Any

from sqlalchemy import update

from nuit.db import db
from nuit.models import AuditLine, Edition


def note(verb: str, noun: str, noun_id: int, *, member_id: int | None, now: datetime, **change: Any) -> None:
    """One line of the trail; `change` holds what changed, never an address or a token."""
    db.session.add(AuditLine(at=now, member_id=member_id, verb=verb, noun=noun, noun_id=noun_id, change=change))


def revise(edition_id: int) -> None:
    """The programme of this edition has changed: whoever cached it draws it anew."""
    db.session.execute(
        update(Edition)
        .where(Edition.id == edition_id)
        .values(revision=Edition.revision + 1)
        .execution_options(synchronize_session=False)
    )
