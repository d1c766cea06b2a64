"""The edition that is on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, case, func, select

from nuit.db import db, snapshot, table
from nuit.models import Company, Edition, Host, Slot

_edition = table(Edition)
_ON_SHOW = select(_edition).where(_edition.c.is_current).order_by(_edition.c.opens_at.desc()).limit(1)
_last: tuple[Row[Any], Edition] | None = None


def current_edition() -> Edition | None:
    """The edition on show; None while there is none."""
    return db.session.scalar(select(Edition).where(Edition.is_current).order_by(Edition.opens_at.desc()).limit(1))


def edition_on_show() -> Edition | None:
    """The same, to be read only: of no session, one object a process for as long as its row says the same."""
    global _last
    row, kept = snapshot().execute(_ON_SHOW).first(), _last
    if row is None:
        return None
    if kept is None or kept[0] != row:
        kept = _last = row, Edition(**row._mapping)
    return kept[1]


def revision_of(edition_id: int) -> int | None:
    """The edition's revision as it is now."""
    return db.session.scalar(select(Edition.revision).where(Edition.id == edition_id))


def editions() -> list[Edition]:
    """All editions, the latest first."""
    return list(db.session.scalars(select(Edition).order_by(Edition.opens_at.desc())))


def places_of(edition_id: int) -> tuple[int, int]:
    """(places on sale, places left) over all open slots of published hosts."""
    row = db.session.execute(
        select(func.coalesce(func.sum(Slot.capacity), 0), func.coalesce(func.sum(Slot.capacity - Slot.taken), 0))
        .join(Host, Host.id == Slot.host_id)
        .where(Slot.edition_id == edition_id, Slot.status == "open", Host.state == "published")
    ).one()
    return int(row[0]), int(row[1])


@dataclass(frozen=True)
class Pulse:
    """What moves between two looks at the programme; `left` counts open departures to come, `where` tells a place that
    moved from one slot to another."""

    slots: int
    capacity: int
    taken: int
    left: int
    changes: int
    where: int


def pulse(edition_id: int, now: datetime) -> Pulse:
    """The live counts over all slots of published hosts: one statement."""
    to_come = and_(Slot.status == "open", Slot.starts_at > now)
    open_capacity = case((Slot.status == "open", Slot.capacity), else_=0)
    figures = (
        func.count(),
        func.sum(open_capacity),
        func.sum(Slot.taken),
        func.sum(case((to_come, Slot.capacity - Slot.taken), else_=0)),
        func.sum(Slot.version),
        func.sum(Slot.taken * (Slot.id % 65_521)),
    )
    row = db.session.execute(
        select(*figures)
        .select_from(Slot)
        .join(Host, Host.id == Slot.host_id)
        .where(Slot.edition_id == edition_id, Host.state == "published")
    ).one()
    return Pulse(*(int(figure or 0) for figure in row))


def programme_is_empty() -> bool:
    """Whether nothing has been written yet: no edition, no company."""
    return (
        db.session.scalar(select(Edition.id).limit(1)) is None
        and db.session.scalar(select(Company.id).limit(1)) is None
    )


def edition_by_id(edition_id: int) -> Edition | None:
    """An edition, on show or not."""
    return db.session.get(Edition, edition_id)


def edition_by_slug(slug: str) -> Edition | None:
    """An edition by its slug, on show or not."""
    return db.session.scalar(select(Edition).where(Edition.slug == slug))
