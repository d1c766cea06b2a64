"""Companies as the public sees them."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from nuit.db import db
from nuit.models import Company, Host, Slot, Visit


def published_hosts(edition_id: int) -> list[Host]:
    """The hosts on show, by name, with company, trades and practices: four statements, however many there are."""
    return list(
        db.session.scalars(
            select(Host)
            .join(Host.company)
            .where(Host.edition_id == edition_id, Host.state == "published")
            .options(
                selectinload(Host.company).selectinload(Company.trades),
                selectinload(Host.company).selectinload(Company.practices),
            )
            .order_by(func.lower(Company.name), Host.id)
        )
    )


def published_host(edition_id: int, slug: str) -> Host | None:
    """One host on show, by its company's slug."""
    return db.session.scalar(
        select(Host)
        .join(Host.company)
        .where(Host.edition_id == edition_id, Host.state == "published", Company.slug == slug)
        .options(
            selectinload(Host.company).selectinload(Company.trades),
            selectinload(Host.company).selectinload(Company.practices),
        )
    )


def visits_of(host_id: int) -> list[Visit]:
    """A host's visits with their slots, in order."""
    return list(
        db.session.scalars(
            select(Visit)
            .where(Visit.host_id == host_id)
            .options(selectinload(Visit.slots))
            .order_by(Visit.position, Visit.id)
        )
    )


def visits_by_host(edition_id: int) -> dict[int, list[Visit]]:
    """All visits of published hosts (without slots), by host id: one statement."""
    found: dict[int, list[Visit]] = {}
    for visit in db.session.scalars(
        select(Visit)
        .join(Host, Host.id == Visit.host_id)
        .where(Host.edition_id == edition_id, Host.state == "published")
        .order_by(Visit.position, Visit.id)
    ):
        found.setdefault(visit.host_id, []).append(visit)
    return found


def next_free_by_host(edition_id: int, now: datetime, seats: int = 1) -> dict[int, Slot]:
    """The first slot of each host that still has `seats` places: one statement."""
    found: dict[int, Slot] = {}
    for slot in db.session.scalars(
        select(Slot)
        .where(
            Slot.edition_id == edition_id,
            Slot.status == "open",
            Slot.capacity - Slot.taken >= seats,
            Slot.starts_at > now,
        )
        .order_by(Slot.starts_at, Slot.id)
    ):
        found.setdefault(slot.host_id, slot)
    return found


def host_by_slug(edition_id: int, slug: str) -> Host | None:
    """A company's host in this edition, whatever its state."""
    return db.session.scalar(select(Host).join(Host.company).where(Host.edition_id == edition_id, Company.slug == slug))


def company_by_slug(slug: str) -> Company | None:
    """A company, whatever the edition."""
    return db.session.scalar(select(Company).where(Company.slug == slug))
