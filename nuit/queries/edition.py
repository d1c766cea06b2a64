"""The edition that is on."""

from sqlalchemy import func, select

from nuit.db import db
from nuit.models import Company, Edition, Host, Slot


def current_edition() -> Edition | None:
    """The edition on show; None while there is none."""
    return db.session.scalar(select(Edition).where(Edition.is_current).order_by(Edition.opens_at.desc()).limit(1))


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


def programme_is_empty() -> bool:
    """Whether nothing has been written yet: no edition, no company."""
    return (
        db.session.scalar(select(Edition.id).limit(1)) is None
        and db.session.scalar(select(Company.id).limit(1)) is None
    )
