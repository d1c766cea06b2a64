"""Counting how often something was asked: one upsert a hit, the same on both databases and in every process."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from nuit.db import db
from nuit.models import Quota


def hit(key: str, *, every: timedelta, now: datetime, count: int = 1) -> int:
    """Counts hits of `key` in the window of length `every` that holds `now`; returns the hits so far."""
    window = _window(every, now)
    insert = sqlite.insert if db.engine.dialect.name == "sqlite" else postgresql.insert
    row = insert(Quota).values(key=key, window_at=window, hits=count)
    found = db.session.scalar(
        row.on_conflict_do_update(index_elements=["key", "window_at"], set_={"hits": Quota.hits + count}).returning(
            Quota.hits
        )
    )
    if found == count:
        db.session.execute(delete(Quota).where(Quota.window_at < now - timedelta(days=1)))
    return int(found or 0)


def hits(key: str, *, every: timedelta, now: datetime) -> int:
    """The hits of `key` so far in the window that holds `now`; one statement."""
    return db.session.scalar(select(Quota.hits).where(Quota.key == key, Quota.window_at == _window(every, now))) or 0


def _window(every: timedelta, now: datetime) -> datetime:
    return datetime.fromtimestamp(now.timestamp() // every.total_seconds() * every.total_seconds(), UTC)
