"""Counting how often something was asked: one upsert a hit, the same on both databases and in every process."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from nuit.db import db
from nuit.models import Quota


def hit(key: str, *, every: timedelta, now: datetime) -> int:
    """Counts one hit of `key` in the window of length `every` that holds `now`; returns the hits so far."""
    window = datetime.fromtimestamp(now.timestamp() // every.total_seconds() * every.total_seconds(), UTC)
    insert = sqlite.insert if db.engine.dialect.name == "sqlite" else postgresql.insert
    row = insert(Quota).values(key=key, window_at=window, hits=1)
    hits = db.session.scalar(
        row.on_conflict_do_update(index_elements=["key", "window_at"], set_={"hits": Quota.hits + 1}).returning(
            Quota.hits
        )
    )
    if hits == 1:
        db.session.execute(delete(Quota).where(Quota.window_at < now - timedelta(days=1)))
    return int(hits or 0)
